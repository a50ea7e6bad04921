"""Run folders: the only truth about what was trained, and what the pages read.

    models/<run>/
        config.json         what was asked for (settings.RunConfig)
        status.json         queued, running, finished, stopped or failed, and when
        run.lock            held by the process that trains; the system frees it when that dies
        progress.json       where the training is, rewritten about twice a second
        request             "stop" or "finish", written by whoever wants that
        environment.json    versions, processor, precision, seed
        network.json        the layers and their parameters
        history.csv         one row an epoch, epochs from 0
        steps.csv           loss and accuracy within the epochs, for the live curves
        drawings.json       fingerprints of the parts: a resume must find the same drawings
        best.keras          the weights of the best epoch, by validation loss
        network.tflite      the same, and its gradients, for answers without TensorFlow
        fitted              there once no further epoch is to come
        backup/             what a resume needs: weights, optimizer and history in one file
        train.log           what the training said
        test_labels.npy, test_rows.npy, test_probabilities.npy, test_embeddings.npy
        val_labels.npy, val_probabilities.npy
        metrics.json, ranges.json, per_category.csv, confusion.csv
        unmeasured.json     what could not be measured, and why; only where there is such
        suspects.csv        test drawings whose given label looks wrong
        notes.json          a person's notes, tags and "hidden"
        scored/<key>/       what a classifier says of other drawings (`scoring`)

The run of an imported network has, in place of what a training leaves:
        network.tflite      the network
        input.json          what goes into it, as was declared (`inference.imported`)

The run of a VAE has, in place of best.keras and of the classifier's arrays and tables:
        encoder.keras, decoder.keras, encoder.tflite, decoder.tflite
        snapshots/          a fixed set of drawings after each epoch: NNNN.npz
        metrics.json, dimensions.csv, directions.npz, categories.npz
        latent_test.npz, latent_practice.npz, latent_samples.npz, reconstructions_test.npz

Each file's writer stands beside its one checked reader: the JSON files' in `facts`, the tables' in
`tables`, a classifier's arrays' in `scored`, those of a VAE in `latents`. A reader returns what can
be shown and computed with, or raises a ValueError of one sentence; a writer refuses what its reader
would refuse.
"""

from doodle_core.runs.changes import annotate, delete, request, requeue, take_request
from doodle_core.runs.facts import (
    STATES,
    Layer,
    read_environment,
    read_fingerprints,
    read_layers,
    read_ranges,
    set_state,
    write_environment,
    write_fingerprints,
    write_layers,
    write_metrics,
    write_progress,
    write_ranges,
)
from doodle_core.runs.folders import (
    LIVE,
    create,
    folder,
    free_name,
    is_fitted,
    is_held,
    lock,
    log_tail,
    set_fitted,
)
from doodle_core.runs.rows import flat_settings, summary
from doodle_core.runs.run import Run, all_runs, ancestors, finished, load, practice_note
from doodle_core.runs.scored import (
    Results,
    results,
    suspects,
    test_part,
    validation,
    write_results,
    write_suspects,
    write_tables,
    write_test_part,
)
from doodle_core.runs.scoring import Scoring, load_scoring, scored_pixels, scorings
from doodle_core.runs.shipping import shipped
from doodle_core.runs.tables import (
    HISTORY,
    VAE_HISTORY,
    append_epoch,
    append_step,
    best_epoch,
    diverged_at,
    diverged_words,
    forget_from,
    history,
    history_text,
    steps,
    with_epoch,
    write_history,
)
from doodle_core.runs.unmeasured import read_unmeasured, unmeasured_words, write_unmeasured
