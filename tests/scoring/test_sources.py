"""What can be scored, and by which name what is done goes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from motions.errors import FormbenchError
from scoring.estimators.arrays import write_poses
from scoring.methods.repetitions import find_repetitions
from scoring.poses import PoseSequence
from scoring.recognition import good_sets
from scoring.sample import squat
from scoring.sources import Recording, check_references, named, read_recording


def test_poses_in_space_are_what_is_judged_and_what_is_shown(tmp_path: Path) -> None:
    one = good_sets("squat", 1)[0]
    write_poses(one, tmp_path / "space.npz")
    write_poses(squat(), tmp_path / "image.npz")
    space, image = (read_recording(tmp_path / f"{n}.npz") for n in ("space", "image"))
    assert space.space is space.poses and space.video is image.video is image.space is None
    np.testing.assert_array_equal(space.poses.keypoints, one.keypoints)


def in_space(sequence: PoseSequence) -> Recording:
    unknown = replace(sequence, exercise="")
    return Recording(unknown, unknown, None)


def test_what_is_said_counts_and_what_is_not_said_is_found() -> None:
    recording = in_space(good_sets("biceps_curl", 1, first=50)[0])
    told, guesses = named(recording, "squat", find_repetitions)
    assert (told.poses.exercise, guesses) == ("squat", ())
    found, guesses = named(recording, "", find_repetitions)
    assert found.poses.exercise == guesses[0].exercise == "biceps_curl"


def test_without_space_it_stays_open() -> None:
    recording = Recording(replace(squat(), exercise=""), None, None)
    found, guesses = named(recording, "", find_repetitions)
    assert (found.poses.exercise, guesses) == ("", ())


def test_an_unknown_name_and_a_still_person_are_told() -> None:
    one = good_sets("squat", 1)[0]
    with pytest.raises(FormbenchError, match="Did you mean 'squat'"):
        named(in_space(one), "sqat", find_repetitions)
    still = replace(one, keypoints=np.repeat(one.keypoints[:1], one.n_frames, axis=0))
    with pytest.raises(FormbenchError, match="expected repetitions in the recording, found none"):
        named(in_space(still), "", find_repetitions)


def test_a_reference_of_another_exercise_is_refused() -> None:
    curls, squats = (in_space(good_sets(n, 1, first=50)[0]) for n in ("biceps_curl", "squat"))
    other = in_space(good_sets("biceps_curl", 1, first=60)[0])
    _, found = named(curls, "", find_repetitions)
    with pytest.raises(FormbenchError, match="looks like squat and the other like biceps_curl"):
        check_references(found, [other, squats], find_repetitions)
    check_references(found, [other], find_repetitions)
    check_references((), [squats], find_repetitions)


def test_a_reference_that_is_not_known_in_space_is_believed() -> None:
    half = Recording(squat(), None, None)
    _, found = named(in_space(good_sets("squat", 1)[0]), "", find_repetitions)
    check_references(found, [half], find_repetitions)
