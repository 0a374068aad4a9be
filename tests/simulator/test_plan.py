import json
from dataclasses import replace

import numpy as np
import pytest

from motions.errors import FormbenchError
from simulator.bodies.stick import CANONICAL_HEIGHT_M
from simulator.config import parse_config
from simulator.plan import count_clips, plan
from simulator.sources import sources

THREE = ("rounded_back", "incomplete_range", "jump")


def config(**changes):
    given = {
        "seed": 0, "exercises": ["squat", "pull_up"], "subjects": 3, "takes": 2, "body": "stick",
        "faults": [
            *({"fault": name, "severity": [0, 1]} for name in THREE),
            {"fault": "jump", "dose_ladder": [0, 1]},
        ],
    }  # fmt: skip
    if "faults" in changes and "exercises" not in changes:
        given["exercises"] = ["squat"]
    return parse_config({**given, **changes}, "c.yaml")


def test_every_clip_is_counted_and_named_once():
    plans = [plan(config(), i) for i in range(count_clips(config()))]

    # 2 exercises x 3 subjects x 2 takes x (clean + 3 faults + 2 doses)
    assert len(plans) == 72
    assert [p.clip_id for p in plans] == [f"clip_{i:06d}" for i in range(72)]
    assert len({p.subject_id for p in plans}) == 3
    assert len({p.group_id for p in plans}) == 12
    with pytest.raises(FormbenchError, match="expected a clip below 72, got 72"):
        plan(config(), 72)


def test_a_plan_is_the_same_each_time_and_needs_no_other():
    assert plan(config(), 40).to_json() == plan(config(), 40).to_json()


def test_another_seed_changes_every_clip_and_zero_is_a_seed():
    zero, one = plan(config(seed=0), 0), plan(config(seed=1), 0)

    assert zero.body_values != one.body_values
    assert zero.style != one.style


def test_siblings_differ_in_their_faults_alone():
    plans = [plan(config(), i) for i in range(6)]
    first = plans[0]

    assert {p.group_id for p in plans} == {first.group_id}
    assert first.injections == ()
    for sibling in plans[1:]:
        assert sibling.injections
        alike = replace(sibling, clip_id=first.clip_id, injections=(), cameras=first.cameras)
        assert alike == first
        for ours, theirs in zip(first.cameras, sibling.cameras, strict=True):
            assert (ours.T_world_cam == theirs.T_world_cam).all()


def test_a_subject_is_one_person_in_every_exercise_and_take():
    plans = [plan(config(), i) for i in range(72)]
    people = {p.subject_id: p.body_values for p in plans}

    assert all(p.body_values == people[p.subject_id] for p in plans)
    assert len({tuple(values.items()) for values in people.values()}) == 3


def test_takes_differ_in_style_looks_and_cameras():
    one, two = plan(config(), 0), plan(config(), 12)

    assert (one.subject_id, one.exercise) == (two.subject_id, two.exercise)
    assert one.style != two.style
    assert one.looks != two.looks
    assert (one.cameras[0].T_world_cam != two.cameras[0].T_world_cam).any()


def test_an_exercise_more_leaves_the_others_as_they_were():
    alone, among = config(exercises=["pull_up"]), config()
    clean_alone, clean_among = plan(alone, 0), plan(among, 6)

    assert clean_among.exercise == "pull_up"
    assert clean_alone.style == clean_among.style
    assert clean_alone.looks == clean_among.looks


def test_sizes_follow_the_config():
    injections = {index: [i.size for i in plan(config(), index).injections] for index in (1, 4, 5)}

    assert all(20 <= size <= 45 for size in injections[1])  # rounded back, severity 0 to 1
    assert len(set(injections[1])) == 2  # drawn for each repetition
    assert injections[4] == [0.0, 0.0]  # jump, dose 0
    assert injections[5] == [2.0, 2.0]


def test_chosen_repetitions_alone_are_faulty():
    chosen = config(faults=[{"fault": "jump", "size_m_s": 1.5, "reps": [1]}])

    assert [(i.rep, i.size) for i in plan(chosen, 1).injections] == [(1, 1.5)]


def sizes(entry, n_reps=40, index=1):
    """Return the sizes in a clip by fault, one a repetition, None where there is none."""
    planned = plan(config(reps=n_reps, faults=[entry]), index)
    found = {}
    for i in planned.injections:
        found.setdefault(i.fault_id.partition(".")[2], [None] * n_reps)[i.rep] = i.size
    return found


def test_a_probability_draws_repetitions_and_a_ladder_has_the_same_in_every_dose():
    entry = {"fault": "rounded_back", "dose_ladder": [0.5, 1], "probability": 0.5}
    half, full = (sizes(entry, index=i)["rounded_back"] for i in (1, 2))

    assert 10 < sum(size is not None for size in half) < 30
    assert [size and 2 * size for size in half] == full


def test_growth_goes_from_nothing_to_the_whole_size():
    grown = sizes({"fault": "rounded_back", "size_deg": 40, "growth": 1}, n_reps=5)

    assert grown == {"rounded_back": [0, 10, 20, 30, 40]}


