"""Skin markers to joint centres: the Plug-in-Gait set, and sets that already are joint centres.

Plug-in Gait: hip centres by Bell et al. 1990 from the four pelvis markers; knee, ankle and elbow
centres half a joint width inside their lateral markers, across the limb; the rest from the middles
of markers. Widths are those of an adult, scaled by the length of the legs.
"""

from collections.abc import Mapping

import numpy as np

from motions.errors import FormbenchError, unknown_name
from motions.formats.gaps import fill_gaps
from motions.formats.limbs import REST_M, frame_match, limb_orientations
from motions.formats.names import plain
from motions.formats.orient import LIMB_JOINTS, NOSE_BELOW_EARS_RAD, SIDES
from motions.formats.placing import CANONICAL_LEG_M
from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS, rotate
from motions.skeleton import SMPL22

PLUG_IN_GAIT = (
    "LASI", "RASI", "LPSI", "RPSI", "C7", "T10", "CLAV", "STRN",
    *(f"{side}{name}" for side in "LR" for name in ("SHO", "ELB", "WRA", "WRB", "KNE", "ANK")),
)  # fmt: skip
"""The markers that must be there."""
PLUG_IN_GAIT_MORE = tuple(
    f"{side}{name}" for side in "LR" for name in ("FHD", "BHD", "FIN", "TOE", "HEE")
)
"""Those that tell head, hands and feet."""

JOINT_CENTRE_SETS = (
    {name: name for name in SMPL22.joint_names},
    {"nose": "Nose"}
    | {
        f"{side}_{point}": side[0].upper() + name
        for side in SIDES
        for point, name in (
            ("hip", "Hip"), ("knee", "Knee"), ("ankle", "Ankle"), ("foot", "BigToe"),
            ("heel", "Heel"), ("shoulder", "Shoulder"), ("elbow", "Elbow"), ("wrist", "Wrist"),
            ("ear", "Ear"),
        )
    },
)  # fmt: skip
"""Point to marker name: our own names, and those of OpenCap and Pose2Sim."""

_HIP_INWARD, _HIP_DOWN, _HIP_BACK = 0.36, 0.30, 0.19
"""Hip centre from the middle of the ASIS, in distances between them (Bell et al. 1990)."""
_PELVIS_TILT_RAD = np.deg2rad(11.0)
"""How far the line from PSIS to ASIS dips in upright standing (Kadaba et al. 1990)."""
_CHEST_LEAN_RAD = np.deg2rad(11.0)
"""How far the line from T10 and STRN up to C7 and CLAV leans back in upright standing; what brings
the trunks of the five people of UI-PRMD upright on average."""
_KNEE_M, _ANKLE_M, _ELBOW_M, _SHOULDER_M = 0.055, 0.042, 0.042, 0.045
"""From a marker to the joint centre, on a person with canonical legs."""
_ROUNDS = 2
"""A joint's centre needs the limb's bend plane and the plane needs the centre. The second round
takes the error of a bent elbow from 8 degrees to under 1; with more, a nearly straight one whose
marker is not quite at the side runs off."""


