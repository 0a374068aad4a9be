"""Clips that break a limit are planned anew, and never silently shipped."""

import json
from dataclasses import replace

import numpy as np
import pytest

from export.rows import clip_row
from simulator import accept
from simulator.accept import ATTEMPTS, accepted
from simulator.config import parse_config
from simulator.make import make_clip, performance_of
from simulator.performance import Unperformable
from simulator.plan import plan

STICK = {"seed": 0, "exercises": ["squat"], "body": "stick", "reps": 1, "render": False}


def config(**changes):
    return parse_config({**STICK, **changes}, "test")


def refuse(monkeypatch, n_times):
    """Let the first plans fail, as many as are said."""
    asked = []

    def failures(figures, body_model):
        asked.append((figures, body_model))
        return ("too bad",) if len(asked) <= n_times else ()

    monkeypatch.setattr(accept, "failures", failures)
    return asked


def test_a_plausible_clip_is_the_first_plan():
    planned, performance = accepted(config(), 0)

    assert planned.to_json() == plan(config(), 0).to_json()
    assert planned.attempt == 0
    assert performance.metrics == performance_of(planned).metrics


def test_a_refused_clip_is_drawn_again_with_the_same_person_and_faults(monkeypatch):
    wanted = config(clean=False, faults=[{"fault": "forward_lean", "severity": [0.1, 0.5]}])
    asked = refuse(monkeypatch, n_times=2)
    planned, performance = accepted(wanted, 0)
    first = plan(wanted, 0)

    assert len(asked) == 3
    assert asked[0][1] == "stick"
    assert planned.to_json() == plan(wanted, 0, attempt=2).to_json()
    assert performance.metrics == asked[2][0]
    assert planned.style != first.style
    assert planned.group_id == f"{first.group_id}_2"
    same = ("clip_id", "exercise", "subject_id", "body_values")
    assert [getattr(planned, name) for name in same] == [getattr(first, name) for name in same]
    (before,), (after,) = first.injections, planned.injections
    assert (after.fault_id, after.rep) == (before.fault_id, before.rep)
    assert after.size != before.size


def test_what_is_refused_every_time_is_kept_and_counted(monkeypatch, tmp_path):
    asked = refuse(monkeypatch, n_times=100)
    planned, performance = accepted(config(), 0)
    assert len(asked) == ATTEMPTS
    assert planned.attempt == ATTEMPTS - 1

    make_clip(planned, None, tmp_path, performance)
    about = json.loads((tmp_path / "clip.json").read_text())
    about["body"]["model"] = "anny"
    about["metrics"]["self_overlap_max_m"] = 0.5
    row = clip_row(about)
    assert row.attempt == ATTEMPTS - 1
    assert "self_overlap_max_m 0.5 (allowed: at most 0.09)" in row.broken_limits


def test_what_is_refused_every_time_is_dropped_where_that_is_asked_for(monkeypatch):
    refuse(monkeypatch, n_times=100)

    with pytest.raises(Unperformable, match=r"clip_000000 of subject_0000: no plan .* too bad"):
        accepted(config(on_broken="drop"), 0)


@pytest.mark.parametrize(("n_times", "attempt"), [(2, 2), (ATTEMPTS, None)])
def test_what_a_person_cannot_show_is_drawn_again_until_the_last_time(
    monkeypatch, n_times, attempt
):
    asked = []

    def performed(planned):
        asked.append(planned.attempt)
        if len(asked) <= n_times:
            raise Unperformable("too much")
        return performance_of(planned)

    monkeypatch.setattr(accept, "performance_of", performed)

    if attempt is None:
        with pytest.raises(Unperformable, match="too much"):
            accepted(config(), 0)
        assert asked == list(range(ATTEMPTS))
    else:
        assert accepted(config(), 0)[0].attempt == attempt


def test_a_recording_cannot_be_drawn_again(monkeypatch):
    asked = refuse(monkeypatch, n_times=100)
    planned, _ = accepted(config(exercises=[], recordings=["pybullet:jump"]), 0)

    assert asked == []
    assert planned.attempt == 0


def test_balancing_is_off_by_default_and_says_what_it_changed():
    planned = plan(config(), 0)
    as_is, balanced = (performance_of(replace(planned, balance=on)) for on in (False, True))

    assert plan(config(balance=True), 0).to_json() == replace(planned, balance=True).to_json()
    assert not planned.balance
    assert "balanced_max_m" not in as_is.metrics
    assert 0 < balanced.metrics["balanced_mean_m"] < balanced.metrics["balanced_max_m"]
    assert balanced.metrics["unbalanced_share"] < as_is.metrics["unbalanced_share"]


def test_settling_is_off_by_default_and_says_what_it_changed():
    planned = plan(config(reps=1), 0)
    settled = performance_of(replace(planned, settle="pd"))

    assert plan(config(reps=1, settle="pd"), 0).to_json() == replace(planned, settle="pd").to_json()
    assert planned.settle is False
    assert settled.metrics["settled_fell"] == 0.0
    shift_m = settled.root_m - performance_of(planned).root_m
    assert settled.metrics["settled_root_max_m"] == np.linalg.norm(shift_m, axis=1).max() > 0


@pytest.mark.parametrize("exercise", ["push_up", "pull_up"])
def test_who_is_on_the_hands_is_not_balanced(exercise):
    performance = performance_of(plan(config(exercises=[exercise], balance=True), 0))

    assert "balanced_max_m" not in performance.metrics
