"""Small valid files of every format, all of one motion.

Where we have no writer of our own, the one here shares no code with the reader.

The motion is half a second of a person who squats a little, turns and moves the arms, with every
joint of the canonical skeleton turning about all of its axes.
"""

import json
from pathlib import Path

import ezc3d
import numpy as np
from scipy.spatial.transform import Rotation

from motions.formats.amass import write_amass
from motions.formats.bvh import write_bvh
from motions.formats.reading import About, Hints
from motions.formats.trc import write_trc
from motions.motion import Motion
from motions.skeleton import SMPL22

ABOUT = About("squat", "made up for a test", "CC0-1.0")
FPS = 30.0
N_FRAMES = 15


def make_motion(n_frames: int = N_FRAMES, fps: float = FPS, size: float = 0.12) -> Motion:
    """Wave all joints by up to `size` rad; knees and elbows bend by 0.6 to 1.4 rad besides."""
    times_s = np.arange(n_frames) / fps
    rng = np.random.default_rng(0)
    waves = size * np.sin(
        2 * np.pi * times_s[:, None, None] + rng.uniform(0, 6, (len(SMPL22.joint_names), 3))
    )
    waves[:, 0, :2] = 0  # the pelvis only turns about the vertical, by nothing at frame 0
    waves[:, 0, 2] = size * np.sin(2 * np.pi * times_s)
    bend = 1.0 - 0.4 * np.cos(2 * np.pi * times_s)
    local = Rotation.from_rotvec(waves.reshape(-1, 3)).as_quat(scalar_first=True)
    local = local.reshape(n_frames, -1, 4)
    for joint, axis in (
        ("left_knee", (1, 0, 0)),
        ("right_knee", (1, 0, 0)),
        ("left_elbow", (0, 0, -1)),
        ("right_elbow", (0, 0, 1)),
    ):
        turn = Rotation.from_rotvec(bend[:, None] * np.array(axis, dtype=float))
        local[:, SMPL22.index(joint)] = turn.as_quat(scalar_first=True)
    root_m = np.stack([0.1 * times_s, 0.05 * times_s, 0.8 + 0.1 * np.cos(6 * times_s)], axis=-1)
    return Motion(
        exercise=ABOUT.exercise,
        fps=fps,
        root_position_m=root_m,
        joint_rotations_wxyz=local,
        contacts=np.zeros((n_frames, 4), dtype=bool),
        source=ABOUT.source,
        licence=ABOUT.licence,
    )


def write_samples(folder: Path) -> dict[str, tuple[Path, Hints]]:
    """Write one file of every format in `read.FORMATS`; by format, the file and its hints."""
    motion = make_motion()
    samples = {
        "bvh": ("sample.bvh", Hints()),
        "amc": ("sample_01.amc", Hints(fps=FPS)),
        "amass": ("sample.npz", Hints()),
        "deepmimic": ("sample.txt", Hints()),
        "c3d": ("sample.c3d", Hints()),
        "trc": ("sample.trc", Hints(up="+y")),
        "opensim": ("sample.mot", Hints()),
        "keypoints": ("sample.json", Hints(up="+z")),
    }
    paths = {kind: (folder / name, hints) for kind, (name, hints) in samples.items()}
    write_bvh(motion, paths["bvh"][0])
    write_acclaim(motion, paths["amc"][0], folder / "sample.asf")
    write_amass(motion, paths["amass"][0])
    write_deepmimic(paths["deepmimic"][0])
    write_c3d(plug_in_gait_markers(motion), FPS, paths["c3d"][0])
    write_trc(motion, paths["trc"][0])
    write_mot(paths["opensim"][0], {"knee_angle_r": 40.0, "knee_angle_l": 40.0})
    paths["keypoints"][0].write_text(
        json.dumps(
            {
                "keypoints": motion.joints_world_m.tolist(),
                "fps": FPS,
                "convention": "smpl22",
            }
        )
    )
    return paths


ASF_NAMES = {
    "pelvis": "root", "spine1": "lowerback", "spine2": "upperback", "spine3": "thorax",
    "neck": "lowerneck", "head": "head",
    **{
        f"{side}_{joint}": side[0] + bone
        for side in ("left", "right")
        for joint, bone in (
            ("hip", "femur"), ("knee", "tibia"), ("ankle", "foot"), ("foot", "toes"),
            ("collar", "clavicle"), ("shoulder", "humerus"), ("elbow", "radius"),
            ("wrist", "wrist"),
        )
    },
}  # fmt: skip
TO_Y_UP = Rotation.from_euler("x", -90, degrees=True)


