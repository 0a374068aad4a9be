"""From a file to a checked and segmented motion, and our own motion files."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from motions.errors import FormbenchError
from motions.formats.bvh import write_bvh
from motions.formats.reading import About
from motions.importing import import_motion
from motions.library import EXERCISES
from motions.motion import Motion
from motions.motion_file import load_motion, write_motion
from motions.perform import perform
from motions.variation import sample_style


def a_set(name: str, n_reps: int = 3) -> Motion:
    exercise = EXERCISES[name]
    style = sample_style(exercise.out_s, exercise.back_s, n_reps, np.random.default_rng(1))
    return perform(exercise, style, 30.0)


def about(name: str) -> About:
    return About(name, "a test", "CC0-1.0")


@pytest.mark.parametrize("name", list(EXERCISES))
def test_a_set_of_every_exercise_is_imported_with_its_repetitions_and_contacts(tmp_path, name):
    wanted = a_set(name)
    write_bvh(wanted, tmp_path / "set.bvh")

    motion = import_motion(tmp_path / "set.bvh", about(name)).motion

    assert len(motion.reps) == 3
    assert (motion.exercise, motion.source, motion.licence) == (name, "a test", "CC0-1.0")
    # A toe that slips for a moment is not what is tested here.
    agreement = (motion.contacts == wanted.contacts).mean()
    assert agreement > 0.94


def test_an_exercise_whose_contacts_are_never_made_is_refused(tmp_path):
    write_bvh(a_set("squat", 1), tmp_path / "squat.bvh")

    with pytest.raises(
        FormbenchError, match=r"squat\.bvh: pull_up stands on .* never has left_hand, right_hand"
    ):
        import_motion(tmp_path / "squat.bvh", about("pull_up"))


def test_an_exercise_that_is_not_known_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(FormbenchError, match=r"no 'squatt'\. Did you mean 'squat'"):
        import_motion(tmp_path / "none.bvh", about("squatt"))


def test_a_recording_without_a_repetition_names_the_file(tmp_path):
    still = a_set("squat", 1)
    still = replace(
        still,
        root_position_m=np.tile(still.root_position_m[0], (40, 1)),
        joint_rotations_wxyz=np.tile(still.joint_rotations_wxyz[0], (40, 1, 1)),
        contacts=still.contacts[:40],
        phase=np.zeros(40),
        reps=(),
    )
    write_bvh(still, tmp_path / "still.bvh")

    with pytest.raises(FormbenchError, match=r"still\.bvh: .*no repetition of squat"):
        import_motion(tmp_path / "still.bvh", about("squat"))


@pytest.mark.parametrize("name", list(EXERCISES))
def test_a_motion_file_holds_everything_and_the_same_motion_gives_the_same_bytes(tmp_path, name):
    motion = a_set(name)
    write_motion(motion, tmp_path / "a.npz")
    write_motion(motion, tmp_path / "b.npz")

    found = load_motion(tmp_path / "a.npz")

    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    for field in ("root_position_m", "joint_rotations_wxyz", "contacts", "phase"):
        np.testing.assert_array_equal(getattr(found, field), getattr(motion, field))
    for field in ("exercise", "fps", "reps", "source", "licence"):
        assert getattr(found, field) == getattr(motion, field)


def spoil(path: Path, **changes: object) -> None:
    with np.load(path, allow_pickle=False) as stored:
        held = {name: stored[name] for name in stored.files} | changes
    np.savez(path, **{name: value for name, value in held.items() if value is not None})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema": None}, "expected a motion of schema formbench.motion/2, got none; import it"),
        ({"schema": "formbench.motion/1"}, "got formbench.motion/1"),
        ({"phase": None}, "damaged: no phase"),
        ({"fps": 0.0}, "damaged: Motion.fps: expected a positive number, got 0.0"),
        ({"fps": [1.0, 2.0]}, "damaged: "),
        ({"reps_s": np.zeros((1, 3))}, "damaged: "),
        ({"reps_s": np.array([[2.0, 1.0]])}, "damaged: Span: expected 0 <= start_s < end_s"),
        ({"root_position_m": np.zeros((2, 3))}, "damaged: Motion.joint_rotations_wxyz"),
        ({"joint_rotations_wxyz": np.array("x")}, "damaged: "),
    ],
)
def test_a_damaged_motion_file_is_named(tmp_path, changes, message):
    path = tmp_path / "a.npz"
    write_motion(a_set("squat", 1), path)
    spoil(path, **changes)

    with pytest.raises(FormbenchError) as caught:
        load_motion(path)

    assert f"{path}: " in str(caught.value)
    assert message in str(caught.value)


def test_a_file_of_another_kind_is_no_motion_file(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"PK not really")

    with pytest.raises(FormbenchError, match=r"expected a whole \.npz file"):
        load_motion(tmp_path / "a.npz")
