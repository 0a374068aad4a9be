"""Downward dog's faults. Ranges and evidence: faults reference, section 3.13."""

import numpy as np

from motions.geometry import X_AXIS, about, rotate, signed_angle
from motions.limb_geometry import corner_rad
from motions.measures import arm_elevation_rad, hip_flexion_rad
from motions.motion import CONTACT_POINTS, Motion
from motions.pinning import end_joints
from motions.skeleton import SMPL22
from simulator.bodies.body import Body
from simulator.faults.edits import TRUNK, WHOLE_BODY, move, turn
from simulator.faults.incomplete_range import incomplete_range
from simulator.faults.limb_edits import bring
from simulator.faults.neck import bent_neck
from simulator.faults.readings import at, at_far_end, bend_rad, reading_deg
from simulator.faults.rounded_back import rounded_back
from simulator.faults.spec import FaultSpec
from simulator.faults.window import Part, Window

IN_POSE = Window(from_phase=0.3, onset=1.0, release=1.0)
SHOULDER_PER_ARM = 1.75
"""By how much shoulders close for each radian that the arms turn over the hands."""


def fold(motion: Motion, part: Part, hips_down_rad: float, arms_rad: float) -> Motion:
    """Move the hips and shoulders of a body on straight arms over hands and feet that stay.

    Seen from the side, the trunk is the third side of a triangle with the legs and the line from
    ankles to shoulders.

    Args:
        motion: What to change.
        part: When.
        hips_down_rad: How far the trunk turns about the shoulders, hips down, the knees bending.
        arms_rad: How far the arms turn about the hands, the shoulders going ahead of them, while
            the legs stay as long.
    """
    frames, weights = part.weights(motion)
    joints = motion.joints_world_m[frames]
    ankle, wrist, hip, shoulder = (at(joints, n) for n in ("ankle", "wrist", "hip", "shoulder"))
    to = wrist + rotate(about(X_AXIS, weights * arms_rad), shoulder - wrist)
    legs_m, trunk_m, apart_m = (
        np.linalg.norm(line, axis=-1) for line in (hip - ankle, shoulder - hip, to - ankle)
    )
    # Legs that would be too short are straightened, as far as they go.
    legs_m = np.maximum(legs_m, apart_m - 0.999 * trunk_m)
    over_rad = corner_rad(apart_m, legs_m, trunk_m)
    raised = rotate(about(X_AXIS, -over_rad), (to - ankle) / apart_m[:, None])
    hip_to = ankle + legs_m[:, None] * raised
    hip_to = to + rotate(about(X_AXIS, -weights * hips_down_rad), hip_to - to)
    pitch_rad = signed_angle(shoulder - hip, to - hip_to, X_AXIS)
    whole = Part(part.span)
    turned = turn(motion, whole, dict.fromkeys(TRUNK, pitch_rad), of="pelvis")
    ends = [
        end_joints(SMPL22, m.root_position_m[frames], m.world_orientations_wxyz[frames])
        for m in (motion, turned)
    ]
    back_m = dict(zip(CONTACT_POINTS, np.moveaxis(ends[0] - ends[1], 1, 0), strict=True))
    hips_m = hip_to - at(turned.joints_world_m[frames], "hip")
    return move(turned, whole, {"pelvis": hips_m, **back_m})


def go_ahead(motion: Motion, part: Part, more_rad: float) -> Motion:
    """Open the shoulders by so much; negative brings them ahead, over the hands."""
    return fold(motion, part, 0.0, -more_rad / SHOULDER_PER_ARM)


def _shoulders_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    return arm_elevation_rad(joints)


def _hips_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    return np.pi - hip_flexion_rad(joints)


DOWNWARD_DOG_FAULTS = (
    FaultSpec(
        id="downward_dog.bent_knees",
        title="Bent knees",
        sentence="The knees stay bent.",
        cue="Straighten your legs and push your thighs back.",
        unit="deg",
        neutral=9.0,
        correct=12.0,
        mild=15.0,
        severe=50.0,
        joints=WHOLE_BODY,
        edit=bring(lambda motion, part, more: fold(motion, part, more / 2, 0.0), bend_rad("foot")),
        measure=reading_deg(bend_rad("foot"), at_far_end),
        evidence="L",
    ),
    FaultSpec(
        id="downward_dog.shoulders_closed",
        title="Closed shoulders",
        sentence="The shoulders are over the hands instead of in line with the arms.",
        cue="Push the floor away and bring your chest towards your thighs.",
        unit="deg",
        neutral=150.0,
        correct=130.0,
        mild=120.0,
        severe=90.0,
        joints=WHOLE_BODY,
        edit=bring(go_ahead, _shoulders_rad),
        measure=reading_deg(_shoulders_rad, at_far_end),
        window=IN_POSE,
        excludes=("fold",),
        evidence="L",
    ),
    FaultSpec(
        id="downward_dog.hips_low",
        title="Hips too low",
        sentence="The hips sink towards a plank.",
        cue="Lift your hips up and back until your body is a sharp angle.",
        unit="deg",
        neutral=80.0,
        correct=95.0,
        mild=110.0,
        severe=125.0,
        joints=WHOLE_BODY,
        edit=bring(lambda motion, part, more: go_ahead(motion, part, -more), _hips_rad),
        measure=reading_deg(_hips_rad, at_far_end),
        window=IN_POSE,
        excludes=("fold",),
        evidence="L",
    ),
    rounded_back(
        "downward_dog",
        sentence="The back is rounded between shoulders and hips.",
        cue="Lengthen your back and tip your sitting bones up; bend your knees if you need to.",
        correct=10.0,
        mild=15.0,
        severe=45.0,
        pelvis_share=0.5,
        eyes_ahead=False,
    ),
    bent_neck(
        "downward_dog",
        name="head_craned",
        way="back",
        title="Head craned back",
        sentence="The head is lifted to look ahead.",
        cue="Let your head hang between your arms.",
        marks=(6.0, 15.0, 20.0, 40.0),
        evidence="E",
    ),
    incomplete_range(
        "downward_dog",
        sentence="The hips stay low and the pose is not reached.",
        cue="Lift your hips up and back.",
    ),
)
