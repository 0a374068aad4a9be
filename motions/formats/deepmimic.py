"""DeepMimic clips: the `humanoid3d_*.txt` files of the DeepMimic project and of `pybullet_data`.

A file is JSON with a list `Frames`; a frame is 44 numbers: its duration in seconds, the root's
position in metres and orientation, then one rotation a joint to its parent, quaternions scalar
first, knees and elbows as one angle. The frame is x forward, y up, z to the person's right. At
rest the humanoid stands with its arms hanging, every joint frame aligned with the world (Peng et
al. 2018, "DeepMimic"; pybullet_data/humanoid/humanoid.urdf, four times life size, has the joints).
"""

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from motions.errors import FormbenchError
from motions.formats.hanging import TO_CANONICAL_WXYZ, canonical_rotations
from motions.formats.placing import place
from motions.formats.reading import About, Reading, read_text
from motions.geometry import (
    Z_AXIS,
    about,
    rotate,
    slerp,
    unit,
)
from motions.skeleton import SMPL22

LEG_M = 0.421546 + 0.409870
"""Thigh and shin of the DeepMimic humanoid."""

_WIDTH = 44
_QUATERNIONS = {
    "root": 4,
    "chest": 8,
    "neck": 12,
    "right_hip": 16,
    "right_ankle": 21,
    "right_shoulder": 25,
    "left_hip": 30,
    "left_ankle": 35,
    "left_shoulder": 39,
}
"""Where in a frame each quaternion starts."""
_ANGLES = {"right_knee": 20, "right_elbow": 29, "left_knee": 34, "left_elbow": 43}
"""Where in a frame each angle about +z stands."""
_LARGEST = 1e4
"""No number of a clip is near this: positions are metres, the rest angles and unit quaternions."""

_ASSUMED = {
    name: "straight"
    for side in ("left", "right")
    for name in (f"{side}_collar", f"{side}_wrist", f"{side}_foot")
}


def pybullet_clips() -> dict[str, Path]:
    """Return the clips of the installed `pybullet_data` by name: "jump", "dance_a", ...

    They are DeepMimic's own, which its authors publish under the MIT licence.
    """
    package = find_spec("pybullet_data")
    if package is None or package.origin is None:
        raise FormbenchError("pybullet_data is not installed: pip install pybullet")
    folder = Path(package.origin).parent / "data" / "motions"
    prefix = "humanoid3d_"
    return {p.stem.removeprefix(prefix): p for p in sorted(folder.glob(f"{prefix}*.txt"))}


def read_deepmimic(path: Path, described: About) -> Reading:
    """Read one clip; unequal frame durations are resampled to the most common one.

    Files write 1/60 s as 0.016666, so the frame rate is rounded to 0.01 and durations within one
    part in a thousand of it count as equal. The last frame's own duration is not used.

    Raises:
        FormbenchError: The file is not a DeepMimic clip, or a frame of it is damaged.
    """
    frames = _frames(path)
    fps, at = _even_times(path, frames)
    turns = {name: unit(frames[:, start : start + 4]) for name, start in _QUATERNIONS.items()}
    turns |= {name: about(Z_AXIS, frames[:, column]) for name, column in _ANGLES.items()}
    below = np.minimum(at.astype(int), max(len(frames) - 2, 0))
    above = np.minimum(below + 1, len(frames) - 1)
    weight = at - below
    turns = {name: slerp(q[below], q[above], weight) for name, q in turns.items()}
    root_m = frames[below, 1:4] * (1 - weight)[:, None] + frames[above, 1:4] * weight[:, None]
    motion, scale, floor_height = place(
        described,
        fps=fps,
        mid_hip_m=rotate(TO_CANONICAL_WXYZ, root_m),
        leg_m=LEG_M,
        world_wxyz=SMPL22.world_orientations(canonical_rotations(turns)),
    )
    return Reading(
        motion=motion,
        format="deepmimic",
        up="+y",
        floor_height=floor_height,
        scale=scale,
        assumed=_ASSUMED,
    )


def _frames(path: Path) -> np.ndarray:
    try:
        clip = json.loads(read_text(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise FormbenchError(f"{path}: expected a DeepMimic clip in JSON: {error}") from error
    if not isinstance(clip, dict) or not isinstance(clip.get("Frames"), list):
        raise FormbenchError(f"{path}: expected a DeepMimic clip, an object with a list 'Frames'")
    rows = clip["Frames"]
    if not rows:
        raise FormbenchError(f"{path}: expected at least one frame, got none")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, list) or len(row) != _WIDTH:
            got = f"{len(row)} numbers" if isinstance(row, list) else type(row).__name__
            raise FormbenchError(f"{path}: frame {number}: expected {_WIDTH} numbers, got {got}")
        if not all(type(x) in (int, float) and abs(x) < _LARGEST for x in row):
            raise FormbenchError(
                f"{path}: frame {number}: expected only numbers of less than {_LARGEST:g}"
            )
    frames = np.array(rows, dtype=np.float64)
    for name, start in _QUATERNIONS.items():
        # The published clips hold quaternions as short as 0.58, which DeepMimic normalises too.
        lengths = np.linalg.norm(frames[:, start : start + 4], axis=1)
        if np.abs(lengths - 1).max() > 0.5:
            worst = int(np.abs(lengths - 1).argmax())
            raise FormbenchError(
                f"{path}: frame {worst + 1}: {name}: expected a unit quaternion, "
                f"got one of length {lengths[worst]:.3g}"
            )
    return frames


def _even_times(path: Path, frames: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the frame rate, and where among the file's frames each evenly timed one lies."""
    if len(frames) == 1:
        raise FormbenchError(f"{path}: expected at least two frames, got one")
    durations_s = frames[:-1, 0]
    for wrong in (durations_s <= 0, durations_s > 1):
        if wrong.any():
            bad = int(wrong.argmax())
            raise FormbenchError(
                f"{path}: frame {bad + 1}: expected a duration of 0 to 1 s, "
                f"got {durations_s[bad]:g} s"
            )
    fps = round(float(1 / np.median(durations_s)), 2)
    if fps > 1000:
        raise FormbenchError(f"{path}: expected at most 1000 frames a second, got {fps:g}")
    if np.abs(durations_s * fps - 1).max() < 1e-3:
        return fps, np.arange(len(frames), dtype=np.float64)
    times_s = np.concatenate([[0.0], np.cumsum(durations_s)])
    wanted_s = np.arange(int(times_s[-1] * fps + 1e-6) + 1) / fps
    return fps, np.interp(wanted_s, times_s, np.arange(len(frames)))
