"""One run as one HTML file that needs nothing else: `python -m doodle_core export NAME`.

Plotly's script, the figures and the drawings are all inside, and the file's content security policy
lets nothing in from elsewhere: scripts run by their hash alone. Names and notes are escaped; figures
are data. It is light or dark as the reader's system, and prints on white paper. No TensorFlow.
"""

import time
from html import escape

from doodle_core import runs
from doodle_core.lab.export.page import page, pair, section, sentence, table
from doodle_core.lab.export.pieces import curves, settings
from doodle_core.runs import Run


def html(run: Run) -> str:
    """A run's report.

    Args:
        run: `runs.Run`. One that has not finished gets its curves and settings.

    Returns:
        str, a whole HTML document of about 5 MB, most of it Plotly's script.

    Raises:
        ValueError: the run is damaged.
        OSError: a file cannot be read.
    """
    if run.config is None:
        raise ValueError(run.error)
    if run.state != "finished":
        parts = [sentence(f"This run is {run.state}: it has no test figures yet."), *curves(run)]
    else:
        parts = run.family.call("report", run)
    return page(run.name, [_head(run), *parts, *_asked(run)])


# --- what every run has --------------------------------------------------------------------------


def _head(run: Run) -> str:
    """Kind, data, marks and notes."""
    when = time.strftime("%d %B %Y", time.gmtime(run.status.get("time", 0)))
    badges = filter(None, (run.practice_kind, run.weights_note, run.diverged_note))
    marks = "".join(f' <span class="badge">{escape(badge)}</span>' for badge in badges)
    parts = [
        f"<p>{escape(f'{run.family.title}, {run.state} {when}. Drawings: {run.data_label}.')}{marks}</p>"
    ]
    if run.error:
        parts.append(sentence(run.error))
    if text := run.notes.get("notes"):
        parts.append(sentence(text))
    if tags := run.notes.get("tags"):
        parts.append(sentence("Tags: " + ", ".join(tags), "said"))
    if epoch := run.metrics.get("diverged"):
        parts.append(sentence(runs.diverged_words(epoch)))
    if run.state == "finished":
        parts += map(sentence, runs.unmeasured_words(run.path))
    return "".join(parts)


def _asked(run: Run) -> list[str]:
    """Settings, environment and layers."""
    facts, layers = runs.read_environment(run.path), runs.read_layers(run.path)
    asked = table([{"setting": name, "value": value} for name, value in settings(run).items()])
    where = table([{"what": name, "value": value} for name, value in facts.items()])
    where = where or sentence("It was not kept.", "said")
    return [
        pair(section("Settings") + asked, section("Environment") + where),
        section("Layers") if layers else "",
        table(layers),
    ]
