"""Arithmetic on arrays, and what its figures mean: it knows no run. No TensorFlow."""

from doodle_core.evaluation.calibration import ece, fit_temperature, reliability, scale
from doodle_core.evaluation.classification import (
    confusion_matrix,
    distribution,
    metrics,
    per_category,
    surest,
    suspects,
    top,
)
from doodle_core.evaluation.comparison import (
    choose_by_half,
    crossing,
    flattery,
    law_of_runs,
    mcnemar,
    mcnemar_by_category,
    power_law,
    spread,
)
from doodle_core.evaluation.generated import frechet, frechet_error, precision_recall
from doodle_core.evaluation.latent import (
    COMPARED,
    PROBED,
    Directions,
    dimensions,
    flat,
    knn,
    nearest,
    neighbours,
    percentile,
    points_along,
    principal,
    probe,
    project,
    silhouette,
    silhouettes,
    told_apart,
)
from doodle_core.evaluation.shares import (
    Figures,
    Share,
    interval,
    p_value,
    p_words,
    percent,
    share,
    wilson,
)
from doodle_core.evaluation.uncertainty import (
    Difference,
    apart,
    explained,
    macro_recall,
    mean_error,
    paired,
)
