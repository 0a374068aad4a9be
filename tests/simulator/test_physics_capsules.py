"""Capsules round limbs: their shape, and how deep they are in each other."""

import numpy as np
import pytest

from motions.geometry import IDENTITY_WXYZ, Z_AXIS, about
from motions.skeleton import SMPL22
from simulator.bodies.stick import build_stick
from simulator.physics.capsules import Capsules, far_pairs, fit_capsules, overlaps_m
from simulator.physics.tpose import in_tpose

N_JOINTS = len(SMPL22.joint_names)


def two(ends, other_ends, radii=(0.1, 0.2)):
    """Capsules on joints 0 and 1 in the world."""
    placed = np.zeros((1, N_JOINTS, 2, 3))
    placed[0, 0], placed[0, 1] = ends, other_ends
    return Capsules(placed[0], np.array([*radii, *[0.0] * (N_JOINTS - 2)])), placed


@pytest.mark.parametrize(
    ("other", "distance"),
    [
        ([[0, 0, 1], [1, 0, 1]], 1.0),  # beside each other
        ([[0.5, -1, 0.5], [0.5, 1, 0.5]], 0.5),  # crossing above the middle
        ([[4, 4, 0], [4, 9, 0]], 5.0),  # beyond an end: three and four
        ([[0.2, 0, 0], [0.6, 0, 0]], 0.0),  # inside each other
        ([[3, 0, 0], [3, 0, 0]], 2.0),  # a ball
    ],
)
def test_overlap_is_radii_less_distance(other, distance):
    capsules, placed = two([[0, 0, 0], [1, 0, 0]], other)

    pairs = np.array([[0, 1], [1, 0]])
    assert overlaps_m(capsules, placed, pairs) == pytest.approx(np.full((1, 2), 0.3 - distance))


def test_distances_agree_with_many_points_on_both_axes():
    rng = np.random.default_rng(8)
    along = np.linspace(0, 1, 201)[:, None]
    for _ in range(40):
        ends = rng.normal(size=(2, 2, 3))
        capsules, placed = two(*ends, radii=(0.0, 0.0))
        points = [a + along * (b - a) for a, b in ends]
        apart = np.linalg.norm(points[0][:, None] - points[1][None], axis=-1).min()

        assert -overlaps_m(capsules, placed, np.array([[0, 1]]))[0, 0] == pytest.approx(
            apart, abs=0.01
        )


def test_a_capsule_lies_along_its_limb():
    pose = in_tpose(build_stick())
    capsules = fit_capsules(pose)
    knee = SMPL22.index("left_knee")
    ends = capsules.ends_m[knee]

    assert np.abs(ends[1] - ends[0])[:2] == pytest.approx([0, 0], abs=1e-6)
    assert np.sort(ends[:, 2]) == pytest.approx([-0.40, 0.0], abs=0.011)
    assert capsules.radii_m[knee] == pytest.approx(0.05, abs=1e-6)


def test_a_body_in_the_tpose_does_not_touch_itself():
    pose = in_tpose(build_stick())
    capsules = fit_capsules(pose)
    ends = pose.joints_m[None, :, None] + capsules.ends_m

    assert overlaps_m(capsules, ends, far_pairs(pose, capsules)).max() < 0


def test_neighbours_and_hanging_arms_are_no_pair():
    pose = in_tpose(build_stick())
    names = [
        {SMPL22.joint_names[a], SMPL22.joint_names[b]}
        for a, b in far_pairs(pose, fit_capsules(pose))
    ]

    assert {"left_knee", "right_knee"} in names
    assert {"left_knee", "left_ankle"} not in names
    assert {"left_shoulder", "spine2"} not in names


def test_a_hand_put_into_the_other_forearm_is_found():
    pose = in_tpose(build_stick())
    capsules = fit_capsules(pose)
    world = np.tile(IDENTITY_WXYZ, (1, N_JOINTS, 1))
    shoulder = SMPL22.index("left_shoulder")
    for name in ("left_shoulder", "left_elbow", "left_wrist"):
        world[0, SMPL22.index(name)] = about(Z_AXIS, np.pi)
    joints_m = build_stick().skeleton.positions(np.zeros((1, 3)), world)
    pairs = far_pairs(pose, capsules)
    deep = overlaps_m(capsules, capsules.placed(joints_m, world), pairs)[0] > 0

    assert any(shoulder in pair or shoulder + 2 in pair for pair in pairs[deep])
