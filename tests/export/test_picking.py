import numpy as np
import pytest

from export.picking import pick_arrays
from motions.errors import FormbenchError

ARRAYS = {
    "front/coco17_px": np.arange(24.0).reshape(3, 4, 2),
    "front/coco17_visibility": np.array([[0, 1], [2, 0]], dtype=np.uint8),
    "labelled": np.array([True, False]),
}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_that_numpy_wrote_are_picked_out(save, tmp_path):
    save(tmp_path / "a.npz", **ARRAYS)
    picked = pick_arrays((tmp_path / "a.npz").read_bytes(), ["labelled", "front/coco17_px", "no"])

    assert sorted(picked) == ["front/coco17_px", "labelled"]
    for name, array in picked.items():
        assert array.dtype == ARRAYS[name].dtype
        np.testing.assert_array_equal(array, ARRAYS[name])


def test_damaged_archives_and_objects_are_refused(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", **ARRAYS)
    good = (tmp_path / "a.npz").read_bytes()
    with pytest.raises(FormbenchError, match="it has no directory"):
        pick_arrays(good[: len(good) // 2], ["labelled"])
    with pytest.raises(FormbenchError, match="damaged archive of arrays"):
        pick_arrays(good[len(good) // 2 :], ["front/coco17_px"])
    np.savez(tmp_path / "b.npz", a=np.array([{}], dtype=object))
    with pytest.raises(FormbenchError, match="expected plain numbers"):
        pick_arrays((tmp_path / "b.npz").read_bytes(), ["a"])
