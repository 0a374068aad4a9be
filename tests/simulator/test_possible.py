"""What nobody can show is refused before any work; what somebody can show is not."""

import pytest
from typer.testing import CliRunner

from motions.errors import FormbenchError
from simulator import possible
from simulator.config import parse_config
from simulator.generate import generate
from simulator.performance import Unperformable
from simulator.plan import count_clips
from simulator.possible import check_possible

STICK = {"seed": 0, "exercises": ["squat"], "body": "stick", "reps": 1, "render": False}
NO_ROOM = {"fault": "knees_in", "severity": 1, "window": {"from": 0, "to": 0.03}}


def config(*faults, **changes):
    return parse_config({**STICK, "faults": list(faults), **changes}, "test")


def tried(monkeypatch, can_show):
    """Let only some clips be possible; return what is tried as (subject, clip, attempt)."""
    asked = []

    def deliver(planned):
        asked.append((planned.subject_id[-1], int(planned.clip_id[5:]), planned.attempt))
        if not can_show(planned):
            raise Unperformable(f"{planned.clip_id}: too much")

    monkeypatch.setattr(possible, "deliver_plan", deliver)
    return asked


def test_a_fault_without_room_for_it_is_refused_with_what_a_body_shows_at_most():
    with pytest.raises(FormbenchError, match=r"no one of 1 tried.*knees_in: asked for 0\.18"):
        check_possible(config(NO_ROOM))


def test_nothing_is_written_for_a_config_that_asks_for_the_impossible(tmp_path):
    from workbench import app

    written = tmp_path / "config.yaml"
    written.write_text(
        "seed: 0\nexercises: [squat]\nbody: stick\nreps: 1\nrender: false\n"
        "faults: [{fault: knees_in, severity: 1, window: {from: 0, to: 0.03}}]\n"
    )
    result = CliRunner().invoke(app, ["generate", str(written), "-o", str(tmp_path / "made")])

    assert isinstance(result.exception, FormbenchError)
    assert not (tmp_path / "made").exists()


def test_faults_that_can_be_shown_are_not_refused():
    check_possible(config({"fault": "knees_in", "severity": 1}))


def test_python_callers_are_told_before_anything_is_written(tmp_path):
    with pytest.raises(FormbenchError, match=r"knees_in: asked for 0\.18"):
        generate(config(NO_ROOM), tmp_path / "made", 1)
    assert not (tmp_path / "made").exists()


def test_a_folder_that_is_taken_is_said_before_faults_are_tried(monkeypatch, tmp_path):
    asked = tried(monkeypatch, lambda planned: True)
    (tmp_path / "file").touch()
    with pytest.raises(FormbenchError, match="expected an empty or new folder"):
        generate(config(NO_ROOM), tmp_path, 1)
    assert asked == []


def test_only_the_largest_size_of_each_fault_is_tried(monkeypatch):
    asked = tried(monkeypatch, lambda planned: True)
    ladder = {"fault": "incomplete_range", "dose_ladder": [0, 1, 0.5]}
    check_possible(config(ladder, NO_ROOM))

    # Clip 0 is clean, 1 to 3 are the ladder, and the last is the one without room.
    assert asked == [("0", 2, 0), ("0", 4, 0)]


def test_of_entries_that_mean_every_fault_so_many_are_tried_evenly(monkeypatch):
    asked = tried(monkeypatch, lambda planned: True)
    monkeypatch.setattr(possible, "OF_EVERY", 3)
    wanted = config({"fault": "every", "severity": 1}, NO_ROOM)
    check_possible(wanted)

    last = count_clips(wanted) - 1
    assert asked == [("0", 1, 0), ("0", 1 + (last - 2) // 2, 0), ("0", last - 1, 0), ("0", last, 0)]


def test_one_impossible_fault_among_every_one_is_refused(monkeypatch):
    tried(monkeypatch, lambda planned: planned.injections[0].fault_id != "squat.knees_in")
    with pytest.raises(FormbenchError, match="no one of 1 tried can show it"):
        check_possible(config({"fault": "every", "severity": 1}))


def test_the_first_the_tallest_and_the_shortest_are_asked_and_one_who_can_is_enough(monkeypatch):
    heights_m = [1.7, 1.6, 1.9, 1.5, 1.8]
    drawn = iter(2 * heights_m)
    monkeypatch.setattr(possible, "sample_body", lambda model, rng: {"stature_m": next(drawn)})
    fault = {"fault": "knees_in", "severity": 1}
    asked = tried(monkeypatch, lambda planned: planned.subject_id.endswith("3"))
    check_possible(config(fault, subjects=5))
    assert asked == [*((s, 1 + 2 * int(s), n) for s in "02" for n in range(4)), ("3", 7, 0)]

    asked = tried(monkeypatch, lambda planned: planned.subject_id.endswith("4"))
    with pytest.raises(FormbenchError, match="no one of 3 tried"):
        check_possible(config(fault, subjects=5))
    assert {subject for subject, _, _ in asked} == set("023")
