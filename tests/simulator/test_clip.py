import json
from dataclasses import fields

import numpy as np
import pytest

from motions.errors import FormbenchError
from simulator.cameras.camera import Camera
from simulator.clip import SCHEMA, read_clip, write_clip


def equal(a, b):
    if isinstance(a, np.ndarray):
        return np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, tuple) and a and hasattr(a[0], "__dataclass_fields__"):
        return len(a) == len(b) and all(map(equal, a, b))
    if hasattr(a, "__dataclass_fields__"):
        return all(equal(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    return a == b


def test_a_clip_reads_back_equal_in_every_value(make_clip, tmp_path):
    clip = make_clip(faults={"rounded_back": 40.0}, masks=True)
    write_clip(clip, tmp_path)
    back = read_clip(tmp_path)

    for field in fields(clip):
        assert equal(getattr(clip, field.name), getattr(back, field.name)), field.name


def test_the_same_clip_is_the_same_bytes(make_clip, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_clip(make_clip(), tmp_path / name)

    for file in ("clip.json", "truth.npz"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_missing_damaged_and_foreign_clips_are_told_apart(make_clip, tmp_path):
    with pytest.raises(FormbenchError, match=r"not a clip: clip\.json is missing"):
        read_clip(tmp_path)
    write_clip(make_clip(), tmp_path)
    good = (tmp_path / "truth.npz").read_bytes()
    (tmp_path / "truth.npz").write_bytes(good[: len(good) // 2])
    with pytest.raises(FormbenchError, match="damaged clip"):
        read_clip(tmp_path)
    (tmp_path / "truth.npz").write_bytes(good)
    about = json.loads((tmp_path / "clip.json").read_text(encoding="utf-8"))
    (tmp_path / "clip.json").write_text(json.dumps({**about, "schema": "x/9"}), encoding="utf-8")
    with pytest.raises(FormbenchError, match=f"expected schema {SCHEMA}, got 'x/9'"):
        read_clip(tmp_path)


def test_an_unknown_camera_is_met_with_those_there_are(make_clip):
    with pytest.raises(FormbenchError, match="no camera 'top'; it has front, side"):
        make_clip().view("top")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"width_px": 641}, "expected even width and height"),
        ({"focal_px": -1.0}, "expected a positive focal_px"),
        ({"T_world_cam": np.eye(3)}, r"expected shape \(4, 4\), got \(3, 3\)"),
        ({"T_world_cam": np.diag([2.0, 1, 1, 1])}, "expected a rotation and a shift"),
    ],
)
def test_impossible_cameras_are_refused(changes, message):
    given = {"name": "c", "width_px": 640, "height_px": 480, "focal_px": 500.0,
             "T_world_cam": np.eye(4)}  # fmt: skip
    with pytest.raises(FormbenchError, match=message):
        Camera(**{**given, **changes})
