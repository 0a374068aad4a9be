import numpy as np
import pytest

from motions.formats.reading import About, Hints
from motions.importing import import_motion
from motions.library import EXERCISES
from motions.motion import Span
from motions.perform import perform
from motions.pinning import end_joints
from motions.recordings import recording
from motions.skeleton import SMPL22
from motions.variation import sample_style
from simulator.bodies.anny import build_anny
from simulator.bodies.stick import CANONICAL_HEIGHT_M, build_stick
from simulator.faults.library import fault
from simulator.faults.window import Part
from simulator.held import MAT_M
from simulator.lying import hover_m, lies
from simulator.retarget import retarget

every_exercise = pytest.mark.parametrize("name", sorted(EXERCISES))


def motion_of(name, seed=0):
    exercise = EXERCISES[name]
    style = sample_style(exercise.out_s, exercise.back_s, 2, np.random.default_rng(seed))
    return perform(exercise, style, 30.0)


def people():
    extremes = [
        (0.0, 1.98, 0.8, 0.9), (0.05, 1.76, 0.5, 0.5), (1.0, 1.50, 0.2, 0.2), (0.95, 1.7, 0.9, 0.4),
    ]  # fmt: skip
    for gender, stature_m, weight, muscle in extremes:
        yield build_anny(
            gender=gender, age=0.7, stature_m=stature_m, weight=weight, muscle=muscle,
            proportions=0.4, grip=True,
        )  # fmt: skip


@every_exercise
def test_on_the_canonical_body_the_motion_comes_back(name):
    motion = motion_of(name)
    performance = retarget(motion, build_stick(stature_m=CANONICAL_HEIGHT_M))

    # In flight the canonical body falls as physics has it, whatever its pose.
    off_m = performance.joints_world_m - motion.joints_world_m
    off_m[~motion.contacts.any(axis=1)] -= off_m[~motion.contacts.any(axis=1), :1]
    # The ground leads there, and motion capture is planted a second time, a little otherwise.
    assert np.abs(off_m).max() < {"dance": 0.05, "jumping_jack": 0.01}.get(name, 1e-4)


@every_exercise
def test_angles_and_contacts_are_kept_on_every_body(name):
    motion = motion_of(name)
    # Thighs and shins, arms and trunks go together otherwise than the source's: of a wide stance on
    # two flat feet, or of a body on straight arms and legs, some angle must give.
    p95_deg = {"downward_dog": 6.0, "warrior_ii": 4.0}.get(name, 3.0)
    for body in people():
        metrics = retarget(motion, body).metrics
        assert metrics["limb_angle_error_mean_deg"] < 1.0, body.params
        assert metrics["limb_angle_error_p95_deg"] < p95_deg, body.params
        assert metrics["contacts_kept"] == 1.0
        assert metrics["contact_slide_max_m_s"] < 0.01
        assert metrics["penetration_max_m"] < 0.01


@every_exercise
def test_feet_that_stand_throughout_are_flat_and_hands_on_a_bar_stay(name):
    motion = motion_of(name)
    steady = motion.contacts.all(axis=0)
    if steady.all():  # on all fours feet stand on their toes
        return
    for body in people():
        performance = retarget(motion, body)
        ends = end_joints(body.skeleton, performance.root_m, performance.world_wxyz)
        assert (np.ptp(ends[:, steady], axis=0) < 1e-6).all()
        if steady[:2].all():
            assert ends[:, :2, 2] == pytest.approx(body.ankle_height_m, abs=1e-6)
            assert performance.skin(slice(0, 1))[0][..., 2].min() == pytest.approx(0, abs=0.003)


@every_exercise
def test_props_go_with_the_hands_or_stay_in_the_room(name):
    exercise = EXERCISES[name]
    performance = retarget(motion_of(name), next(people()))
    left, right = (
        performance.joints_world_m[:, SMPL22.index(f"{side}_wrist")] for side in ("left", "right")
    )
    held_by = {"left_dumbbell": left, "right_dumbbell": right, "barbell": (left + right) / 2}
    held_by["pullup_bar"] = held_by["barbell"]

    assert set(performance.props) == set(exercise.props) - {"bench"}
    for prop, T_world_prop in performance.props.items():
        assert np.linalg.det(T_world_prop[:, :3, :3]) == pytest.approx(1, abs=1e-9)
        if prop in held_by:
            distance = np.linalg.norm(T_world_prop[:, :3, 3] - held_by[prop], axis=1)
            assert distance.max() < 0.12
        if prop in ("pullup_bar", "mat"):
            assert (T_world_prop == T_world_prop[0]).all()


@pytest.mark.parametrize("name", [n for n, e in EXERCISES.items() if "mat" in e.props])
def test_feet_and_hands_stand_on_the_mat(name):
    motion = motion_of(name)
    for body in people():
        performance = retarget(motion, body)
        T_world_mat = performance.props["mat"][0]
        ends = end_joints(body.skeleton, performance.root_m, performance.world_wxyz)
        on_mat = np.abs((ends - T_world_mat[:3, 3]) @ T_world_mat[:3, :3])[motion.contacts]
        assert (on_mat[:, :2] < np.array(MAT_M) / 2).all()
        assert T_world_mat[2].tolist() == [0, 0, 1, 0]


def test_how_a_mat_lies_does_not_tell_a_fault():
    short = fault("warrior_ii", "short_stance")
    motion = motion_of("warrior_ii")
    faulty = short.inject(motion, Part(Span(0.0, motion.duration_s)), short.severe)
    for body in people():
        clean_mat, mat = (retarget(m, body).props["mat"] for m in (motion, faulty))
        assert (mat[:, :3, :3] == clean_mat[:, :3, :3]).all()


@pytest.mark.parametrize("clip", ["getup_faceup", "getup_facedown", "roll", "crawl", "cartwheel"])
def test_who_lies_or_kneels_is_on_the_floor_and_not_in_it(clip):
    motion = recording(f"pybullet:{clip}")
    for body in people():
        done = retarget(motion, body)
        metrics, lying = done.metrics, lies(motion)
        assert metrics["penetration_max_m"] < 0.01, body.params
        if lying.any():
            over_m = hover_m(body, done.root_m[lying], done.world_wxyz[lying])
            assert over_m.mean() < 0.04, body.params
        assert metrics["contacts_kept"] > 0.98
        assert metrics["limb_angle_error_mean_deg"] < 2.0


@pytest.mark.parametrize("convention", ["coco17", "h36m17"])
def test_a_lunge_seen_without_toes_stands_on_its_feet_and_is_smooth(tmp_path, convention):
    filmed = build_stick(stature_m=1.8)
    seen = retarget(motion_of("lunge"), filmed, metrics=False)
    keypoints = filmed.keypoints_world_m(seen.root_m, seen.world_wxyz)[convention]
    path = tmp_path / "lunge.npz"
    np.savez(path, keypoints=keypoints, fps=30.0, convention=convention)
    motion = import_motion(path, About("lunge", "ours", "MIT"), Hints(up="+z")).motion

    # The heel that pushes off rises; its foot is known to stand on the ball all the same.
    assert motion.contacts.any(axis=1).all()
    for body in people():
        metrics = retarget(motion, body).metrics
        assert metrics["jerk_ratio"] < 2.0
        assert metrics["penetration_max_m"] < 0.01
        assert metrics["limb_angle_error_mean_deg"] < 0.5
