"""What the report printed, counted again."""

from doodle_core.evaluation import given
from doodle_core.evaluation.given import decoder_layers


def test_the_decoders_parameters():
    rows = {row["layer"]: row for row in decoder_layers()}
    assert rows["dense 100,352"]["parameters"] == 14 * 100_352 + 100_352
    assert rows["batch norm"]["parameters"] == 4 * 100_352  # scale, shift, and the two averages
    assert rows["transposed conv 128"]["parameters"] == 25 * 128 * 128 + 128
    assert rows["transposed conv 64"]["parameters"] == 25 * 128 * 64 + 64
    assert rows["transposed conv 1"]["parameters"] == 25 * 64 * 1 + 1
    assert [row["layer"] for row in rows.values() if not row["used"]] == ["transposed conv 128"]


def test_the_reports_figures_are_those_that_it_printed():
    assert [(row["model"], row.get("binary_accuracy"), row.get("top1")) for row in given.GIVEN] == [
        ("VGG19", 0.9830, None),
        ("MobileNetV2", 0.9055, None),
        ("ResNet152V2", 0.8592, None),
        ("base network", None, 0.9589),
        ("best from scratch", None, 0.965),
    ]
    # a Dense layer of seven outputs on 512, 1,280 and 2,048 features, and the base network
    trainable = [7 * features + 7 for features in (512, 1280, 2048)] + [430_407]
    assert [row["trainable"] for row in given.GIVEN[:4]] == trainable
    assert [row["frozen"] for row in given.GIVEN[:4]] == [20_024_384, 2_257_984, 58_331_648, 0]
    assert given.GIVEN_N == 7 * 10_000 * 0.225 and given.GIVEN_PERSON == (194, 200)
    assert given.GIVEN_NORM == (0.9824, 0.9070) and given.GIVEN_NAMED == 0.685
    assert given.GIVEN_LOSS == {1: 134.5, 2: 134.2, 3: 174.2}
    assert given.BASES == ("VGG19", "MobileNetV2", "ResNet152V2")
    assert given.WAYS == {"report": "as the report did", "tuned": "properly"}
