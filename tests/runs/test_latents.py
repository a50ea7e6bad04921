"""What an autoencoder's run holds of its latent space, and damaged files of it."""

import numpy as np
import pytest

from doodle_core.runs import latents


def test_a_category_is_sampled_in_its_own_region(finished_vae):
    path = finished_vae()
    centres, _ = latents.categories(path, 3, 4)
    for label, centre in enumerate(centres):
        found = latents.sample_categories(path, [label] * 400, 3, 4, seed=1)
        assert found.mean(axis=0) == pytest.approx(centre, abs=0.1)
        assert found.std(axis=0) == pytest.approx(0.3, abs=0.05)


@pytest.mark.parametrize("file", ["latent_test.npz", "directions.npz", "categories.npz"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x04K\x01.", "pickled", "short"])
def test_damaged_arrays_get_one_sentence(finished_vae, file, content):
    path = finished_vae()
    if content == "pickled":
        np.savez(path / file, labels=np.array([{}], object), means=np.array([{}], object))
    elif content == "short":
        np.savez(
            path / file, labels=np.zeros(3, int), means=np.zeros((2, 4)), losses=np.zeros((3, 2))
        )
    else:
        (path / file).write_bytes(content)
    read = {
        "latent_test.npz": lambda: latents.points(path, "test", 3, 4),
        "directions.npz": lambda: latents.directions(path, 4),
        "categories.npz": lambda: latents.categories(path, 3, 4),
    }[file]
    with pytest.raises(ValueError, match="damaged"):
        read()


def test_a_missing_set_is_none(finished_vae):
    path = finished_vae(with_practice=False)
    assert latents.points(path, "practice", 3, 4) is None
