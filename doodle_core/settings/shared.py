"""Settings that the trainings of all families have."""

from typing import Annotated

from doodle_core.settings.fields import Choice, Group, Real, Whole

PRECISIONS = ("auto", "float32", "mixed_bfloat16")
SCHEDULES = ("constant", "cosine")
DEVICES = ("one", "gpus", "workers")
"""Where a training computes: one device, all GPUs of a machine, or several machines."""

Epochs = Annotated[
    int, Whole("Passes through the training drawings.", Group.MAIN, low=1, high=10_000)
]
BatchSize = Annotated[
    int,
    Whole(
        "Drawings a step. 256 trains faster; the report had 64.",
        Group.MAIN,
        low=1,
        high=65_536,
        swept="16, 64, 256",
    ),
]
LearningRate = Annotated[
    float,
    Real(
        "Of the optimizer; a schedule's top.",
        Group.MAIN,
        high=1,
        above_low=True,
        offered=(1e-6, 1),
        step=1e-4,
        swept="0.0003, 0.001, 0.003",
    ),
]
Schedule = Annotated[
    str,
    Choice(
        "cosine: the learning rate falls from its top to nearly 0.",
        Group.OPTIMISATION,
        choices=SCHEDULES,
        more="Half a cosine, after a first epoch at half the rate (Loshchilov & Hutter 2017).",
        swept="constant, plateau, cosine",
    ),
]
EarlyStopping = Annotated[
    int,
    Whole(
        "Stop after so many epochs without a lower validation loss; 0: never.",
        Group.OPTIMISATION,
        high=10_000,
        offered=(0, 1000),
    ),
]
Plateau = Annotated[
    int,
    Whole(
        "Divide the learning rate by 10 after so many epochs without a lower validation loss, "
        "down to 0.00001 (the report: 5); 0: never.",
        Group.OPTIMISATION,
        high=10_000,
        offered=(0, 1000),
        more="Section 1.1.2 of the report.",
    ),
]
Precision = Annotated[
    str,
    Choice(
        "auto: mixed bfloat16 where the processor has it (faster), else float32.",
        Group.OPTIMISATION,
        choices=PRECISIONS,
    ),
]
Devices = Annotated[
    str,
    Choice(
        "one; gpus: all of this machine. Several machines: from the command line (README).",
        Group.OPTIMISATION,
        choices=DEVICES,
        offered=DEVICES[:2],
        more="workers: several machines, which TF_CONFIG names (training/distribution.py).",
    ),
]
# There are no flips: a flipped canoe can become a moon (section 1.1).
Rotation = Annotated[
    float,
    Real(
        "Degrees, at most, either way, anew in each epoch.",
        Group.DRAWINGS,
        high=180,
        step=1.0,
        more="0: none.",
        swept="0, 6, 12",
    ),
]
Shift = Annotated[
    float,
    Real(
        "Pixels, at most, in each direction.",
        Group.DRAWINGS,
        high=14,
        step=0.5,
        more="0: none.",
        swept="0, 1, 2",
    ),
]
Zoom = Annotated[
    float,
    Real(
        "Share, at most, larger or smaller.",
        Group.DRAWINGS,
        high=0.9,
        step=0.05,
        more="0: none.",
        swept="0, 0.1, 0.2",
    ),
]
Seed = Annotated[
    int, Whole("Of the weights and of the order.", Group.DRAWINGS, high=2**31 - 1, swept="0, 1, 2")
]