def write_acclaim(motion: Motion, amc: Path, asf: Path, seed: int = 0) -> None:
    """Write ASF and AMC, y up, in inches over 0.45, with a random axis frame for every bone.

    A bone reaches to the joint that follows it. Where several do, it has no length, and bones
    without turns lead on to each.
    """
    rng = np.random.default_rng(seed)
    units_per_m = 0.45 / 0.0254
    axes = {joint: rng.uniform(-180, 180, 3) for joint in SMPL22.joint_names[1:]}
    lines = [
        "# a made-up skeleton", ":version 1.10", ":units", "  length 0.45", "  angle deg",
        ":documentation", "  r\xfcckw\xe4rts", ":root", "   order TX TY TZ RX RY RZ",
        "   axis XYZ", "   position 0 0 0", "   orientation 0 0 0", ":bonedata",
    ]  # fmt: skip
    hierarchy = [":hierarchy", "  begin"]
    offsets = TO_Y_UP.apply(SMPL22.offsets_m.copy()) * units_per_m
    following = {at: [c for c, p in enumerate(SMPL22.parents) if p == at] for at in range(22)}

    def bone(name: str, vector: np.ndarray, axis: str, *dof: str) -> None:
        length = float(np.linalg.norm(vector))
        x, y, z = (float(v) for v in (vector / length if length else [0, 1, 0]))
        lines.extend(
            ["  begin", "     id 1", f"     name {name}", f"     direction {x!r} {y!r} {z!r}",
             f"     length {length!r}", f"     axis {axis}  XYZ", *dof, "  end"]
        )  # fmt: skip

    for at, joint in enumerate(SMPL22.joint_names):
        name, after = ASF_NAMES[joint], following[at]
        if at:
            axis = " ".join(map(repr, map(float, axes[joint])))
            vector = offsets[after[0]] if len(after) == 1 else np.zeros(3)
            bone(name, vector, axis, "    dof rx ry rz", "    limits (-160.0 20.0)",
                 "           (-70.0 70.0)", "           (-60.0 70.0)")  # fmt: skip
        for child in after:
            below = ASF_NAMES[SMPL22.joint_names[child]]
            if at and len(after) == 1:
                hierarchy.append(f"    {name} {below}")
            else:
                bone(f"to_{below}", offsets[child], "0 0 0")
                hierarchy += [f"    {name} to_{below}", f"    to_{below} {below}"]
    asf.write_text("\n".join([*lines, *hierarchy, "  end"]) + "\n", encoding="latin-1")

    root = TO_Y_UP.apply(motion.root_position_m.copy()) * units_per_m
    rows = ["# made up", ":FULLY-SPECIFIED", ":DEGREES"]
    for frame in range(motion.n_frames):
        rows.append(str(frame + 1))
        for at, joint in enumerate(SMPL22.joint_names):
            local = Rotation.from_quat(motion.joint_rotations_wxyz[frame, at], scalar_first=True)
            local = TO_Y_UP * local * TO_Y_UP.inv()
            if at:
                axis_frame = Rotation.from_euler("xyz", axes[joint], degrees=True)
                local = axis_frame.inv() * local * axis_frame
            values = local.as_euler("xyz", degrees=True)
            if not at:
                values = np.concatenate([root[frame], values])
            rows.append(" ".join([ASF_NAMES[joint], *(f"{v:.12g}" for v in values)]))
    amc.write_text("\n".join(rows) + "\n", encoding="latin-1")


def write_deepmimic(path: Path) -> None:
    """Write a person who stands with hanging arms and sways a little."""
    still = [1.0, 0, 0, 0]
    frames = []
    for frame in range(N_FRAMES):
        bend = -0.05 * frame
        frames.append(
            [1 / FPS, 0.0, 0.88, 0.0, *still, *still, *still, *still, bend, *still, *still, 0.1,
             *still, bend, *still, *still, 0.1]
        )  # fmt: skip
    path.write_text(json.dumps({"Loop": "none", "Frames": frames}))


