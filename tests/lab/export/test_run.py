"""A run as one HTML file: finished or not, damaged or whole."""

from hypothesis import given, settings

from doodle_core import runs
from doodle_core.lab import export
from support.apps import check_apart
from support.damaged import FILES
from support.hostile import answered, damages


def test_a_run_that_has_not_finished_has_its_settings(make_config):
    text = export.html(runs.load(runs.create(make_config("waiting"))))
    assert "it has no test figures yet" in text and "batch_size" in text


def test_it_needs_no_tensorflow(finished_run, finished_vae):
    finished_run("one")
    finished_vae("two")
    check_apart(
        "from doodle_core import runs; from doodle_core.lab import export",
        "assert all(len(export.html(run)) > 4e6 for run in runs.all_runs())",
    )


@settings(max_examples=8)
@given(FILES, damages())
def test_a_damaged_run_is_saved_as_html_or_refused(spoil, name, damage):
    for run in spoil(name, damage):
        text = answered(export.html, run)
        assert text is None or "<script>window.broken" not in text
