"""3D keypoints over time, such as a pose estimator gives for a video.

Three kinds of file: .npz with `keypoints` (T, K, 3), `fps` and `convention`; JSON with the same
names; .npy with the keypoints alone, fps and convention given as hints. Any unit; a keypoint that
was not seen is NaN (null in JSON). Gaps are filled, everything is smoothed.
"""

import json
from pathlib import Path

import numpy as np

from motions.errors import FormbenchError
from motions.formats.gaps import fill_gaps, smooth
from motions.formats.landmarks import landmarks
from motions.formats.npy import is_npy, read_npy, read_npz
from motions.formats.orient import LIMB_JOINTS
from motions.formats.points import motion_of_points
from motions.formats.reading import About, Hints, Reading, read_bytes, read_text
from motions.formats.text import LARGEST, MOST_FRAMES, frame_rate

_NAMES = ("keypoints", "fps", "convention")


def read_keypoints(path: Path, described: About, hints: Hints) -> Reading:
    """Read 3D keypoints.

    Raises:
        FormbenchError: The file is damaged, lacks something, or a limb is not seen for too long.
    """
    held = _held(path)
    fps = _one_of(path, "fps", held.get("fps"), hints.fps)
    if isinstance(fps, bool) or not isinstance(fps, int | float):
        raise FormbenchError(f"{path}: fps: expected a number, got {fps!r}")
    name = _one_of(path, "convention", held.get("convention"), hints.convention)
    kinds = landmarks(str(path), str(name))
    keypoints = _checked(path, held["keypoints"], len(kinds.points), str(name))
    rate = frame_rate(str(path), float(fps))
    points = {point: keypoints[:, at] for at, point in enumerate(kinds.points) if point is not None}
    whole, filled = fill_gaps(str(path), points, rate, LIMB_JOINTS)
    return motion_of_points(
        smooth(whole, rate),
        rate,
        described,
        where=str(path),
        file_format="keypoints",
        up=hints.up or kinds.up,
        unused=tuple(sorted(set(points) - set(whole))),
        filled=filled,
    )


def _held(path: Path) -> dict[str, object]:
    data = read_bytes(path)
    if is_npy(data):
        return {"keypoints": read_npy(str(path), data)}
    if data.startswith(b"PK"):
        arrays = read_npz(path, _NAMES)
        held: dict[str, object] = {n: a.item() if a.ndim == 0 else a for n, a in arrays.items()}
        if isinstance(name := held.get("convention"), bytes):
            held["convention"] = name.decode("utf-8", "replace")
    else:
        try:
            held = json.loads(read_text(path))
        except (json.JSONDecodeError, RecursionError) as error:
            raise FormbenchError(f"{path}: expected keypoints in JSON: {error}") from error
    if not isinstance(held, dict) or "keypoints" not in held:
        raise FormbenchError(f"{path}: expected a keypoint file, found no 'keypoints'")
    return held


def _one_of(path: Path, name: str, stored: object, given: object) -> object:
    """Return what the file or the caller says; both may, but must agree."""
    if stored is None and given is None:
        raise FormbenchError(f"{path}: the file does not say its {name}: give {name}")
    if stored is not None and given is not None and stored != given:
        raise FormbenchError(f"{path}: {name} is {stored!r} in the file, but {given!r} was given")
    return given if stored is None else stored


def _checked(path: Path, value: object, n_keypoints: int, name: str) -> np.ndarray:
    if isinstance(value, list):
        value = _array(path, value)
    wanted = f"{path}: keypoints: expected numbers of shape (T, {n_keypoints}, 3) for {name}"
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu":
        raise FormbenchError(f"{wanted}, got something else")
    if value.ndim != 3 or value.shape[1:] != (n_keypoints, 3):
        raise FormbenchError(f"{wanted}, got {value.shape}")
    if not 1 <= len(value) <= MOST_FRAMES:
        raise FormbenchError(f"{path}: expected 1 to {MOST_FRAMES} frames, got {len(value)}")
    keypoints = value.astype(np.float64)
    wild = np.abs(np.nan_to_num(keypoints, nan=0.0, posinf=np.inf, neginf=np.inf)) >= LARGEST
    if wild.any():
        frame, at, _ = (int(i) for i in np.argwhere(wild)[0])
        raise FormbenchError(
            f"{path}: frame {frame + 1}, keypoint {at}: expected numbers of less than {LARGEST:g}"
        )
    return keypoints


def _array(path: Path, rows: list[object]) -> np.ndarray:
    """Turn nested lists into an array; null is NaN, for a number or for a whole keypoint."""
    try:
        return np.array(
            [
                [[np.nan] * 3 if point is None else point for point in row]  # type: ignore[attr-defined]
                for row in rows
            ],
            dtype=np.float64,
        )
    except (TypeError, ValueError) as error:
        raise FormbenchError(
            f"{path}: keypoints: expected frames of keypoints of three numbers: {error}"
        ) from error
