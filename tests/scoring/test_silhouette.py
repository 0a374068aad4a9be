"""The outline of a back: on trunks drawn by a formula, whose curvature is known."""

from dataclasses import replace

import numpy as np
import pytest

import workbench
from motions.conventions import COCO_17
from motions.errors import FormbenchError
from motions.motion import Span
from scoring import backs
from scoring.backs import masked_backs, video_backs
from scoring.estimators.arrays import write_poses
from scoring.estimators.mediapipe import SeenPoses
from scoring.methods.silhouette import (
    clip_backs,
    outline_of,
    rounded_back,
    rounded_backs,
    spine_turn_rad,
    view_deg,
)
from scoring.poses import PoseSequence
from scoring.sample import squat
from simulator.rendering.video import VideoWriter

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
    rounds, flat = (rounded_backs(*bending(bulge), [Span(0.0, 2.0)])[0] for bulge in (0.5, 0.0))

    assert rounds.applicable and rounds.view_deg == 0
    assert rounds.curvature == pytest.approx(1.0, abs=0.12)
    assert flat.curvature == pytest.approx(0.0, abs=0.06)
    assert flat.sagitta == pytest.approx(0.0, abs=0.02)


def test_from_the_front_nothing_is_said():
    found = rounded_back(squat(), [outline_of(*trunk(0.2))] * squat().n_frames)

    assert view_deg(squat()) == pytest.approx(np.degrees(np.arcsin(90 / 120 / 0.8)))
    assert (found.applicable, found.curvature, found.sagitta) == (False, None, None)


def test_backs_out_of_sight_are_not_judged_and_frames_without_masks_are_refused(make_clip):
    sequence, masks = bending(0.5)
    (unseen,) = rounded_backs(sequence, np.zeros_like(masks), [Span(0.0, 2.0)])

    assert (unseen.applicable, unseen.view_deg, unseen.sagitta) == (False, 0.0, None)
    for wrong in (masks[1:], np.concatenate([masks, masks[:1]])):
        with pytest.raises(FormbenchError, match=f"for each of 20 frames, got {len(wrong)}"):
            rounded_backs(sequence, wrong, [])
    with pytest.raises(FormbenchError, match="expected masks of side, got none"):
        clip_backs(make_clip(), "side")


def test_a_clip_is_measured_repetition_by_repetition(make_clip):
    found = clip_backs(make_clip(masks=True, n_reps=2), "front")

    assert [back.applicable for back in found] == [False, False]


def test_a_spine_turns_by_the_sum_of_its_angles():
    # From the sacrum straight up, then 30 degrees to the right at each of three points.
    angles = np.radians([0, 30, 60, 90])
    up = np.cumsum(np.stack([np.sin(angles), -np.cos(angles)], axis=1), axis=0)
    spine = np.concatenate([[[0, 0]], up])[::-1]

    np.testing.assert_allclose(spine_turn_rad(spine[None]), [np.pi / 2])
    np.testing.assert_allclose(spine_turn_rad(spine[None] * (-1, 1)), [-np.pi / 2])


WHOLE = [Span(0.0, 2.0)]


def write_masks(masks, path):
    with VideoWriter(path, masks.shape[2], masks.shape[1], 10.0) as video:
        for mask in masks:
            video.write(np.repeat(255 * mask[..., None].astype(np.uint8), 3, axis=-1))


def test_masks_of_a_video_measure_as_they_are(tmp_path):
    sequence, masks = bending(0.5)
    write_masks(masks, tmp_path / "masks.mp4")
    (found,) = masked_backs(sequence, tmp_path / "masks.mp4", lambda _: WHOLE)
    (exact,) = rounded_backs(sequence, masks, WHOLE)

    assert found.curvature == pytest.approx(exact.curvature, abs=0.05)
    write_masks(masks[:12], tmp_path / "short.mp4")
    with pytest.raises(FormbenchError, match="a mask for each of 20 frames, got 12"):
        masked_backs(sequence, tmp_path / "short.mp4", lambda _: WHOLE)


def test_a_video_is_measured_by_what_the_estimator_sees(tmp_path, monkeypatch):
    sequence, masks = bending(0.5)

    def seen(pictures, fps, on_mask):
        for _, mask in zip(pictures, masks, strict=True):
            on_mask(mask)
        return SeenPoses(sequence, sequence)

    monkeypatch.setattr(backs, "seen_poses", seen)
    write_masks(masks, tmp_path / "any.mp4")
    found = video_backs(tmp_path / "any.mp4", lambda _: WHOLE)

    assert found == rounded_backs(sequence, masks, WHOLE)


def test_the_command_takes_poses_with_masks_and_neither_alone(tmp_path, capfd):
    sequence, masks = bending(0.5)
    twice = replace(
        sequence,
        keypoints=np.concatenate([sequence.keypoints[:1]] * 10 + [sequence.keypoints] * 2),
        confidence=np.ones((50, 17)),
    )
    write_poses(twice, tmp_path / "poses.npz")
    write_masks(np.concatenate([masks[:1]] * 10 + [masks] * 2), tmp_path / "masks.mp4")
    command = ["rounded-back", str(tmp_path / "poses.npz")]
    with pytest.raises(SystemExit) as ended:
        workbench.main([*command, "--masks", str(tmp_path / "masks.mp4")])
    told = capfd.readouterr().out.splitlines()
    with pytest.raises(SystemExit) as refused:
        workbench.main(command)

    assert (ended.value.code, refused.value.code) == (0, 1)
    assert [line.split()[:2] for line in told[1:]] == [["1", "yes"], ["2", "yes"]]
