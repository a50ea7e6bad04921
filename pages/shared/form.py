"""The form of a training's settings: every field of RunConfig and TransferConfig, from a preset."""

from dataclasses import dataclass, field, fields

import streamlit as st

from doodle_core.settings import (
    BATCH_NORMS,
    DEVICES,
    INITIALISERS,
    LOSSES,
    OPTIMIZERS,
    POOLINGS,
    PRECISIONS,
    PRESETS,
    PROJECTIONS,
    SCHEDULES,
    TARGETS,
    VAE_PRESETS,
    RunConfig,
    TransferConfig,
    VaeConfig,
)


@dataclass
class Setting:
    """One widget: its label, its help, and what bounds it."""

    label: str
    help: str
    options: dict = field(default_factory=dict)


def _whole(label, help, low, high, **more):
    return Setting(label, help, {"min_value": low, "max_value": high, **more})


def _real(label, help, low, high, step):
    bounds = {"min_value": float(low), "max_value": float(high), "step": step}
    return Setting(label, help, bounds | {"format": "%g"})


def _choice(label, help, options):
    return Setting(label, help, {"options": options})


MAIN = {
    "epochs": _whole("Epochs", "Passes through the training drawings.", 1, 10_000),
    "batch_size": _whole(
        "Batch size", "Drawings a step. 256 trains faster; the report had 64.", 1, 65_536
    ),
    "learning_rate": _real("Learning rate", "Of the optimizer; a schedule's top.", 1e-6, 1, 1e-4),
}
GROUPS = {
    "Network": {
        "filters": _whole("Filters", "Channels of each block of a flat network.", 1, 1024),
        "blocks": _whole(
            "Blocks",
            "Convolution and pooling, so many times, in a flat network. The report's notebook "
            "built 2, 3 and 4 and called them 1, 2 and 3.",
            1,
            4,
        ),
        "dropout": _real(
            "Dropout", "Share of units dropped at random before the dense layers.", 0, 0.95, 0.1
        ),
        "init": _choice("Initialisation", "Of the kernels: Glorot (Xavier) or He.", INITIALISERS),
        "loss": _choice(
            "Output and loss",
            "softmax with cross-entropy; or sigmoid with binary cross-entropy, the report's way in "
            "its table 1.",
            LOSSES,
        ),
        "label_smoothing": _real(
            "Label smoothing", "Share of the target spread over all categories.", 0, 0.95, 0.05
        ),
    },
    "Optimisation": {
        "optimizer": _choice("Optimizer", "Adam; the report's table 1 had RMSprop.", OPTIMIZERS),
        "schedule": _choice(
            "Schedule", "cosine: the learning rate falls from its top to nearly 0.", SCHEDULES
        ),
        "weight_decay": _real("Weight decay", "Of the kernels, decoupled; 0: none.", 0, 1, 1e-4),
        "early_stopping": _whole(
            "Early stopping",
            "Stop after so many epochs without a lower validation loss; 0: never.",
            0,
            1000,
        ),
        "plateau": _whole(
            "Plateau",
            "Divide the learning rate by 10 after so many epochs without a lower validation loss, "
            "down to 0.00001 (the report: 5); 0: never.",
            0,
            1000,
        ),
        "precision": _choice(
            "Precision",
            "auto: mixed bfloat16 where the processor has it (faster), else float32.",
            PRECISIONS,
        ),
        "devices": _choice(
            "Devices",
            "one; gpus: all of this machine. Several machines: from the command line (README).",
            DEVICES[:2],
        ),
    },
    "Drawings in training": {
        "rotation": _real(
            "Rotation", "Degrees, at most, either way, anew in each epoch.", 0, 180, 1.0
        ),
        "shift": _real("Shift", "Pixels, at most, in each direction.", 0, 14, 0.5),
        "zoom": _real("Zoom", "Share, at most, larger or smaller.", 0, 0.9, 0.05),
        "test_views": Setting(
            "Five views", "Name a drawing by the mean of the answers to five slight changes of it."
        ),
        "seed": _whole("Seed", "Of the weights and of the order.", 0, 2**31 - 1),
        "balance": Setting(
            "Balance categories", "Weigh rare categories' drawings more in the loss."
        ),
    },
}
TRANSFER = {
    "base": Setting("Base", "Any network of keras.applications.", {"max_chars": 41}),
    "weights": Setting(
        "Weights",
        "imagenet: a local file where there is one, else a download by Keras. random: none. Or a "
        ".weights.h5 file, or a folder of them.",
    ),
    "input_size": _whole(
        "Input size", "Pixels a side that drawings are enlarged to; 0: the base's usual.", 0, 600
    ),
    "pooling": _choice("Pooling", "Of the base's last feature maps.", POOLINGS),
    "fine_tune_epochs": _whole("Fine-tuning epochs", "After the frozen ones; 0: none.", 0, 10_000),
    "fine_tune_layers": _whole(
        "Layers fine-tuned", "The base's last ones, counted with those without weights.", 0, 10_000
    ),
    "fine_tune_rate": _real(
        "Fine-tuning rate", "Learning rate of the fine-tuning: low.", 1e-7, 1, 1e-5
    ),
    "batch_norm": _choice(
        "Batch norm",
        "inference: ImageNet's statistics throughout. batch: what the report's Keras did, the "
        "batch's own in training.",
        BATCH_NORMS,
    ),
    "recompile": Setting(
        "Recompile", "After unfreezing, as Keras needs it. The report did not: nothing changed."
    ),
}


