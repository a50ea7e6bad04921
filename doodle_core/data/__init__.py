"""Drawings: strokes and files become (N, 784) uint8 arrays, split by a seed."""

from doodle_core.data.folders import folder_categories, folder_file, lacking, read_npy
from doodle_core.data.pictures import GREYS, describe, enlarge, gif, npz, png, upsample
from doodle_core.data.sources import (
    DEFAULT,
    OFFICIAL,
    PRACTICE,
    SOURCES,
    Scored,
    Source,
    as_inverted,
    categories_of,
    check_practice,
    check_source,
    inverted_in,
    is_endless,
    is_here,
    is_practice,
    is_same,
    left_out,
    listed,
    named_source,
    open_drawings,
    remarks,
    scored_pixels,
    source_label,
    stored_drawings,
    stored_files,
)
from doodle_core.data.splits import (
    PIXELS,
    Part,
    fingerprint,
    first_of_each,
    pixel_hashes,
    split,
    without,
)
