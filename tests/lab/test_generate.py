"""What a page asks a VAE for: drawings of categories, from the prior or from their own regions."""

import numpy as np
import pytest

from doodle_core import runs
from doodle_core.inference.autoencoder import Generator, load_generator
from doodle_core.lab.generate import draw_asked
from doodle_core.runs import latents
from support.networks import with_weights

N = 5


@pytest.mark.parametrize("conditional", [False, True])
def test_one_drawing_of_each_that_was_asked_for(finished_vae, conditional):
    path = with_weights(finished_vae, conditional=conditional)
    generator = load_generator(path, runs.load(path).config)
    labels = np.arange(N) % 3
    points, made = draw_asked(generator, path, labels, seed=3)
    assert points.dtype == np.float32 and made.shape == (N, 28, 28)
    assert np.array_equal(made, generator.decode(points, labels))


def test_without_spread_they_are_the_middles_of_the_regions(finished_vae):
    path = with_weights(finished_vae)
    generator = load_generator(path, runs.load(path).config)
    centres, _ = latents.categories(path, 3, 4)
    points, _ = draw_asked(generator, path, [2] * N, scale=1e-6)
    assert np.allclose(points, centres[2], atol=1e-4)


@pytest.mark.parametrize("name", ["directions", "categories"])
@pytest.mark.parametrize("wrong", ["shape", "nan", "damaged", "missing"])
def test_a_wrong_geometry_is_refused(finished_vae, name, wrong):
    path = finished_vae()
    generator = Generator(None, None, runs.load(path).config)  # refused before it draws
    file = path / f"{name}.npz"
    if wrong in ("shape", "nan"):
        with np.load(file) as found:
            arrays = dict(found)
        if wrong == "shape":
            arrays = {key: array[..., :-1] for key, array in arrays.items()}
        else:
            arrays = {key: array * np.nan for key, array in arrays.items()}
        np.savez(file, **arrays)
    elif wrong == "damaged":
        file.write_bytes(b"PK\x03\x04")
    else:
        file.unlink()
    with pytest.raises(ValueError, match="damaged"):
        if name == "directions":
            latents.directions(path, 4)
        else:
            draw_asked(generator, path, [0])
