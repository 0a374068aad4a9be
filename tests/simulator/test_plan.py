import json
from dataclasses import replace

import numpy as np
import pytest

from motions.errors import FormbenchError
from simulator.config import parse_config
from simulator.plan import count_clips, plan


def config(**changes):
    given = {
        "seed": 0, "exercises": ["squat", "pull_up"], "subjects": 3, "takes": 2, "body": "stick",
        "faults": [
            {"fault": "every", "severity": [0, 1]}, {"fault": "jump", "dose_ladder": [0, 1]},
        ],
    }  # fmt: skip
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
