"""What a sweep's trials say together: means over seeds, and which settings count."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import optuna

from doodle_core import evaluation
from doodle_core.settings.sweep import OBJECTIVES, Sweep

ENOUGH = 30  # finished trials from which what is not a grid tells what counts


def over_seeds(table: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row for each combination of values, whatever its seeds: their mean where there are several.

    Args:
        table: rows as of `rows`.

    Returns:
        As `rows`, and `seeds`: how many of them have figures; `ranges`: {metric: (least, greatest)}
        over them. `values` lacks the seed, unless that alone was varied. `val_loss` and
        `val_accuracy` are means; `low` and `high` Wilson's interval at the mean: more seeds do not
        make the validation part larger. What is told of one trial is the first one's, but `state`,
        which is "done" only where all are.
    """
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in table:
        key = tuple(item for item in row["values"].items() if item[0] != "seed")
        found.setdefault(key or tuple(row["values"].items()), []).append(row)
    return [_mean(dict(key), mine) for key, mine in found.items()]


def _mean(values: dict[str, Any], mine: Sequence[dict[str, Any]]) -> dict[str, Any]:
    seen = [row for row in mine if row["val_accuracy"] is not None and row["val_loss"] is not None]
    first = next((row for row in mine if row["state"] != "done"), mine[0])
    merged = (seen or mine)[0] | {"values": values, "state": first["state"], "seeds": len(seen)}
    merged["ranges"] = {}
    if not seen:
        return merged
    for metric in OBJECTIVES:
        figures = [row[metric] for row in seen]
        merged[metric] = float(np.mean(figures))
        merged["ranges"][metric] = (min(figures), max(figures))
    if len(seen) > 1 and merged["n"]:
        share = evaluation.Share.at(merged["val_accuracy"], merged["n"])
        merged["low"], merged["high"] = share.low, share.high
    return merged


def importance(
    study: optuna.Study, sweep: Sweep, table: Sequence[dict[str, Any]]
) -> dict[str, float]:
    """How much of the trials' differences each setting explains, the most important first.

    Of a grid by its sums of squares (`evaluation.explained`). Of other searches by PED-ANOVA
    (Watanabe et al. 2023), from ENOUGH trials on: it compares the best tenth with the rest, which of
    ten trials is one.

    Returns:
        {setting, or "together" and "seeds": share}, adding up to 1.

    Raises:
        ValueError: why that cannot be told.
    """
    done = [row for row in table if row["state"] == "done" and row[sweep.objective] is not None]
    figures = [row[sweep.objective] for row in done]
    if sweep.sampler == "grid" and len(done) == len(table):
        found = evaluation.explained([row["values"] for row in done], figures)
    elif len(done) < ENOUGH:
        raise ValueError(
            f"Which settings count is told of a grid tried to its end, or from {ENOUGH} finished "
            f"trials on; here {len(done)} are."
        )
    elif max(figures) == min(figures):
        raise ValueError("All trials came to the same figure: no setting counts.")
    else:
        try:
            evaluator = optuna.importance.PedAnovaImportanceEvaluator()
            found = dict(optuna.importance.get_param_importances(study, evaluator=evaluator))
        except (ValueError, RuntimeError) as error:
            raise ValueError(f"Which settings count cannot be computed: {error}") from None
    return dict(sorted(found.items(), key=lambda item: -item[1]))
