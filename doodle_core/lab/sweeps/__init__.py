"""Sweeps: one network trained for each of many settings, compared on the validation part.

A sweep is an Optuna study. What it is to do (`Sweep`) is stored with it, so that a worker needs
nothing but the storage's address:

    python -m doodle_core sweep --preset batch-size --name batches --source practice
    python -m doodle_core sweep-worker                    # as many as you like, on any host

The worker itself is `sweep_worker`. The storage is the file `models/sweeps.db`, or PostgreSQL for several machines, by `--storage` or
the environment variable DOODLE_STORAGE (better: a command line can be read by others).

No trial is lost, and none is counted twice. A sweep of N trials has N slots; a slot is worked on
by one Optuna trial at a time. A worker that dies stops its heartbeat; whoever looks next marks its
trial as failed and puts the slot back with the same values (`take_up`). Two who do so at once put
it back twice: of a slot's trials only the one with the lowest number is trained.

The test part scores nothing here: it is read only to keep its drawings out of the other parts.
"""

from doodle_core.lab.sweeps.figures import importance, over_seeds
from doodle_core.lab.sweeps.local import LOCK, STARTING, has_worker, start_worker
from doodle_core.lab.sweeps.storage import (
    FILE,
    GLANCE,
    HEARTBEAT,
    SHIPPED,
    StorageError,
    address,
    answering,
    heartbeat,
    is_file,
    is_read_only,
    is_there,
    label,
    open_storage,
)
from doodle_core.lab.sweeps.trials import (
    DEATHS,
    SILENT,
    best,
    create,
    delete,
    is_done,
    is_paused,
    load,
    names,
    pause,
    retry_failed,
    rows,
    slots,
    state,
    take_up,
    tally,
)
from doodle_core.lab.sweeps.words import of_the_report, said_of, seeds_of, top1
from doodle_core.settings.sweep import (
    MOST,
    OBJECTIVES,
    PRESETS,
    PRUNERS,
    SAMPLERS,
    SCHEDULES,
    Dimension,
    Preset,
    Sweep,
    from_preset,
    plain,
    shown,
    swept,
    words,
)
