"""Putting lifted poses back into the image: against cameras, and by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from scoring.learning.examples import seen_by
from scoring.learning.lifter import features
from scoring.learning.reprojection import (
    BONES,
    BONES_WEIGHT,
    USUAL_FOCAL,
    bone_lengths,
    disagreement,
    image_of,
    mean_lengths,
    seen_in,
)
from scoring.poses import PoseSequence
from simulator.cameras.camera import Camera, look_at

HIPS = [11, 12]


@pytest.fixture
def poses():
    """Five frames of somebody who is made up."""
    rng = np.random.default_rng(0)
    points_m = rng.normal((0.2, 0, 1), 0.3, (5, 17, 3))
    return PoseSequence(points_m, np.ones((5, 17)), "coco17", 10.0, "made up", unit="m")


@pytest.fixture
def camera():
    """With the usual lens: 800 pixels of diagonal."""
    turned = look_at(np.array([1.0, -3.0, 1.5]), np.array([0, 0, 1.0]))
    return Camera("c", 640, 480, 800 * USUAL_FOCAL, turned)


def lifted(camera, poses):
    """The truth as the network answers it. Shape (T, 54)."""
    at_m = camera.to_camera(poses.keypoints)
    root_m = at_m[:, HIPS].mean(axis=1)
    return np.concatenate([(at_m - root_m[:, None]).reshape(len(at_m), -1), root_m], axis=1)


def loss(answered, given, usual_m, there=None):
    there = np.ones((len(given), 1), dtype=bool) if there is None else there
    return float(disagreement(usual_m)(answered[None], given[None], there[None]))


def test_the_truth_is_seen_where_the_camera_sees_it(camera, poses):
    answered = lifted(camera, poses)
    seen_px = camera.project(poses.keypoints)[0]

    found = image_of(answered[:, :51].reshape(-1, 17, 3), answered[:, 51:])

    np.testing.assert_allclose(found * 800 + (320, 240), seen_px, rtol=1e-9)


def test_what_the_lifter_is_given_says_where_points_are(camera, poses):
    seen = seen_by(camera, poses)
    hidden = np.zeros((5, 17), dtype=bool)
    hidden[2, 9] = True
    points_px = np.where(hidden[..., None], np.nan, seen.keypoints)
    seen = replace(seen, keypoints=points_px, confidence=np.where(hidden, 0, 1.0))

    at, known, _ = seen_in(features(seen, 640, 480))

    np.testing.assert_array_equal(known, ~hidden)
    np.testing.assert_allclose(at[known] * 800 + (320, 240), points_px[known], rtol=1e-9)


def test_lengths_of_bones_by_hand():
    points_m = np.zeros((1, 17, 3))
    points_m[0, 7] = (0.3, 0.4, 0)  # the left elbow

    lengths = bone_lengths(points_m)[0]

    touched = [7 in bone for bone in BONES]
    np.testing.assert_allclose(lengths, np.where(touched, 0.5, 0), atol=1e-3)
    assert sum(touched) == 2
    assert mean_lengths([points_m, 3 * points_m]) == pytest.approx(2 * lengths, abs=1e-3)


def test_the_truth_agrees_but_for_how_bones_change(camera, poses):
    given, answered = features(seen_by(camera, poses), 640, 480), lifted(camera, poses)
    lengths = bone_lengths(poses.keypoints)
    uneven = np.abs(lengths - lengths.mean(axis=0)).mean()

    assert loss(answered, given, lengths.mean(axis=0)) == pytest.approx(BONES_WEIGHT * uneven)
    # All bones 0.1 m shorter than people's.
    assert loss(answered, given, lengths.mean(axis=0) + 0.1) == pytest.approx(
        BONES_WEIGHT * (uneven + 0.1)
    )


def test_hips_elsewhere_and_a_pose_turned_round_look_different(camera, poses):
    given, answered = features(seen_by(camera, poses), 640, 480), lifted(camera, poses)
    usual_m = bone_lengths(poses.keypoints).mean(axis=0)
    aside, turned = answered.copy(), answered.copy()
    aside[:, 51] += 0.2
    turned[:, :51] *= -1

    least = loss(answered, given, usual_m)
    assert loss(aside, given, usual_m) > least + 0.1
    assert loss(turned, given, usual_m) > least + 0.1


def test_frames_that_are_not_there_do_not_count_and_torch_gives_the_same(camera, poses):
    given, answered = features(seen_by(camera, poses), 640, 480), lifted(camera, poses)
    usual_m = [0.3] * len(BONES)
    longer = [np.concatenate([a, np.full((2, 54), 7.0)]) for a in (answered, given)]
    there = np.arange(7)[:, None] < 5
    tensors = [torch.tensor(one[None]) for one in (*longer, there)]

    wanted = loss(answered, given, usual_m)

    assert loss(*longer, usual_m, there) == pytest.approx(wanted)
    assert float(disagreement(usual_m)(*tensors)) == pytest.approx(wanted)
