"""AMASS: SMPL pose parameters over time in an .npz file, for SMPL, SMPL-H and SMPL-X.

`poses` holds axis-angle rotations, joint to parent, in radians: the root, 21 body joints in SMPL's
order, then hands and face, which are not read. `trans` shifts the model, in metres. The model's
rest pose has x to its left, y up and z forward; the worlds of AMASS have z up (Loper et al. 2015,
"SMPL"; Mahmood et al. 2019, "AMASS").
"""

from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from motions.errors import FormbenchError
from motions.formats.calibration import rest_offsets
from motions.formats.npy import read_npz
from motions.formats.reading import About, Hints, Reading
from motions.formats.rig import Recording, leg_length, motion_of
from motions.formats.text import LARGEST, frame_rate
from motions.geometry import IDENTITY_WXYZ, inverse, multiply, rotate, rotation, to_wxyz
from motions.motion import Motion
from motions.skeleton import SMPL22, Skeleton, swap_side

WIDTHS = (66, 72, 156, 165)
"""How many numbers a row of `poses` has: body only, SMPL, SMPL-H, SMPL-X."""
_RATES = ("mocap_framerate", "mocap_frame_rate", "fps")
_PELVIS_M = np.array([0.0, -0.225, 0.03])
"""Where the models have the pelvis at rest."""
_N_JOINTS = len(SMPL22.joint_names)


def _smpl() -> Skeleton:
    # The mean shape's joints to the nearest half centimetre, made symmetric. What matters is where
    # limbs point at rest, for SMPL's are not straight; a person's shape changes that little.
    half_m = {
        "spine1": (0, 0.125, -0.035),
        "spine2": (0, 0.135, 0.025),
        "spine3": (0, 0.055, 0.005),
        "neck": (0, 0.21, -0.035),
        "head": (0, 0.09, 0.05),
        "left_hip": (0.06, -0.09, -0.01),
        "left_knee": (0.04, -0.385, 0.005),
        "left_ankle": (-0.015, -0.425, -0.035),
        "left_foot": (0.04, -0.06, 0.12),
        "left_collar": (0.08, 0.115, -0.025),
        "left_shoulder": (0.11, 0.045, -0.015),
        "left_elbow": (0.255, -0.015, -0.025),
        "left_wrist": (0.265, 0.01, -0.005),
    }
    table = {"pelvis": (0.0, 0.0, 0.0)}
    for name, (x, y, z) in half_m.items():
        table |= {name: (x, y, z), swap_side(name): (-x if name != swap_side(name) else x, y, z)}
    offsets = np.array([table[name] for name in SMPL22.joint_names])
    return Skeleton(SMPL22.joint_names, SMPL22.parents, offsets)


SMPL = _smpl()
"""The models' own rest pose: x to the left, y up, z forward."""
_SAME_NAMES = {name: name for name in SMPL22.joint_names}


def read_amass(path: Path, described: About, hints: Hints) -> Reading:
    """Read SMPL poses; the world has z up unless `hints.up` says otherwise.

    Raises:
        FormbenchError: The file is damaged or lacks poses, shifts or frame rate.
    """
    arrays = read_npz(path, ("poses", "trans", *_RATES))
    for name in ("poses", "trans"):
        if name not in arrays:
            raise FormbenchError(f"{path}: expected an AMASS file, found no array {name!r}")
    poses, trans = (_checked(path, name, arrays[name]) for name in ("poses", "trans"))
    if poses.shape[1] not in WIDTHS or trans.shape != (len(poses), 3):
        raise FormbenchError(
            f"{path}: expected poses (T, one of {WIDTHS}) and trans (T, 3), "
            f"got {poses.shape} and {trans.shape}"
        )
    turns = Rotation.from_rotvec(poses[:, : 3 * _N_JOINTS].reshape(len(poses), -1, 3))
    world = SMPL.world_orientations(to_wxyz(turns))
    recording = Recording(
        SMPL, _fps(path, arrays, hints), SMPL.positions(trans + _PELVIS_M, world), world
    )
    return motion_of(
        recording,
        _SAME_NAMES,
        described,
        where=str(path),
        file_format="amass",
        up=hints.up or "+z",
        spine_is_straight=True,
    )


def write_amass(motion: Motion, path: Path, skeleton: Skeleton = SMPL22) -> None:
    """Write a motion as SMPL-H poses with straight fingers, for the mean shape, z up.

    The person, whose bones `skeleton` has, is written as large as the mean shape, so that its feet
    touch the floor.
    """
    rest_m = dict(zip(SMPL.joint_names, SMPL.positions(np.zeros(3), _still()), strict=True))
    offsets = rest_offsets(rest_m)
    aligned = np.stack([offsets[name] for name in SMPL.joint_names])
    canonical = motion.world_orientations_wxyz
    world = multiply(canonical, inverse(aligned))
    own_m = dict(zip(SMPL.joint_names, skeleton.positions(np.zeros(3), _still()), strict=True))
    own_hips_m = (own_m["left_hip"] + own_m["right_hip"]) / 2
    own_leg_m = leg_length({name: at[None] for name, at in own_m.items()})
    mid_hip_m = motion.root_position_m + rotate(canonical[:, 0], own_hips_m)
    leg_m = leg_length({name: at[None] for name, at in rest_m.items()})
    hips_m = (rest_m["left_hip"] + rest_m["right_hip"]) / 2
    pelvis_m = mid_hip_m * leg_m / own_leg_m - rotate(world[:, 0], hips_m)
    poses = np.zeros((motion.n_frames, 156))
    body = rotation(SMPL.local_rotations(world)).as_rotvec()
    poses[:, : 3 * _N_JOINTS] = body.reshape(motion.n_frames, -1)
    np.savez(
        path,
        allow_pickle=False,
        poses=poses,
        trans=pelvis_m - _PELVIS_M,
        betas=np.zeros(16),
        gender=np.array("neutral"),
        mocap_framerate=np.array(motion.fps),
    )


def _still() -> np.ndarray:
    return np.tile(IDENTITY_WXYZ, (_N_JOINTS, 1))


def _checked(path: Path, name: str, array: np.ndarray) -> np.ndarray:
    if array.dtype.kind not in "fiu" or array.ndim != 2 or len(array) == 0:
        raise FormbenchError(
            f"{path}: {name}: expected a table of numbers with a row a frame, "
            f"got {array.dtype} of shape {array.shape}"
        )
    array = array.astype(np.float64)
    wrong = ~(np.abs(array) < LARGEST).all(axis=1)
    if wrong.any():
        raise FormbenchError(
            f"{path}: {name}: frame {int(wrong.argmax()) + 1}: expected finite numbers"
        )
    return array


def _fps(path: Path, arrays: dict[str, np.ndarray], hints: Hints) -> float:
    rates = [arrays[name] for name in _RATES if name in arrays]
    if not rates and hints.fps is None:
        raise FormbenchError(f"{path}: no {_RATES[0]} in the file: give fps")
    if not rates:
        return frame_rate(str(path), hints.fps or 0.0)
    if rates[0].size != 1 or rates[0].dtype.kind not in "fiu":
        raise FormbenchError(f"{path}: {_RATES[0]}: expected one number")
    return frame_rate(str(path), float(rates[0].reshape(())))
