"""An autoencoder's report as one HTML file."""

from doodle_core.lab.export.pieces import SHOWN
from support.export import body, figures


def test_an_autoencoders_report_has_measures_samples_and_reconstructions(finished_vae):
    text = body(finished_vae("one"))
    for words in (
        "130.0 nats a drawing",
        "reconstruction 110.0 + KL 20.0",
        "Linear probe",
        "85.0 to 94.0",
        "68.5",
        "learned from none",
        "Samples",
        "Reconstructions",
    ):
        assert words in text
    assert text.count("data:image/png;base64,") == SHOWN + SHOWN // 2
    assert len(figures(text)) == 6 and "practice data" not in text.lower()


def test_practice_drawings_that_stand_in_are_marked(finished_vae):
    path = finished_vae("one")
    (path / "reconstructions_test.npz").unlink()
    assert "Practice data: drawings made by this program" in body(path)