def points_of_markers(
    where: str, markers: Mapping[str, np.ndarray], fps: float, given: Mapping[str, str] | None
) -> tuple[dict[str, np.ndarray], dict[str, float], tuple[str, ...]]:
    """Find joint centres.

    Args:
        where: The file, for messages.
        markers: Positions by name, NaN where missing. Shape (T, 3) each.
        fps: Frames per second.
        given: The user's own table, canonical joint to marker at its centre; the only one tried.

    Returns:
        points: Whole positions for `orient`, by name.
        filled: The fraction of frames filled, of each marker with gaps.
        unused: Names of markers that no point was made from.

    Raises:
        FormbenchError: The markers are of no known set, or one is missing for too long.
    """
    by_plain = {plain(name): name for name in reversed(list(markers))}
    sets = [{name: name for name in PLUG_IN_GAIT + PLUG_IN_GAIT_MORE}, *JOINT_CENTRE_SETS]
    needs = [PLUG_IN_GAIT, LIMB_JOINTS, LIMB_JOINTS]
    if given is not None:
        lost = [name for name in given.values() if plain(name) not in by_plain]
        if lost:
            raise unknown_name(f"{where}: marker of the name map", lost[0], markers)
        sets, needs = [dict(given)], [LIMB_JOINTS]
    lacks = [
        [name for name in needed if plain(table.get(name, "?")) not in by_plain]
        for table, needed in zip(sets, needs, strict=True)
    ]
    best = min(range(len(sets)), key=lambda at: len(lacks[at]))
    if lacks[best]:
        raise FormbenchError(
            f"{where}: no marker for {', '.join(lacks[best])}. The file has "
            f"{', '.join(markers)}. Give a YAML name map with one line a joint centre, such as "
            "'left_knee: LKJC'"
        )
    names = {
        point: by_plain[plain(name)]
        for point, name in sets[best].items()
        if plain(name) in by_plain
    }
    chosen = {point: markers[name] for point, name in names.items()}
    whole, filled = fill_gaps(where, chosen, fps, needs[best])
    unused = tuple(sorted(set(markers) - {names[point] for point in whole}))
    if needs[best] is PLUG_IN_GAIT:
        whole = plug_in_gait(whole, fps)
    return whole, {names[point]: part for point, part in filled.items()}, unused


def plug_in_gait(markers: Mapping[str, np.ndarray], fps: float) -> dict[str, np.ndarray]:
    """Turn whole Plug-in-Gait markers, (T, 3) each, into the points that `orient` takes."""
    points = _hips(markers)
    scale = _leg(points, markers) / CANONICAL_LEG_M
    pelvis = _pelvis(markers)
    points["spine1"] = (points["left_hip"] + points["right_hip"]) / 2 + scale * rotate(
        pelvis, REST_M["spine1"] - REST_M["mid_hip"]
    )
    chest = _chest(markers)
    points["neck"] = _middle(markers, "C7", "C7", "CLAV")
    points["spine3"] = points["neck"] + scale * rotate(chest, REST_M["spine3"] - REST_M["neck"])
    for side in SIDES:
        _leg_points(side, markers, points, pelvis, scale, fps)
        _arm_points(side, markers, points, chest, scale, fps)
    _head_points(markers, points, scale)
    return points


def _middle(markers: Mapping[str, np.ndarray], *names: str) -> np.ndarray:
    return np.mean([markers[name] for name in names], axis=0)


def _pelvis(markers: Mapping[str, np.ndarray]) -> np.ndarray:
    forward = _middle(markers, "LASI", "RASI") - _middle(markers, "LPSI", "RPSI")
    dip = np.array([0.0, -np.cos(_PELVIS_TILT_RAD), -np.sin(_PELVIS_TILT_RAD)])
    return frame_match((X_AXIS, dip), (markers["LASI"] - markers["RASI"], forward))


