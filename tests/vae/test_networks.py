"""Encoders and decoders: the report's, layer by layer, and ours."""

import keras
import pytest

from doodle_core.evaluation.given import decoder_layers
from doodle_core.settings import VAE_PRESETS, VaeConfig
from doodle_core.vae.model import build_vae

CLASSES = 3


def test_the_reports_models_have_its_layers():
    """Counted by hand from section 2.4: two 5x5 convolutions with norms, 20 units, two heads."""
    model = build_vae(VaeConfig("v", **VAE_PRESETS["report-vae-1"].settings), 7)
    assert model.encoder.count_params() == (208 + 32) + (3216 + 64) + (250_900 + 80) + 2 * 294
    assert model.decoder.count_params() == 188_160 + 50_176 + 6_416 + 3_208 + 201
    plane = build_vae(VaeConfig("v", **VAE_PRESETS["report-vae-3"].settings), 7)
    assert plane.decoder.input_shape == (None, 2)
    assert plane.decoder.get_layer("transposed1").kernel_size == (3, 3)


def test_model_2_skips_its_widest_layer_and_the_mended_one_does_not():
    as_reported, mended = (
        build_vae(VaeConfig("v", **VAE_PRESETS[name].settings), 7).decoder.count_params()
        for name in ("report-vae-2", "report-vae-2-mended")
    )
    rows = decoder_layers()
    assert as_reported == sum(row["parameters"] for row in rows if row["used"])
    assert mended == sum(row["parameters"] for row in rows)


@pytest.mark.parametrize("preset", VAE_PRESETS)
def test_a_presets_parts_fit_and_load_without_this_program(preset, tmp_path):
    settings = VAE_PRESETS[preset].settings | {"filters": (2, 4)}
    config = VaeConfig("v", **settings)
    model = build_vae(config, CLASSES)
    for name in ("encoder", "decoder"):
        part = getattr(model, name)
        part.save(tmp_path / f"{name}.keras")
        again = keras.models.load_model(tmp_path / f"{name}.keras", compile=False, safe_mode=True)
        assert {type(layer).__module__.split(".")[0] for layer in again.layers} == {"keras"}
        assert [one.shape for one in again.inputs] == [one.shape for one in part.inputs]
