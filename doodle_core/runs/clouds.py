"""Points of a latent space as the page of it shows them."""

from dataclasses import dataclass

import numpy as np

from doodle_core.runs.checked import Array
from doodle_core.runs.latents import Points


@dataclass
class Cloud:
    """Drawings of a run and generated ones in one row: N points, the first `real` are drawings.

    Attributes:
        labels, said: (N,) int, the true category and the judge's; -1 where there is none.
        sure: (N,) float, the judge's top probability; NaN where there is none.
        means: (N, D) float32. projection: (N, 2 or 3) float32, or None.
    """

    real: int
    labels: Array
    said: Array
    sure: Array
    means: Array
    projection: Array | None


def cloud(found: Points, samples: Points | None = None, is_redrawn: bool = False) -> Cloud:
    """Points, and samples behind them, as a Cloud.

    Args:
        found, samples: Points; samples may be None.
        is_redrawn: judged is the reconstruction of a drawing, not the drawing itself.
    """
    judged = [_judged(found.redrawn if is_redrawn else found.probabilities, len(found))]
    if samples is not None:
        judged.append(_judged(samples.probabilities, len(samples)))
    sets = [one for one in (found, samples) if one is not None]
    layouts = [one.projection for one in sets if one.projection is not None]
    fits = len(layouts) == len(sets) and len({one.shape[1] for one in layouts}) == 1
    return Cloud(
        real=len(found),
        labels=np.concatenate([one.labels for one in sets]),
        said=np.concatenate([said for said, _ in judged]),
        sure=np.concatenate([sure for _, sure in judged]),
        means=np.concatenate([one.means for one in sets]),
        projection=np.concatenate(layouts) if fits else None,
    )


def _judged(probabilities: Array | None, n: int) -> tuple[Array, Array]:
    if probabilities is None:
        return np.full(n, -1), np.full(n, np.nan)
    return probabilities.argmax(axis=1), probabilities.max(axis=1)