def _hips(markers: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Bell's regression is in the plane of the four markers, which `_pelvis` is tilted against."""
    across = markers["LASI"] - markers["RASI"]
    forward = _middle(markers, "LASI", "RASI") - _middle(markers, "LPSI", "RPSI")
    plane = frame_match((X_AXIS, -Y_AXIS), (across, forward))
    width = np.linalg.norm(across, axis=-1, keepdims=True)
    return {
        f"{side}_hip": _middle(markers, "LASI", "RASI")
        + width * rotate(plane, np.array([inward, _HIP_BACK, -_HIP_DOWN]))
        for side, inward in (("left", _HIP_INWARD), ("right", -_HIP_INWARD))
    }


def _leg(points: Mapping[str, np.ndarray], markers: Mapping[str, np.ndarray]) -> float:
    lengths = [
        np.linalg.norm(markers[f"{s[0].upper()}KNE"] - points[f"{s}_hip"], axis=-1)
        + np.linalg.norm(markers[f"{s[0].upper()}ANK"] - markers[f"{s[0].upper()}KNE"], axis=-1)
        for s in SIDES
    ]
    return float(np.median(lengths))


def _chest(markers: Mapping[str, np.ndarray]) -> np.ndarray:
    up = _middle(markers, "C7", "CLAV") - _middle(markers, "T10", "STRN")
    forward = _middle(markers, "CLAV", "STRN") - _middle(markers, "C7", "T10")
    lean = np.array([0.0, np.sin(_CHEST_LEAN_RAD), np.cos(_CHEST_LEAN_RAD)])
    return frame_match((lean, -Y_AXIS), (up, forward))


def _leg_points(
    side: str,
    markers: Mapping[str, np.ndarray],
    points: dict[str, np.ndarray],
    pelvis_wxyz: np.ndarray,
    scale: float,
    fps: float,
) -> None:
    letter, inward = side[0].upper(), -X_AXIS if side == "left" else X_AXIS
    knee, ankle = f"{side}_knee", f"{side}_ankle"
    points[knee], points[ankle] = markers[f"{letter}KNE"], markers[f"{letter}ANK"]
    for _ in range(_ROUNDS):
        thigh, shin = limb_orientations(f"{side}_foot", points, pelvis_wxyz, fps)
        points[knee] = markers[f"{letter}KNE"] + scale * _KNEE_M * rotate(thigh, inward)
        points[ankle] = markers[f"{letter}ANK"] + scale * _ANKLE_M * rotate(shin, inward)
    for point, name in ((f"{side}_foot", f"{letter}TOE"), (f"{side}_heel", f"{letter}HEE")):
        if f"{letter}TOE" in markers and name in markers:
            points[point] = markers[name]


def _arm_points(
    side: str,
    markers: Mapping[str, np.ndarray],
    points: dict[str, np.ndarray],
    chest_wxyz: np.ndarray,
    scale: float,
    fps: float,
) -> None:
    letter = side[0].upper()
    shoulder, elbow, wrist = (f"{side}_{joint}" for joint in ("shoulder", "elbow", "wrist"))
    thumb_side, little_side = markers[f"{letter}WRA"], markers[f"{letter}WRB"]
    points[wrist] = (thumb_side + little_side) / 2
    points[shoulder] = markers[f"{letter}SHO"] - scale * _SHOULDER_M * rotate(chest_wxyz, Z_AXIS)
    points[elbow] = markers[f"{letter}ELB"]
    for _ in range(_ROUNDS):
        upper = limb_orientations(f"{side}_hand", points, chest_wxyz, fps)[0]
        # In the T-pose the elbow bends forward, so its outer side is on top.
        points[elbow] = markers[f"{letter}ELB"] - scale * _ELBOW_M * rotate(upper, Z_AXIS)
    if f"{letter}FIN" in markers:
        across = (thumb_side - little_side) / 2
        points[f"{side}_index"] = markers[f"{letter}FIN"] + across
        points[f"{side}_pinky"] = markers[f"{letter}FIN"] - across


def _head_points(
    markers: Mapping[str, np.ndarray], points: dict[str, np.ndarray], scale: float
) -> None:
    names = ("LFHD", "RFHD", "LBHD", "RBHD")
    if not all(name in markers for name in names):
        return
    lateral = _middle(markers, "LFHD", "LBHD") - _middle(markers, "RFHD", "RBHD")
    forward = _middle(markers, "LFHD", "RFHD") - _middle(markers, "LBHD", "RBHD")
    head = frame_match((-Y_AXIS, X_AXIS), (forward, lateral))
    centre = _middle(markers, *names)
    dip = np.array([0.0, -np.cos(NOSE_BELOW_EARS_RAD), -np.sin(NOSE_BELOW_EARS_RAD)])
    for point, offset in (("left_ear", X_AXIS), ("right_ear", -X_AXIS), ("nose", dip)):
        points[point] = centre + 0.1 * scale * rotate(head, offset)
