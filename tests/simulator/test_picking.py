import numpy as np
import pytest

from motions.errors import FormbenchError
from simulator.picking import pick_arrays

ARRAYS = {
    "front/coco17_px": np.arange(24.0).reshape(3, 4, 2),
    "front/coco17_visibility": np.array([[0, 1], [2, 0]], dtype=np.uint8),
    "labelled": np.array([True, False]),
    "columns_first": np.asfortranarray(np.arange(6).reshape(2, 3)),
    "one": np.array(3.5),
}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_that_numpy_wrote_are_picked_out(save, tmp_path):
    save(tmp_path / "a.npz", **ARRAYS)
    picked = pick_arrays((tmp_path / "a.npz").read_bytes(), ["labelled", "front/coco17_px", "no"])

    everything = pick_arrays((tmp_path / "a.npz").read_bytes())

    assert sorted(picked) == ["front/coco17_px", "labelled"]
    assert list(everything) == list(ARRAYS)
    for name, array in (*picked.items(), *everything.items()):
        assert array.dtype == ARRAYS[name].dtype
        np.testing.assert_array_equal(array, ARRAYS[name])


def test_damaged_archives_and_objects_are_refused(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", **ARRAYS)
    good = (tmp_path / "a.npz").read_bytes()
    with pytest.raises(FormbenchError, match="it has no directory"):
        pick_arrays(good[: len(good) // 2], ["labelled"])
    with pytest.raises(FormbenchError, match="damaged archive of arrays"):
        pick_arrays(good[len(good) // 2 :], ["front/coco17_px"])
    np.savez(tmp_path / "c.npz", **ARRAYS)
    data = bytearray((tmp_path / "c.npz").read_bytes())
    data[data.index(ARRAYS["front/coco17_px"].tobytes()) + 3] ^= 1
    with pytest.raises(FormbenchError, match="front/coco17_px is not as it was written"):
        pick_arrays(bytes(data), ["front/coco17_px"])
    np.savez(tmp_path / "b.npz", a=np.array([{}], dtype=object))
    with pytest.raises(FormbenchError, match="expected plain numbers"):
        pick_arrays((tmp_path / "b.npz").read_bytes(), ["a"])
