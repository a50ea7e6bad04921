"""What the report printed, counted again."""

from doodle_core.evaluation.given import decoder_layers


def test_the_decoders_parameters():
    rows = {row["layer"]: row for row in decoder_layers()}
    assert rows["dense 100,352"]["parameters"] == 14 * 100_352 + 100_352
    assert rows["transposed conv 128"]["parameters"] == 25 * 128 * 128 + 128
    assert [row["layer"] for row in rows.values() if not row["used"]] == ["transposed conv 128"]
