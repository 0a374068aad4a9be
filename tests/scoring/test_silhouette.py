"""The outline of a back: on trunks drawn by a formula, whose curvature is known."""

import numpy as np
import pytest

from motions.conventions import COCO_17
from motions.errors import FormbenchError
from scoring.methods.silhouette import (
    outline_of,
    rounded_back,
    rounded_backs,
    spine_turn_rad,
    view_deg,
)
from scoring.poses import PoseSequence
from scoring.sample import squat

HIP, LENGTH = np.array([200.0, 250.0]), 120.0
FULL_TURN_RAD = np.radians(70)


def trunk(bulge, lean_rad=0.0, facing=-1):
    """A person's pixels and hip, neck, nose and ear.

    Behind the line hip to neck the trunk is 0.3 + bulge * s (1 - s) of its length deep at the share
    s of the way, so its outline's second derivative is -2 * bulge.
    """
    up = np.array([facing * np.sin(lean_rad), -np.cos(lean_rad)])
    behind = np.array([-facing * np.cos(lean_rad), -np.sin(lean_rad)])
    y, x = np.mgrid[0:400, 0:400] + 0.5
    off = np.stack([x, y], axis=-1) - HIP
    s, depth = off @ up / LENGTH, off @ behind / LENGTH
    mask = (s > -0.3) & (s < 1.3) & (depth > -0.3) & (depth < 0.3 + bulge * s * (1 - s))
    neck = HIP + LENGTH * up
    ear = neck + 0.3 * LENGTH * up
    return mask, HIP, neck, ear - 0.2 * LENGTH * behind, ear


@pytest.mark.parametrize("bulge", [-0.3, 0.0, 0.2, 0.6])
@pytest.mark.parametrize("lean_rad", [0.0, 0.7, 1.4])
@pytest.mark.parametrize("facing", [-1, 1])
def test_curvature_and_sagitta_are_those_drawn(bulge, lean_rad, facing):
    back = outline_of(*trunk(bulge, lean_rad, facing))

    assert back.curvature == pytest.approx(2 * bulge, abs=0.06)
    # Over the chord from a tenth to nine tenths of the way: bulge * (0.25 - 0.09).
    assert back.sagitta == pytest.approx(0.16 * bulge, abs=0.015)
    assert len(back.outline_px) == 41


def test_who_is_not_in_the_picture_has_no_outline():
    mask, *points = trunk(0.2)

    assert outline_of(np.zeros_like(mask), *points) is None
    assert outline_of(np.ones_like(mask), *points) is None  # nowhere does the person end
    assert outline_of(mask, np.full(2, np.nan), *points[1:]) is None


def bending(bulges):
    """One repetition from the side: the trunk leans and rounds, and comes back."""
    names = COCO_17.keypoint_names
    there = np.sin(np.pi * np.arange(20) / 20) ** 2
    frames = [trunk(bulges * share, FULL_TURN_RAD * share) for share in there]
    points = np.zeros((20, len(names), 2))
    for t, (_, hip, neck, nose, ear) in enumerate(frames):
        for k, name in enumerate(names):
            part = name.rpartition("_")[2]
            known = {"hip": hip, "shoulder": neck, "nose": nose, "ear": ear}
            points[t, k] = known.get(part, (200.0, 350.0))
    sequence = PoseSequence(points, np.ones(points.shape[:2]), "coco17", 10.0, "drawn")
    return sequence, np.stack([frame[0] for frame in frames])


def test_a_back_that_rounds_while_it_bends_is_told_from_one_that_stays_flat():
    rounds, flat = rounded_back(*bending(0.5)), rounded_back(*bending(0.0))

    assert rounds.applicable and rounds.view_deg == 0
    assert rounds.curvature == pytest.approx(1.0, abs=0.12)
    assert flat.curvature == pytest.approx(0.0, abs=0.06)
    assert flat.sagitta == pytest.approx(0.0, abs=0.02)


def test_from_the_front_nothing_is_said():
    found = rounded_back(squat(), np.zeros((squat().n_frames, 480, 640), dtype=bool))

    assert view_deg(squat()) == pytest.approx(np.degrees(np.arcsin(90 / 120 / 0.8)))
    assert (found.applicable, found.curvature, found.sagitta) == (False, None, None)


def test_frames_without_masks_and_backs_out_of_sight_are_refused(make_clip):
    sequence, masks = bending(0.5)

    with pytest.raises(FormbenchError, match="a mask for each of 20 frames, got 19"):
        rounded_back(sequence, masks[1:])
    with pytest.raises(FormbenchError, match="the back is not seen at the start"):
        rounded_back(sequence, np.zeros_like(masks))
    with pytest.raises(FormbenchError, match="expected masks of side, got none"):
        rounded_backs(make_clip(), "side")


def test_a_clip_is_measured_repetition_by_repetition(make_clip):
    found = rounded_backs(make_clip(masks=True, n_reps=2), "front")

    assert [back.applicable for back in found] == [False, False]


def test_a_spine_turns_by_the_sum_of_its_angles():
    # From the sacrum straight up, then 30 degrees to the right at each of three points.
    angles = np.radians([0, 30, 60, 90])
    up = np.cumsum(np.stack([np.sin(angles), -np.cos(angles)], axis=1), axis=0)
    spine = np.concatenate([[[0, 0]], up])[::-1]

    np.testing.assert_allclose(spine_turn_rad(spine[None]), [np.pi / 2])
    np.testing.assert_allclose(spine_turn_rad(spine[None] * (-1, 1)), [-np.pi / 2])