def test_faults_that_come_along_do_so_in_the_same_repetitions_and_as_correlated_as_asked():
    def drawn(correlation):
        also = [{"fault": "knees_in", "dose": [0, 1], "correlation": correlation}]
        entry = {"fault": "rounded_back", "dose": [0, 1], "probability": 0.9, "also": also}
        found = sizes({**entry}, n_reps=100)
        first, other = found["rounded_back"], found["knees_in"]
        assert [a is None for a in first] == [b is None for b in other]
        pairs = [pair for pair in zip(first, other, strict=True) if None not in pair]
        return np.corrcoef(*zip(*pairs, strict=True))[0, 1]

    assert drawn(1.0) == pytest.approx(1)
    assert drawn(0.8) == pytest.approx(0.8, abs=0.12)
    assert drawn(0.0) == pytest.approx(0, abs=0.25)
    assert drawn(-1.0) == pytest.approx(-1)


def test_one_side_is_drawn_for_a_set_and_given_sides_and_windows_are_kept():
    sways = {"fault": "trunk_rotation", "dose_ladder": [0.5, 1]}
    many = config(subjects=20, faults=[sways])
    drawn = {tuple(i.side for i in plan(many, n).injections) for n in range(120) if n % 3}
    window = {"from": 0.5, "way": "back"}
    given = {"fault": "knees_in", "dose": 1, "side": "left", "window": window}
    first = plan(config(faults=[given]), 1).injections[0]

    assert drawn == {("left", "left"), ("right", "right")}
    assert (first.side, first.window.from_phase, first.window.way) == ("left", 0.5, "back")


def test_a_variation_is_a_clip_of_its_own_that_says_so():
    odd = config(exercises=["squat"], faults=[], variations=["slow_tempo", "wide_stance"])
    plans = [plan(odd, i) for i in range(3)]

    assert count_clips(odd) == 3 * 2 * 3
    assert [p.variation for p in plans] == ["", "slow_tempo", "wide_stance"]
    assert {i.fault_id for i in plans[1].injections} == {"squat.tempo_slow"}
    assert {p.group_id for p in plans} == {plans[0].group_id}


def test_a_fault_named_by_its_id_is_of_its_own_exercise_only():
    both = config(
        exercises=["squat", "deadlift"],
        subjects=1,
        takes=1,
        faults=[{"fault": "squat.knees_in", "dose": 1}, {"fault": "deadlift.every", "dose": 1}],
    )
    asked = [{i.fault_id for i in plan(both, n).injections} for n in range(count_clips(both))]

    assert asked[:2] == [set(), {"squat.knees_in"}]
    assert all(fault_id.startswith("deadlift.") for ids in asked[2:] for fault_id in ids)
    assert len(asked) > 10


def test_every_fault_is_those_that_the_set_has_repetitions_for():
    def n_faults(**changes):
        each = config(exercises=["squat"], faults=[{"fault": "every", "dose": 1, **changes}])
        ids = set()
        for index in range(count_clips(each)):
            ids |= {i.fault_id for i in plan(each, index).injections}
        return ids

    everywhere, in_one = n_faults(), n_faults(reps=[1])
    assert "squat.fatigue_drift" not in everywhere
    assert everywhere - in_one == {"squat.feet_too_wide", "squat.feet_too_narrow"}


def test_a_plan_is_plain_data():
    text = json.dumps(plan(config(), 1).to_json(), allow_nan=False)

    assert json.loads(text)["injections"][0]["fault_id"] == "squat.rounded_back"


def test_recordings_are_sets_of_their_own_and_leave_the_rest_as_it_was():
    with_jump = config(recordings=["pybullet:jump"])
    plans = [plan(with_jump, i) for i in range(13)]

    assert count_clips(with_jump) == 72 + 6
    assert [p.recording for p in plans] == [None] * 12 + ["pybullet:jump"]
    assert (plans[12].exercise, plans[12].style, plans[12].injections) == ("jump", None, ())
    assert plans[6].style == plan(config(), 6).style


def test_a_recorded_exercise_takes_faults(tmp_path):
    from motions.library import EXERCISES
    from motions.motion_file import write_motion
    from motions.perform import perform
    from motions.variation import sample_style
    from simulator.make import measure_faults, performance_of

    squat = EXERCISES["squat"]
    style = sample_style(squat.out_s, squat.back_s, 3, np.random.default_rng(0))
    path = tmp_path / "ann.npz"
    write_motion(perform(squat, style, 60.0), path)
    recorded = config(
        exercises=[], recordings=[str(path)], faults=[{"fault": "rounded_back", "size_deg": 40}]
    )
    faulty = plan(recorded, 1)
    spans = measure_faults(performance_of(faulty), faulty)

    assert faulty.group_id == "ann_0000_00"
    assert [i.rep for i in faulty.injections] == [0, 1, 2]
    present = [span for span in spans if span.present]
    assert {span.fault_id for span in present} == {"squat.rounded_back"}
    assert [span.measured for span in present] == pytest.approx([40, 40, 40], abs=1)


@pytest.mark.parametrize(
    ("exercise", "least_m", "most_m"),
    [("plank", 0.3, 2.2), ("squat", 0.4, 1.6), ("overhead_press", 0.25, 1.2)],
)
def test_so_much_is_in_view_over_the_highest_joint(exercise, least_m, most_m):
    """Room for plates and jumps, and who lies on the floor is not small."""
    planned = plan(config(exercises=[exercise], faults=[], body="anny"), 0)
    (source,) = sources([exercise], [], 1)
    highest_m = source.highest_m * planned.body_values["stature_m"] / CANONICAL_HEIGHT_M
    over = np.array([[*source.middle_m, z] for z in np.linspace(0, 6, 601)])
    for camera in planned.cameras:
        v_px = camera.project(over)[0][:, 1]
        assert least_m < over[v_px > 0, 2].max() - highest_m < most_m
