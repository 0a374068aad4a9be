"""Joint positions to orientations: exact bones, hinges of bent limbs, heads, feet and hands."""

import numpy as np
import pytest
from format_samples import make_motion
from hypothesis import given, settings
from hypothesis import strategies as st

from motions.errors import FormbenchError
from motions.formats.calibration import rest_offsets, stands
from motions.formats.deepmimic import pybullet_clips, read_deepmimic
from motions.formats.limbs import REST_M, frame_match, limb_orientations, rest_points
from motions.formats.orient import LIMB_JOINTS, NOSE_BELOW_EARS_RAD, orientations
from motions.formats.reading import About
from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS, about, angle_between, multiply, rotate, unit
from motions.motion import Motion
from motions.skeleton import LIMBS, SMPL22, Skeleton

ABOUT = About("jump", "a test", "CC0-1.0")


def points_of(motion: Motion, skeleton: Skeleton = SMPL22) -> dict[str, np.ndarray]:
    at_m = skeleton.positions(motion.root_position_m, motion.world_orientations_wxyz)
    return dict(zip(skeleton.joint_names, np.moveaxis(at_m, 1, 0), strict=True))


def apart_deg(a_wxyz: np.ndarray, b_wxyz: np.ndarray) -> np.ndarray:
    return np.rad2deg(2 * np.arccos(np.clip(np.abs(np.sum(a_wxyz * b_wxyz, axis=-1)), 0, 1)))


@pytest.mark.parametrize("name", list(pybullet_clips()))
def test_joints_come_back_to_where_they_were(name):
    motion = read_deepmimic(pybullet_clips()[name], ABOUT).motion

    world, _ = orientations(points_of(motion), motion.fps)

    found_m = SMPL22.positions(motion.root_position_m, world)
    np.testing.assert_allclose(found_m, motion.joints_world_m, atol=1e-9)


def test_a_body_of_other_proportions_gives_its_own_orientations():
    motion = make_motion()
    rng = np.random.default_rng(2)
    body = Skeleton(
        SMPL22.joint_names,
        SMPL22.parents,
        SMPL22.offsets_m * rng.uniform(0.8, 1.2, (22, 1)) + rng.uniform(-0.02, 0.02, (22, 3)),
    )

    world, _ = orientations(points_of(motion, body), motion.fps, rest_points(body))

    found_m = body.positions(motion.root_position_m, world)
    wanted_m = body.positions(motion.root_position_m, motion.world_orientations_wxyz)
    np.testing.assert_allclose(found_m, wanted_m, atol=1e-9)
    pelvis = apart_deg(world[:, 0], motion.world_orientations_wxyz[:, 0])
    assert pelvis.max() < 1e-3


def test_limbs_that_are_bent_keep_their_hinge():
    motion = make_motion()

    world, _ = orientations(points_of(motion), motion.fps)

    for limb in LIMBS.values():
        for joint in (limb.root, limb.middle):
            at = SMPL22.index(joint)
            apart = apart_deg(world[:, at], motion.world_orientations_wxyz[:, at])
            assert apart.max() < 0.02, joint


def test_a_straight_limb_hangs_on_its_parent_without_a_twist():
    still = {name: np.tile(REST_M[name], (5, 1)) for name in SMPL22.joint_names}

    world, _ = orientations(still, 30.0)

    np.testing.assert_allclose(world, np.tile([1.0, 0, 0, 0], (5, 22, 1)), atol=1e-12)


def test_a_limb_that_is_straight_for_a_moment_carries_its_twist_over():
    """An arm hangs, turned inwards by 0.8 rad; its elbow opens and closes again."""
    times = np.linspace(0, 2, 121)
    bend = 1.2 * np.abs(np.cos(np.pi * times / 2))  # straight at 1 s
    twist = about(-Z_AXIS, 0.8)
    upper = multiply(multiply(about(Y_AXIS, np.pi / 2), np.array([1.0, 0, 0, 0])), about(X_AXIS, 0))
    upper = multiply(twist, upper)
    lower = multiply(upper, about(-Z_AXIS, bend))
    shoulder = np.tile([0.2, 0, 1.4], (121, 1))
    elbow = shoulder + rotate(np.tile(upper, (121, 1)), np.array([0.27, 0, 0]))
    wrist = elbow + rotate(lower, np.array([0.25, 0, 0]))
    points = {"left_shoulder": shoulder, "left_elbow": elbow, "left_wrist": wrist}

    found, _ = limb_orientations("left_hand", points, np.tile([1.0, 0, 0, 0], (121, 1)), 60.0)

    assert apart_deg(found, upper).max() < 2.0


def test_an_overstretched_knee_does_not_turn_the_thigh():
    hip, knee = np.array([0, 0, 0.9]), np.array([0, 0, 0.5])
    ankle = knee + 0.4 * np.array([0, -np.sin(0.2), -np.cos(0.2)])  # 11 degrees the wrong way
    points = {
        name: np.tile(at, (9, 1))
        for name, at in (("left_hip", hip), ("left_knee", knee), ("left_ankle", ankle))
    }

    thigh, _ = limb_orientations("left_foot", points, np.tile([1.0, 0, 0, 0], (9, 1)), 30.0)

    np.testing.assert_allclose(thigh, np.tile([1.0, 0, 0, 0], (9, 1)), atol=1e-9)