def plug_in_gait_markers(motion: Motion) -> dict[str, np.ndarray]:
    """Put markers on the canonical skeleton, in millimetres: the rules of `markers` backwards."""
    joints = dict(zip(SMPL22.joint_names, np.moveaxis(motion.joints_world_m, 1, 0), strict=True))
    world = motion.world_orientations_wxyz

    def put(joint: str, bone: str, *offset_m: float) -> np.ndarray:
        turns = Rotation.from_quat(world[:, SMPL22.index(bone)], scalar_first=True)
        return (joints[joint] + turns.apply(np.array(offset_m))) * 1000

    # The hips are 0.18 m apart, 0.72 distances between the ASIS; they lie 0.30 of one below and
    # 0.19 behind, in a plane that dips by 11 degrees against the pelvis.
    width = 0.18 / 0.72
    dip = Rotation.from_euler("x", 11, degrees=True)
    asis = np.array([0, 0, -0.09]) - dip.apply([0, 0.19 * width, -0.30 * width])
    psis = asis + dip.apply([0, 0.15, 0])
    # The line from T10 and STRN to C7 and CLAV leans back by 11 degrees.
    lean = np.deg2rad(11)
    low = np.array([0, -0.02, 0]) - 0.18 * np.array([0, np.sin(lean), np.cos(lean)])
    markers = {
        "C7": put("neck", "spine3", 0, 0.04, 0),
        "CLAV": put("neck", "spine3", 0, -0.08, 0),
        "T10": put("neck", "spine3", *np.add(low, [0, 0.09, 0])),
        "STRN": put("neck", "spine3", *np.subtract(low, [0, 0.09, 0])),
    }
    for side, out in (("left", 1.0), ("right", -1.0)):
        hip, knee, ankle, shoulder, elbow, wrist = (
            f"{side}_{j}" for j in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
        )
        here = {
            "ASI": put("pelvis", "pelvis", *np.add(asis, [out * width / 2, 0, 0])),
            "PSI": put("pelvis", "pelvis", *np.add(psis, [out * 0.05, 0, 0])),
            "KNE": put(knee, hip, out * 0.055, 0, 0),
            "ANK": put(ankle, knee, out * 0.042, 0, 0),
            "HEE": put(ankle, ankle, 0, 0.06, -0.04),
            "TOE": put(ankle, ankle, 0, -0.14, -0.04),
            "SHO": put(shoulder, "spine3", 0, 0, 0.045),
            "ELB": put(elbow, shoulder, 0, 0, 0.042),
            "WRA": put(wrist, wrist, 0, -0.03, 0),
            "WRB": put(wrist, wrist, 0, 0.03, 0),
            "FIN": put(wrist, wrist, out * 0.1, 0, 0),
            "FHD": put("head", "head", out * 0.08, -0.1, 0.1),
            "BHD": put("head", "head", out * 0.08, 0.1, 0.1),
        }
        markers |= {side[0].upper() + name: at for name, at in here.items()}
    return markers


def write_c3d(markers: dict[str, np.ndarray], fps: float, path: Path) -> None:
    """Write markers by ezc3d, NaN as not seen."""
    file = ezc3d.c3d()
    point = file["parameters"]["POINT"]
    point["RATE"]["value"] = [fps]
    point["LABELS"]["value"] = list(markers)
    point["UNITS"]["value"] = ["mm"]
    at = np.stack([markers[name].T for name in markers], axis=1)
    file["data"]["points"] = np.concatenate([at, np.ones((1, *at.shape[1:]))])
    file.add_parameter("POINT", "X_SCREEN", "+X")
    file.add_parameter("POINT", "Y_SCREEN", "+Z")
    file.write(str(path))


MOT_COLUMNS = (
    "pelvis_tilt", "pelvis_list", "pelvis_rotation", "pelvis_tx", "pelvis_ty", "pelvis_tz",
    "lumbar_extension", "lumbar_bending", "lumbar_rotation",
    *(
        f"{name}_{letter}"
        for letter in "rl"
        for name in (
            "hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle", "arm_flex",
            "arm_add", "arm_rot", "elbow_flex", "pro_sup",
        )
    ),
)  # fmt: skip


def write_mot(path: Path, values: dict[str, float]) -> None:
    """Write a pose that is held, in degrees and metres; what is not given is zero."""
    pose = {"pelvis_ty": 0.95} | values
    lines = [
        "Coordinates", "version=1", f"nRows={N_FRAMES}", f"nColumns={len(MOT_COLUMNS) + 1}",
        "inDegrees=yes", "", "Units are S.I. units (second, meters, Newtons, ...)", "",
        "endheader", "\t".join(["time", *MOT_COLUMNS]),
    ]  # fmt: skip
    for frame in range(N_FRAMES):
        row = [frame / FPS, *(pose.get(name, 0.0) for name in MOT_COLUMNS)]
        lines.append("\t".join(f"{value:16.8f}" for value in row))
    path.write_text("\n".join(lines) + "\n")