VAE = {
    "Latent space": {
        "latent": _whole(
            "Latent dimensions", "2 can be looked at as a plane; the report had 14.", 1, 512
        ),
        "beta": _real("Beta", "Weight of the KL divergence (Higgins et al. 2017).", 0, 100, 0.1),
        "warm_up": _whole("Warm-up", "Epochs over which that weight rises from 0.", 0, 10_000),
        "free_bits": _real(
            "Free bits", "Nats a dimension below which its KL costs nothing.", 0, 10, 0.05
        ),
        "classifier": _real(
            "Classifier's weight",
            "Of a classifier on the latent mean, trained jointly: it separates the categories.",
            0,
            10_000,
            10.0,
        ),
        "adversarial": _real(
            "Discriminator's weight", "VAE-GAN: sharper drawings; 0: none.", 0, 10_000, 1.0
        ),
        "conditional": Setting("Conditional", "Encoder and decoder are given the category."),
        "projection": _choice(
            "Projection",
            "Of the latent space, beside PCA: umap to 3-D, or tsne to 2-D.",
            PROJECTIONS,
        ),
    },
    "Network": {
        "filters": Setting("Filters", "Channels of the two convolutions, with a comma."),
        "blocks": _whole("Residual blocks", "At 7x7, in encoder and decoder (strided).", 0, 4),
        "decoder_kernel": _whole(
            "Decoder's kernel", "Side, in pixels (the report's network).", 1, 9
        ),
        "target": _choice(
            "Target",
            "binary: drawings in black and white, as in the report. grey: pixels as they are.",
            TARGETS,
        ),
        "skip_widest": Setting(
            "Skip the widest layer", "The mistake of the report's model 2 (its network only)."
        ),
        "judge": Setting(
            "Judge", "A finished classifier that names what is drawn; empty: the best there is."
        ),
    },
    "Optimisation": {
        **{
            name: GROUPS["Optimisation"][name] for name in ("schedule", "early_stopping", "plateau")
        },
        "clipnorm": _real("Clip gradients", "Longest gradient of a weight; 0: off.", 0, 1e6, 0.5),
        "amsgrad": Setting("AMSGrad", "Adam that keeps the largest second moment (model 3)."),
        **{name: GROUPS["Optimisation"][name] for name in ("precision", "devices")},
    },
    "Drawings in training": {
        name: GROUPS["Drawings in training"][name] for name in ("rotation", "shift", "zoom", "seed")
    },
}
"""The settings of a VaeConfig; the keys are its fields."""


def describe_preset(name):
    """A preset's name and what it is."""
    return f"{name}: {(PRESETS | VAE_PRESETS)[name][0]}"


def vae_settings(preset):
    """As `settings`, of a VaeConfig."""
    begin = _defaults(VaeConfig) | VAE_PRESETS[preset][1]
    found = _main(preset, begin)
    with st.expander("More settings"):
        for title, group in VAE.items():
            st.markdown(f"**{title}**")
            found |= _group(preset, group, begin)
    return {"network": begin["network"]} | found


def settings(preset):
    """Draw the form, beginning with a preset's values. Returns the settings of a RunConfig."""
    begin = _defaults(RunConfig) | PRESETS[preset][1]
    found = _main(preset, begin)
    if begin["network"] == "transfer":
        transfer = _defaults(TransferConfig) | begin["transfer"]
        st.markdown("**Base**")
        found["transfer"] = TransferConfig(**_group(preset, TRANSFER, transfer))
    with st.expander("More settings"):
        for title, group in GROUPS.items():
            st.markdown(f"**{title}**")
            flat = begin["network"] == "report-flat"
            shown = {
                name: setting
                for name, setting in group.items()
                if flat or name not in ("filters", "blocks")
            }
            found |= _group(preset, shown, begin)
    return {"network": begin["network"]} | found


def _main(preset, begin):
    """The widgets that are always seen. Returns their values."""
    columns = st.columns(len(MAIN))
    return {
        name: _widget(column, preset, name, setting, begin[name])
        for column, (name, setting) in zip(columns, MAIN.items())
    }


def _defaults(kind):
    return {one.name: one.default for one in fields(kind)}


def _group(preset, group, begin):
    """The widgets of a group, four a row. Returns their values."""
    found = {}
    names = list(group)
    for start in range(0, len(names), 4):
        row = st.columns(4, vertical_alignment="bottom")
        for column, name in zip(row, names[start : start + 4]):
            found[name] = _widget(column, preset, name, group[name], begin[name])
    return found


def _widget(column, preset, name, setting, value):
    """The widget that fits the value's type; each preset has its own, with its own values."""
    common = {"help": setting.help, "key": f"{name} of {preset}", **setting.options}
    if isinstance(value, bool):
        return column.toggle(setting.label, value, **common)
    if "options" in setting.options:
        place = list(setting.options["options"]).index(value)
        return column.selectbox(setting.label, index=place, **common)
    if isinstance(value, tuple):
        value = ", ".join(map(str, value))
    if isinstance(value, str):
        return column.text_input(setting.label, value, **common).strip()
    return column.number_input(setting.label, value=value, **common)
