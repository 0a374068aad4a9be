"""What nobody can show is refused before any work; what somebody can show is not."""

import pytest
from typer.testing import CliRunner

from motions.errors import FormbenchError
from simulator import possible
from simulator.config import parse_config
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


def test_only_the_largest_size_of_each_named_fault_is_tried(monkeypatch):
    asked = tried(monkeypatch, lambda planned: True)
    ladder = {"fault": "incomplete_range", "dose_ladder": [0, 1, 0.5]}
    wanted = config(ladder, {"fault": "every", "severity": 1}, NO_ROOM)
    check_possible(wanted)

    # Clip 0 is clean, 1 to 3 are the ladder, and the last is the one without room.
    assert asked == [("0", 2, 0), ("0", count_clips(wanted) - 1, 0)]


def test_one_person_of_three_who_can_is_enough_and_a_fourth_is_not_asked(monkeypatch):
    asked = tried(monkeypatch, lambda planned: planned.subject_id.endswith("2"))
    fault = {"fault": "knees_in", "severity": 1}
    check_possible(config(fault, subjects=5))
    assert asked == [*((s, 1 + 2 * int(s), n) for s in "01" for n in range(4)), ("2", 5, 0)]

    asked = tried(monkeypatch, lambda planned: planned.subject_id.endswith("3"))
    with pytest.raises(FormbenchError, match="no one of 3 tried"):
        check_possible(config(fault, subjects=5))
    assert {subject for subject, _, _ in asked} == set("012")