def test_the_head_looks_where_nose_and_ears_say():
    motion = make_motion()
    points = points_of(motion)
    look = multiply(about(Z_AXIS, 0.5), about(X_AXIS, 0.3))
    dip = np.array([0, -np.cos(NOSE_BELOW_EARS_RAD), -np.sin(NOSE_BELOW_EARS_RAD)])
    for name, offset in (("left_ear", X_AXIS), ("right_ear", -X_AXIS), ("nose", dip)):
        points[name] = points["head"] + 0.1 * rotate(look, offset)

    world, assumed = orientations(points, motion.fps)

    head = SMPL22.index("head")
    assert apart_deg(world[:, head], look).max() < 1e-3
    assert "head" not in assumed


def test_feet_point_along_the_sole_and_hands_along_the_knuckles():
    motion = make_motion()
    points = points_of(motion)
    foot = multiply(about(Z_AXIS, 0.4), about(X_AXIS, 0.2))
    hand = multiply(about(Y_AXIS, 0.6), about(X_AXIS, 0.9))
    points["left_heel"] = points["left_ankle"] + rotate(foot, np.array([0, 0.05, -0.07]))
    points["left_foot"] = points["left_ankle"] + rotate(foot, np.array([0, -0.15, -0.07]))
    points["left_index"] = points["left_wrist"] + rotate(hand, np.array([0.1, -0.03, 0]))
    points["left_pinky"] = points["left_wrist"] + rotate(hand, np.array([0.1, 0.03, 0]))

    world, assumed = orientations(points, motion.fps)

    sole = rotate(world[:, SMPL22.index("left_ankle")], -Y_AXIS)
    assert np.rad2deg(angle_between(sole, rotate(foot, -Y_AXIS))).max() < 1e-3
    assert apart_deg(world[:, SMPL22.index("left_wrist")], hand).max() < 1e-3
    assert "left_wrist" not in assumed
    assert assumed["right_wrist"] == "straight"


def test_feet_that_are_not_seen_stay_level_while_the_shin_leans():
    jump = read_deepmimic(pybullet_clips()["jump"], ABOUT).motion
    standing = {name: at[:40] for name, at in points_of(jump).items()}
    seen = {name: at for name, at in standing.items() if name in LIMB_JOINTS}

    world, assumed = orientations(seen, jump.fps)

    upwards = rotate(world[:, SMPL22.index("left_ankle")], Z_AXIS)
    np.testing.assert_allclose(upwards, np.tile(Z_AXIS, (len(upwards), 1)), atol=1e-9)
    assert "level" in assumed["left_ankle"]


@pytest.mark.parametrize("how", ["sides", "axis"])
def test_a_mirror_image_is_refused(how):
    points = points_of(read_deepmimic(pybullet_clips()["jump"], ABOUT).motion)
    if how == "sides":
        points = {SMPL22.joint_names[SMPL22.mirror[SMPL22.index(n)]]: p for n, p in points.items()}
    else:
        points = {name: at * np.array([1.0, -1.0, 1.0]) for name, at in points.items()}

    with pytest.raises(FormbenchError, match="left and right are swapped, or one axis is negated"):
        orientations(points, 60.0)


def test_joints_that_coincide_are_named_with_the_frame():
    points = points_of(make_motion())
    points["left_knee"] = points["left_knee"].copy()
    points["left_knee"][3] = points["left_hip"][3]

    with pytest.raises(FormbenchError, match="frame 4: left_hip and left_knee coincide"):
        orientations(points, 30.0)


directions = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1)


@settings(deadline=None)
@given(directions, directions, directions, directions)
def test_frames_match_the_first_direction_exactly_and_the_second_in_its_plane(a, b, c, d):
    a, b, c, d = (unit(np.array(v)) for v in (a, b, c, d))
    if min(np.linalg.norm(np.cross(a, b)), np.linalg.norm(np.cross(c, d))) < 1e-3:
        return

    turn = frame_match((a, b), (c, d))

    np.testing.assert_allclose(rotate(turn, a), c, atol=1e-9)
    across = np.cross(c, d)
    assert abs(rotate(turn, b) @ across) < 1e-6
    assert rotate(turn, b) @ np.cross(across, c) > 0


def test_the_canonical_rest_pose_needs_no_offsets():
    rest = {name: REST_M[name] for name in SMPL22.joint_names}

    offsets = rest_offsets(rest)

    assert stands(rest)
    for name, offset in offsets.items():
        np.testing.assert_allclose(offset, [1, 0, 0, 0], atol=1e-12, err_msg=name)


def test_arms_that_hang_at_rest_are_swung_down_with_their_hands():
    rest = {name: REST_M[name].copy() for name in SMPL22.joint_names}
    for side in ("left", "right"):
        for joint, length_m in (("elbow", 0.27), ("wrist", 0.52)):
            rest[f"{side}_{joint}"] = rest[f"{side}_shoulder"] - length_m * Z_AXIS

    offsets = rest_offsets(rest)

    assert stands(rest)
    for side, turn in (("left", np.pi / 2), ("right", -np.pi / 2)):
        for joint in ("shoulder", "elbow", "wrist"):
            np.testing.assert_allclose(offsets[f"{side}_{joint}"], about(Y_AXIS, turn), atol=1e-12)


def test_bones_in_a_row_are_no_rest_pose():
    row = {name: np.array([float(at), 0, 0]) for at, name in enumerate(SMPL22.joint_names)}

    assert not stands(row)
