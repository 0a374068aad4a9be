"""A push-up with the hands on a bench."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from motions.errors import FormbenchError
from motions.exercise import BENCH_SHARE
from motions.library import EXERCISES
from motions.motion import mirror
from motions.motion_file import load_motion, write_motion
from motions.perform import perform
from motions.pinning import end_joints
from motions.skeleton import SMPL22
from simulator.bodies.anny import build_anny
from simulator.bodies.stick import CANONICAL_HEIGHT_M, build_stick
from simulator.deliver import allowed_off, deliver
from simulator.faults.injection import Injection
from simulator.faults.library import faults_of
from simulator.held import BENCH_M
from simulator.physics.contact import touch
from simulator.physics.report import plausibility
from simulator.physics.tpose import in_tpose
from simulator.proof import round_trip
from simulator.rendering.looks import sample_looks
from simulator.rendering.staging import stage
from simulator.retarget import retarget
from simulator.skin_fidelity import bench_depth_m

PUSH_UP = EXERCISES["push_up"]
HEIGHTS_M = (PUSH_UP.bench_m.low, PUSH_UP.bench_m.high)
every_height = pytest.mark.parametrize("height_m", HEIGHTS_M)


def motion_of(height_m):
    style = PUSH_UP.style(1, np.random.default_rng(3))
    return perform(PUSH_UP, replace(style, bench_m=height_m), 30.0)


@lru_cache
def people():
    return tuple(
        build_anny(
            gender=gender, age=0.7, stature_m=stature_m, weight=weight, muscle=muscle,
            proportions=0.4,
        )
        for gender, stature_m, weight, muscle in ((0.0, 1.98, 0.8, 0.9), (1.0, 1.5, 0.2, 0.2))
    )  # fmt: skip


@every_height
def test_palms_lie_on_the_bench_and_stay_there_on_every_body(height_m):
    motion = motion_of(height_m)
    for body in (*people(), build_stick(stature_m=1.6)):
        performance = retarget(motion, body)
        T_world_bench = performance.props["bench"]
        hands_m = end_joints(body.skeleton, performance.root_m, performance.world_wxyz)[:, 2:]
        in_bench_m = (hands_m - T_world_bench[0, :3, 3]) @ T_world_bench[0, :3, :3]

        assert (T_world_bench == T_world_bench[0]).all()
        assert T_world_bench[0, 2].tolist() == [0, 0, 1, height_m * body.height_m / 1.72]
        assert in_bench_m[..., 2] == pytest.approx(body.wrist_height_m, abs=1e-6)
        assert (np.abs(in_bench_m[..., :2]) < np.array(BENCH_M) / 2).all()
        assert performance.metrics["contacts_kept"] == 1.0
        assert performance.metrics["contact_slide_max_m_s"] < 0.01
        assert performance.metrics["limb_angle_error_mean_deg"] < 0.5


@every_height
def test_nobody_is_in_the_bench_or_the_floor(height_m):
    for body in people():
        performance = retarget(motion_of(height_m), body)
        lower = replace(performance, root_m=performance.root_m - [0, 0, 0.04])

        assert bench_depth_m(performance) < 0.01
        assert performance.metrics["penetration_max_m"] < 0.01
        assert bench_depth_m(lower) == pytest.approx(0.04 + bench_depth_m(performance), abs=0.005)


def test_a_bench_takes_the_place_of_the_mat_and_has_a_pad_and_a_stand():
    on_bench, on_floor = (retarget(motion_of(m), build_stick()) for m in (0.4, 0.0))
    scene = stage(on_bench, sample_looks(np.random.default_rng(0)))
    (pad, stand) = scene.props

    assert (set(on_bench.props), set(on_floor.props)) == ({"bench"}, {"mat"})
    assert (pad.name, stand.name) == ("bench", "bench_stand")
    assert pad.vertices_m[:, 2].max() == 0.0
    assert stand.vertices_m[:, 2].min() == pytest.approx(-0.4, abs=1e-12)
    assert bench_depth_m(on_floor) == 0.0


def test_the_bench_carries_its_share_and_nothing_floats():
    performance = retarget(motion_of(0.4), people()[0])
    touched = touch(performance, in_tpose(performance.body))
    wrists = [SMPL22.index(f"{side}_wrist") for side in ("left", "right")]
    figures = plausibility(performance)

    assert touched.carries[:, np.isin(touched.joints, wrists)].any(axis=1).all()
    assert figures["floating_s"] == 0.0
    assert figures["unbalanced_share"] == 0.0


def test_the_motion_comes_back_from_another_body():
    back = round_trip(retarget(motion_of(0.4), people()[0]))

    assert back["round_trip_angle_error_mean_deg"] < 0.5
    assert back["round_trip_position_error_mean_m"] < 0.005


@pytest.mark.parametrize("name", ["sagging_hips", "piked_hips", "partial_down", "elbows_flared"])
def test_faults_are_delivered_and_clean_ones_have_none(name):
    motion, body = motion_of(0.4), people()[1]
    spec = next(spec for spec in faults_of("push_up") if spec.name == name)
    faulty = deliver(motion, body, [Injection(spec.id, 0, spec.mild)], metrics=False)
    clean = retarget(motion, body, metrics=False)

    assert abs(spec.read(faulty, motion.reps[0])[0] - spec.mild) <= allowed_off(spec, spec.mild)
    for other in faults_of("push_up"):
        assert not other.is_present(other.read(clean, motion.reps[0])[0]), other.id


def test_some_performers_of_a_push_up_use_one_and_nobody_else():
    heights_m = [PUSH_UP.style(1, np.random.default_rng(seed)).bench_m for seed in range(400)]
    used_m = [height_m for height_m in heights_m if height_m]
    others = {
        exercise.style(1, np.random.default_rng(seed)).bench_m
        for exercise in EXERCISES.values()
        if "bench" not in exercise.props
        for seed in range(5)
    }

    assert len(used_m) / 400 == pytest.approx(BENCH_SHARE, abs=0.07)
    assert HEIGHTS_M[0] <= min(used_m) < max(used_m) <= HEIGHTS_M[1]
    assert others == {0.0}


def test_its_height_goes_with_the_motion(tmp_path):
    motion = motion_of(0.3)
    write_motion(motion, tmp_path / "a.npz")

    assert load_motion(tmp_path / "a.npz").bench_m == mirror(motion).bench_m == 0.3
    with pytest.raises(FormbenchError, match=r"Motion\.bench_m: expected a height, got -1"):
        replace(motion, bench_m=-1.0)


def test_on_the_canonical_body_the_motion_comes_back_from_a_bench():
    motion = motion_of(0.4)
    performance = retarget(motion, build_stick(stature_m=CANONICAL_HEIGHT_M))

    assert performance.joints_world_m == pytest.approx(motion.joints_world_m, abs=1e-4)
