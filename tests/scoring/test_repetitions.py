from dataclasses import replace

import numpy as np
import pytest

from motions.errors import FormbenchError
from motions.motion import Span
from scoring.evaluation.material import filmed
from scoring.evaluation.pose_sources import in_convention, pose_source
from scoring.evaluation.repetitions import truths_of
from scoring.poses import from_clip


def with_size(clip, rep, name, size, severity):
    """Change what was measured in one repetition."""
    fault_id = f"{clip.exercise}.{name}"
    return replace(
        clip,
        faults=tuple(
            replace(f, measured=size, severity=severity, present=severity >= 0)
            if (f.rep, f.fault_id) == (rep, fault_id)
            else f
            for f in clip.faults
        ),
    )


def test_each_repetition_has_its_own_truth(make_clip):
    clip = with_size(make_clip(n_reps=3), 1, "rounded_back", 45.0, 1.0)
    clean, rounded, last = truths_of(clip)

    assert (clean.present, clean.clean) == ((), True)
    assert (rounded.present, rounded.clean) == (("squat.rounded_back",), False)
    assert rounded.severities["squat.rounded_back"] == 1.0
    assert (last.rep, last.present, last.clean) == (2, (), True)


def test_between_correct_and_mild_is_neither_clean_nor_faulty(make_clip):
    # A rounded back is correct up to 15 degrees in a squat and a fault from 20 on.
    sizes_deg = {15.0: True, 15.1: False, 19.9: False}
    for size_deg, clean in sizes_deg.items():
        clip = with_size(make_clip(), 0, "rounded_back", size_deg, -0.01)
        assert (truths_of(clip)[0].clean, truths_of(clip)[0].present) == (clean, ())


def test_a_repetition_that_nobody_measured_is_not_clean(make_clip):
    truth = truths_of(replace(make_clip(), faults=()))[0]

    assert not truth.clean and not truth.present


def test_an_unknown_fault_is_refused(make_clip):
    clip = make_clip()
    clip = replace(clip, faults=(replace(clip.faults[0], fault_id="squat.rounded_bak"),))
    with pytest.raises(FormbenchError, match=r"clip_000000: fault: no 'squat.rounded_bak'. Did"):
        truths_of(clip)


def test_every_camera_shows_every_repetition(make_clip, tmp_path):
    clip = make_clip(n_reps=2, n_cameras=3)
    shown = list(filmed(clip, tmp_path, pose_source("truth"), "coco17"))
    seen = [rep for one in shown for rep in one.repetitions()]

    assert [(truth.rep, view) for truth, view, _ in seen] == [
        (rep, view) for view in ("front", "side", "back") for rep in (0, 1)
    ]
    whole = from_clip(clip, "side", "coco17").keypoints
    assert np.array_equal(shown[1].whole.keypoints, whole)
    assert np.array_equal(seen[3].sequence.keypoints, whole[10:20])


def test_a_ladder_is_one_repetition_of_one_set(make_clip):
    rungs = [make_clip(clip_id=n, faults={"rounded_back": 10.0 * len(n)}) for n in ("a", "bb")]

    assert [t.ladder for clip in rungs for t in truths_of(clip)] == [
        "ada-squat/0",
        "ada-squat/1",
    ] * 2
    severe, mild = (with_size(rungs[0], 0, "rounded_back", 0.0, s) for s in (1.0, 0.0))
    assert truths_of(severe)[0].dose("squat.rounded_back") == 1
    assert truths_of(mild)[0].dose("squat.rounded_back") == pytest.approx(20 / 45)


def test_a_side_is_told_of_faults_that_have_one_and_a_time_of_those_that_were_put_in(make_clip):
    knees, back = "squat.knees_in", "squat.rounded_back"
    clip = with_size(make_clip(), 0, "rounded_back", 45.0, 1.0)
    spans = [replace(s, fault_id=knees, side="left") for s in clip.faults if s.fault_id == back]
    window = {"from_phase": 0.5, "to_phase": 1.0, "onset": 0.3, "release": 0.3}
    asked = [{"fault_id": name, "rep": 0, "window": window} for name in (knees, back)]
    asked.append({"fault_id": back, "rep": 1, "window": None})
    clip = replace(clip, faults=(*clip.faults, *spans), plan={"injections": asked})
    first, second = truths_of(clip)

    assert first.sides == {knees: "left"}
    # At 10 fps the phase sin^2 reaches a half at 0.25 s and leaves it at 0.75 s; half way up the
    # ramps of 0.3 * 0.25 s lie within the frames 0.3 s to 0.7 s.
    assert first.spans == {knees: Span(0.3, 0.8), back: Span(0.3, 0.8)}
    assert second.spans == {}


def test_points_of_another_convention_are_taken_by_name(make_clip):
    clip = make_clip()
    seen = from_clip(clip, "side", "mediapipe33")
    found = in_convention(seen, "coco17")

    assert np.array_equal(found.keypoints, from_clip(clip, "side", "coco17").keypoints)
    with pytest.raises(FormbenchError, match="expected the points of smpl22, mediapipe33 has no"):
        in_convention(seen, "smpl22")


def test_mediapipe_needs_videos_and_is_offered_when_a_name_is_wrong(make_clip, tmp_path):
    with pytest.raises(FormbenchError, match="need videos; generate with render: true"):
        next(filmed(make_clip(), tmp_path, pose_source("mediapipe"), "coco17"))
    with pytest.raises(FormbenchError, match="Did you mean 'mediapipe'"):
        pose_source("mediapip")
