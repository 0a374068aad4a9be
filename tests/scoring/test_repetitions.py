from dataclasses import replace

import numpy as np
import pytest

from motions.errors import FormbenchError
from scoring.evaluation.repetitions import truths_of, views_of
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


def test_every_camera_shows_every_repetition(make_clip):
    clip = make_clip(n_reps=2, n_cameras=3)
    seen = list(views_of(clip, "coco17"))

    assert [(truth.rep, view) for truth, view, _ in seen] == [
        (rep, view) for view in ("front", "side", "back") for rep in (0, 1)
    ]
    whole = from_clip(clip, "side", "coco17").keypoints
    assert np.array_equal(seen[3][2].keypoints, whole[10:20])
