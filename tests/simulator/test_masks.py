import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_mask

from motions.errors import FormbenchError
from simulator.masks import decode_mask, encode_mask, mask_area_px

MASKS = arrays(bool, st.tuples(st.integers(1, 40), st.integers(1, 40)))


@given(MASKS)
def test_masks_survive_the_way_through_text(mask):
    height_px, width_px = mask.shape

    assert np.array_equal(decode_mask(encode_mask(mask), width_px, height_px), mask)


@given(MASKS)
def test_the_area_is_that_of_pycocotools(mask):
    coco = {"size": list(mask.shape), "counts": encode_mask(mask).encode()}

    assert mask_area_px(encode_mask(mask)) == mask.sum() == coco_mask.area(coco)


@pytest.mark.parametrize(
    "encoded", ["", "1111", "~~~~", "\n", "P", "`1M", encode_mask(np.ones((6, 9), bool))]
)
def test_what_is_no_mask_of_the_size_is_refused(encoded):
    with pytest.raises(FormbenchError, match="expected run lengths of 8 x 6 pixels"):
        decode_mask(encoded, 8, 6)
