"""Which name in a file is which canonical joint: tables for common skeletons, or a user's own map.

A map goes from canonical joint to the name in the file. Names are compared without regard to case
and to a namespace in front ("mixamorig:Hips", "Model_Hips", "Bip01 Pelvis").
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from motions.errors import FormbenchError, unknown_name
from motions.formats.reading import read_text
from motions.skeleton import SMPL22

REQUIRED = (
    "pelvis",
    *(
        f"{side}_{joint}"
        for side in ("left", "right")
        for joint in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
    ),
    "neck",
)
"""Joints without which there is no motion; what other joints do is assumed."""


def _sides(
    trunk: Mapping[str, str], limbs: Mapping[str, str], sides: tuple[str, str]
) -> dict[str, str]:
    """Spell `limbs` for both sides: a name with {} for the side, sides as (left, right)."""
    both = {
        f"{side}_{joint}": name.format(spelled)
        for side, spelled in zip(("left", "right"), sides, strict=True)
        for joint, name in limbs.items()
    }
    return dict(trunk) | both


_ARMS = {
    "collar": "{}Shoulder",
    "shoulder": "{}Arm",
    "elbow": "{}ForeArm",
    "wrist": "{}Hand",
}
_MIXAMO_TRUNK = {
    "pelvis": "Hips",
    "spine1": "Spine",
    "spine2": "Spine1",
    "spine3": "Spine2",
    "neck": "Neck",
    "head": "Head",
}
_MIXAMO_LEGS = {"hip": "{}UpLeg", "knee": "{}Leg", "ankle": "{}Foot"}

NAME_MAPS: dict[str, dict[str, str]] = {
    "mixamo": _sides(
        _MIXAMO_TRUNK, _ARMS | _MIXAMO_LEGS | {"foot": "{}ToeBase"}, ("Left", "Right")
    ),
    "lafan1": _sides(_MIXAMO_TRUNK, _ARMS | _MIXAMO_LEGS | {"foot": "{}Toe"}, ("Left", "Right")),
    "cmu-bvh": _sides(
        {
            "pelvis": "Hips",
            "spine1": "LowerBack",
            "spine2": "Spine",
            "spine3": "Spine1",
            "neck": "Neck",
            "head": "Head",
        },
        _ARMS | _MIXAMO_LEGS | {"foot": "{}ToeBase"},
        ("Left", "Right"),
    ),
    "rokoko": _sides(
        {
            "pelvis": "Hips",
            "spine1": "Spine1",
            "spine2": "Spine2",
            "spine3": "Spine4",
            "neck": "Neck",
            "head": "Head",
        },
        _ARMS | {"hip": "{}Thigh", "knee": "{}Shin", "ankle": "{}Foot", "foot": "{}Toe"},
        ("Left", "Right"),
    ),
    "bandai-namco": _sides(
        {"pelvis": "Hips", "spine2": "Spine", "spine3": "Chest", "neck": "Neck", "head": "Head"},
        {
            "collar": "Shoulder_{}",
            "shoulder": "UpperArm_{}",
            "elbow": "LowerArm_{}",
            "wrist": "Hand_{}",
            "hip": "UpperLeg_{}",
            "knee": "LowerLeg_{}",
            "ankle": "Foot_{}",
            "foot": "Toes_{}",
        },
        ("L", "R"),
    ),
    "xsens": _sides(
        {
            "pelvis": "Hips",
            "spine1": "Chest",
            "spine2": "Chest2",
            "spine3": "Chest4",
            "neck": "Neck",
            "head": "Head",
        },
        {
            "collar": "{}Collar",
            "shoulder": "{}Shoulder",
            "elbow": "{}Elbow",
            "wrist": "{}Wrist",
            "hip": "{}Hip",
            "knee": "{}Knee",
            "ankle": "{}Ankle",
            "foot": "{}Toe",
        },
        ("Left", "Right"),
    ),
    "asf": _sides(
        {
            "pelvis": "root",
            "spine1": "lowerback",
            "spine2": "upperback",
            "spine3": "thorax",
            "neck": "lowerneck",
            "head": "head",
        },
        {
            "collar": "{}clavicle",
            "shoulder": "{}humerus",
            "elbow": "{}radius",
            "wrist": "{}wrist",
            "hip": "{}femur",
            "knee": "{}tibia",
            "ankle": "{}foot",
            "foot": "{}toes",
        },
        ("l", "r"),
    ),
    "smpl": {name: name for name in SMPL22.joint_names},
}
"""Canonical joint to name, by style of skeleton."""


def find_names(
    where: str, names: Sequence[str], given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Find the file's name of each canonical joint.

    Args:
        where: The file, for messages.
        names: All names in the file.
        given: The user's own map, which then is the only one tried.

    Returns:
        Canonical joint to name in the file; joints that the file lacks are left out.

    Raises:
        FormbenchError: A joint of REQUIRED has no name; the message says how to give one.
    """
    by_plain = {plain(name): name for name in reversed(names)}
    if given is not None:
        lost = [name for name in given.values() if plain(name) not in by_plain]
        if lost:
            raise unknown_name(f"{where}: joint of the name map", lost[0], names)
        maps = {"given": given}
    else:
        maps = dict(NAME_MAPS)
    found = {
        style: {
            joint: by_plain[plain(name)] for joint, name in table.items() if plain(name) in by_plain
        }
        for style, table in maps.items()
    }
    best = max(found.values(), key=lambda table: (sum(j in table for j in REQUIRED), len(table)))
    missing = [joint for joint in REQUIRED if joint not in best]
    if missing:
        raise FormbenchError(
            f"{where}: no name for {', '.join(missing)}. The file has {', '.join(names)}. "
            "Give a YAML name map with one line a joint, such as 'left_knee: LeftLeg'"
        )
    return best


def read_name_map(path: Path) -> dict[str, str]:
    """Read a user's name map, `canonical_joint: NameInFile` line by line in YAML."""
    try:
        table = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        raise FormbenchError(f"{path}: expected YAML: {' '.join(str(error).split())}") from error
    if not isinstance(table, dict):
        raise FormbenchError(f"{path}: expected lines such as 'left_knee: LeftLeg'")
    for joint, name in table.items():
        if joint not in SMPL22.joint_names:
            raise unknown_name(f"{path}: canonical joint", str(joint), SMPL22.joint_names)
        if not isinstance(name, str):
            raise FormbenchError(f"{path}: {joint}: expected a name, got {name!r}")
    return table


def plain(name: str) -> str:
    """Strip a namespace and fold case.

    >>> plain("mixamorig:LeftUpLeg"), plain("mixamorig1_Hips"), plain("UpperLeg_L")
    ('leftupleg', 'hips', 'upperleg_l')
    """
    name = name.rpartition(":")[2].strip().casefold()
    return re.sub(r"^(mixamorig\d*|model|character\d*|bip0?01|bip|skel)[_ ]*", "", name) or name
