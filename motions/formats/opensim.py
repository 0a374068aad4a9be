"""OpenSim motions (.mot, .sto): joint angles over time of the usual full-body models.

A header of name=value lines ends with `endheader`; then come a line of column names and one row a
frame, the time first. The coordinates are those of gait2392, Hamner 2010 and Rajagopal 2016, which
OpenCap uses too: x forward, y up, z to the right, arms hanging at rest. Pelvis and lumbar joint
turn about their moving z, x and y; hips and shoulders flex about z, then adduct about x and turn
about y, which point the other way on the left; knee, ankle and elbow hinge about z. Models differ
in the sign of the knee angle, which is told from the way that the knees bend.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from motions.errors import FormbenchError
from motions.formats.hanging import TO_CANONICAL_WXYZ, canonical_rotations, model_rotations
from motions.formats.placing import place
from motions.formats.reading import About, Hints, Reading, read_text
from motions.formats.text import MOST_FRAMES, Line, frame_rate, lines_of, numbers
from motions.geometry import Z_AXIS, about, inverse, multiply, rotate, rotation, to_wxyz
from motions.motion import Motion
from motions.skeleton import SMPL22, Skeleton

LEG_M = 0.82
"""Thigh and shin of the unscaled models; a motion file does not say those of the scaled one."""
_MID_HIP_M = np.array([-0.06, -0.07, 0.0])
"""From the pelvis origin to the middle of the hips, in the models' pelvis frame."""
_SIDES = {"right": ("r", 1.0), "left": ("l", -1.0)}

_TRUNK = {
    "root": ("pelvis_tilt", "pelvis_list", "pelvis_rotation"),
    "chest": ("lumbar_extension", "lumbar_bending", "lumbar_rotation"),
}
_BALLS = {
    "hip": ("hip_flexion", "hip_adduction", "hip_rotation"),
    "shoulder": ("arm_flex", "arm_add", "arm_rot"),
}
_HINGES = {"knee": "knee_angle", "ankle": "ankle_angle", "elbow": "elbow_flex"}
_PATH = ("pelvis_tx", "pelvis_ty", "pelvis_tz")
_NEEDED = (
    *_PATH,
    *_TRUNK["root"],
    *(f"{name}_{letter}" for name in (*_BALLS["hip"], "knee_angle") for letter in "rl"),
)
"""The columns that must be there; other coordinates are zero where a model lacks them."""


def read_mot(path: Path, described: About, hints: Hints) -> Reading:
    """Read joint angles.

    Raises:
        FormbenchError: The file is damaged, or has no coordinates of a full-body model.
    """
    columns, fps, degrees = _table(path)
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise FormbenchError(
            f"{path}: no column {', '.join(missing)}. It has {', '.join(sorted(columns))}"
        )
    angles = {
        name: np.deg2rad(values) if degrees and name not in _PATH else values
        for name, values in columns.items()
    }
    turns = _turns(angles)
    pelvis_m = np.stack([columns[name] for name in _PATH], axis=-1)
    motion, scale, floor_height = place(
        described,
        fps=fps,
        mid_hip_m=rotate(TO_CANONICAL_WXYZ, pelvis_m + rotate(turns["root"], _MID_HIP_M)),
        leg_m=LEG_M,
        world_wxyz=SMPL22.world_orientations(canonical_rotations(turns)),
    )
    used = {"time", *_PATH, *(name for names in _TRUNK.values() for name in names)}
    for name in (*_BALLS["hip"], *_BALLS["shoulder"], *_HINGES.values()):
        used |= {f"{name}_r", f"{name}_l"}
    return Reading(
        motion=motion,
        format="opensim",
        up="+y",
        floor_height=floor_height,
        scale=scale,
        unused=tuple(name for name in columns if name not in used),
        assumed=_assumed(columns),
    )


def write_mot(motion: Motion, path: Path, skeleton: Skeleton = SMPL22) -> None:
    """Write a motion as joint angles of a model scaled to the person, in degrees.

    The trunk bends at one joint, knees, ankles and elbows are hinges and the arm hangs on the
    trunk: what a motion does beyond that, such as a knee that turns inwards, is lost.
    """
    angles = _angles(motion.joint_rotations_wxyz)
    hips = [skeleton.index(f"{side}_hip") for side in _SIDES]
    mid_hip_m = motion.root_position_m + rotate(
        motion.joint_rotations_wxyz[:, 0], skeleton.offsets_m[hips].mean(axis=0)
    )
    to_model = inverse(TO_CANONICAL_WXYZ)
    root = multiply(multiply(to_model, motion.joint_rotations_wxyz[:, 0]), TO_CANONICAL_WXYZ)
    pelvis_m = rotate(to_model, mid_hip_m) - rotate(root, _MID_HIP_M)
    columns = {"time": np.arange(motion.n_frames) / motion.fps}
    columns |= {name: np.degrees(angles[name]) for name in _TRUNK["root"]}
    columns |= dict(zip(_PATH, pelvis_m.T, strict=True))
    columns |= {name: np.degrees(a) for name, a in angles.items() if name not in columns}
    rows = np.stack(list(columns.values()), axis=-1)
    header = (
        f"Coordinates\nversion=1\nnRows={len(rows)}\nnColumns={len(columns)}\n"
        "inDegrees=yes\nendheader\n"
    )
    lines = ["\t".join(columns), *("\t".join(f"{x:.8f}" for x in row) for row in rows)]
    path.write_text(header + "\n".join(lines) + "\n", encoding="utf-8")


def _angles(local_wxyz: np.ndarray) -> dict[str, np.ndarray]:
    """Undo `_turns` and `hanging.canonical_rotations`: coordinates in radians, (T,) each."""
    turns = model_rotations(local_wxyz)
    angles: dict[str, np.ndarray] = {}

    def put(joint: str, names: Sequence[str], signs: tuple[float, float, float]) -> None:
        about_zxy = np.unwrap(
            rotation(turns[joint]).as_euler("ZXY", suppress_warnings=True), axis=0
        )
        for name, values, sign in zip(names, about_zxy.T, signs, strict=True):
            angles[name] = sign * values

    for joint, names in _TRUNK.items():
        put(joint, names, (1.0, 1.0, 1.0))
    for side, (letter, sign) in _SIDES.items():
        for joint, names in _BALLS.items():
            put(f"{side}_{joint}", [f"{n}_{letter}" for n in names], (1.0, sign, sign))
        for joint, name in _HINGES.items():
            w, _, _, z = np.moveaxis(turns[f"{side}_{joint}"], -1, 0)
            # The part of the rotation that is about the hinge. Rajagopal's knee flexes positively.
            angle = 2 * np.arctan2(z * np.sign(w), np.abs(w))
            angles[f"{name}_{letter}"] = -angle if joint == "knee" else angle
    return angles


def _assumed(columns: Mapping[str, np.ndarray]) -> dict[str, str]:
    assumed = {"pelvis": f"its path is scaled for legs of {LEG_M:g} m"}
    assumed |= dict.fromkeys(("neck", "head"), "straight")
    for side, (letter, _) in _SIDES.items():
        for joint in ("foot", "collar", "wrist"):
            assumed[f"{side}_{joint}"] = "straight"
        for joint, names in (("shoulder", _BALLS["shoulder"]), ("elbow", ("elbow_flex",))):
            if not any(f"{name}_{letter}" in columns for name in names):
                assumed[f"{side}_{joint}"] = "hanging"
    return assumed


def _turns(angles: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return rotations to the parent, (T, 4) each, under the names of `hanging`."""
    still = np.zeros(len(angles["pelvis_tx"]))

    def ball(names: Sequence[str], signs: tuple[float, float, float]) -> np.ndarray:
        about_zxy = [angles.get(n, still) * sign for n, sign in zip(names, signs, strict=True)]
        return to_wxyz(Rotation.from_euler("ZXY", np.stack(about_zxy, axis=-1)))

    turns = {joint: ball(names, (1.0, 1.0, 1.0)) for joint, names in _TRUNK.items()}
    turns["neck"] = to_wxyz(Rotation.identity(len(still)))
    both = np.stack([angles["knee_angle_r"], angles["knee_angle_l"]])
    flexed_is_positive = both.flat[np.abs(both).argmax()] >= 0
    for side, (letter, sign) in _SIDES.items():
        for joint, names in _BALLS.items():
            turns[f"{side}_{joint}"] = ball([f"{n}_{letter}" for n in names], (1.0, sign, sign))
        for joint, name in _HINGES.items():
            angle = angles.get(f"{name}_{letter}", still)
            if joint == "knee" and flexed_is_positive:
                angle = -angle
            turns[f"{side}_{joint}"] = about(Z_AXIS, angle)
    return turns


def _table(path: Path) -> tuple[dict[str, np.ndarray], float, bool]:
    """Return the columns by coordinate, frames a second, and whether angles are in degrees."""
    lines = list(lines_of(path, read_text(path)))
    end = next((i for i, line in enumerate(lines) if line.words[0].casefold() == "endheader"), None)
    if end is None or len(lines) < end + 4:
        raise FormbenchError(
            f"{path}: expected an OpenSim motion: a header up to 'endheader', names, two frames"
        )
    header = _header(lines[:end])
    names = [_coordinate(word) for word in lines[end + 1].words]
    where = lines[end + 1].where
    if names[0] != "time" or len(set(names)) < len(names):
        raise FormbenchError(f"{where}: expected different column names, 'time' first")
    rows = lines[end + 2 :]
    declared = header.get("nrows")
    if len(rows) > MOST_FRAMES or (declared is not None and declared != str(len(rows))):
        raise FormbenchError(f"{path}: header: says nRows={declared}, the file has {len(rows)}")
    if "indegrees" not in header or header["indegrees"].casefold() not in ("yes", "no"):
        raise FormbenchError(f"{path}: header: expected inDegrees=yes or inDegrees=no")
    table = np.array([numbers(row.where, row.words, len(names)) for row in rows])
    times_s = table[:, 0]
    steps_s = np.diff(times_s)
    if steps_s.min() <= 0 or steps_s.max() - steps_s.min() > 0.1 * steps_s.mean():
        raise FormbenchError(f"{path}: expected times at even steps")
    fps = frame_rate(str(path), round(float((len(rows) - 1) / (times_s[-1] - times_s[0])), 2))
    columns = {name: table[:, at] for at, name in enumerate(names)}
    return columns, fps, header["indegrees"].casefold() == "yes"


def _header(lines: Sequence[Line]) -> dict[str, str]:
    joined = ("".join(line.words).partition("=") for line in lines)
    return {name.casefold(): value for name, equals, value in joined if equals}


def _coordinate(word: str) -> str:
    """Return the coordinate's name; states files write /jointset/hip_r/hip_flexion_r/value."""
    parts = word.split("/")
    return parts[-2] if len(parts) > 2 and parts[-1] == "value" else word
