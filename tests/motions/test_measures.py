import numpy as np
import pytest

from motions.errors import FormbenchError
from motions.geometry import about
from motions.measures import MEASURES, measure
from motions.skeleton import SMPL22


def joints(**turns):
    """The canonical skeleton with some joints turned about their own axes."""
    local = np.tile([1.0, 0, 0, 0], (22, 1))
    for name, (axis, degrees) in turns.items():
        local[SMPL22.index(name)] = about(np.array(axis, dtype=float), np.deg2rad(degrees))
    return SMPL22.positions(np.zeros(3), SMPL22.world_orientations(local))


def change(name, **turns):
    return np.rad2deg(measure(name, joints(**turns)) - measure(name, joints()))


X, Y, Z = (1, 0, 0), (0, 1, 0), (0, 0, 1)
DOWN, AHEAD, LEFT = (0, 0, -1), (0, -1, 0), (1, 0, 0)


@pytest.mark.parametrize(
    ("name", "turns", "degrees"),
    [
        ("knee_flexion", {"left_knee": (X, 90), "right_knee": (X, 50)}, 70),
        ("elbow_flexion", {"left_elbow": ((0, 0, -1), 80), "right_elbow": (Z, 80)}, 80),
        ("hip_flexion", {"left_hip": (X, -60), "right_hip": (X, -60)}, 60),
        ("hip_flexion", {"pelvis": (X, 30)}, 0),
        ("trunk_lean", {"pelvis": (X, 40)}, 40),
        ("trunk_lean", {"pelvis": (X, -10)}, -10),
        ("knee_extension", {"left_knee": (X, 90), "right_knee": (X, 50)}, -70),
        ("bent_knee_flexion", {"left_knee": (X, 30), "right_knee": (X, 80)}, 80),
        # A thigh 60 degrees ahead and a shin 30 behind: the ankle is ahead of a leg that hangs.
        ("front_knee_flexion", {"left_hip": (X, -60), "left_knee": (X, 90)}, 90),
        ("front_knee_flexion", {"right_hip": (X, -60), "right_knee": (X, 90)}, 90),
        ("front_knee_flexion", {"left_hip": (X, 40), "left_knee": (X, 20)}, 0),
        ("lumbar_angle", {"spine1": (X, 12), "spine2": (X, 13)}, 25),
        ("lumbar_angle", {"spine3": (X, 20)}, 0),
        ("thoracic_angle", {"spine3": (X, 20)}, 20),
        ("thoracic_angle", {"spine1": (X, 20), "pelvis": (X, 70)}, 0),
    ],
)
def test_a_turn_of_known_size_is_measured(name, turns, degrees):
    assert change(name, **turns) == pytest.approx(degrees, abs=1e-9)


@pytest.mark.parametrize(
    ("left", "right", "degrees"),
    [
        (DOWN, DOWN, 0),
        (LEFT, AHEAD, 90),
        ((0, 0, 1), (0, 0, 1), 180),
        (DOWN, (-1, 0, 0), 45),
        ((0, -1, -1), (-1, 0, 1), 90),
    ],
)
def test_arms_are_raised_from_along_the_trunk_whichever_way(left, right, degrees):
    joints_m = np.zeros((22, 3))
    joints_m[SMPL22.index("neck")] = [0, 0, 0.5]
    joints_m[SMPL22.index("left_elbow")], joints_m[SMPL22.index("right_elbow")] = left, right

    assert np.rad2deg(measure("arm_elevation", joints_m)) == pytest.approx(degrees, abs=1e-9)


def test_a_collar_rises_by_what_it_is_turned():
    up, raised, one = (
        np.rad2deg(measure("collar_elevation", joints(**turns)))
        for turns in (
            {},
            {"left_collar": (Y, -20), "right_collar": (Y, 20)},
            {"left_collar": (Y, -20)},
        )
    )

    # At rest the shoulder is 11 cm out from the collar and 3 cm up; the trunk leans by 2 degrees.
    assert up == pytest.approx(np.rad2deg(np.arctan2(0.03, 0.11)), abs=0.05)
    assert raised == pytest.approx(up + 20, abs=0.1)
    assert one == pytest.approx(up + 10, abs=0.1)


def test_measures_do_not_depend_on_where_the_person_stands_and_faces():
    turned = joints(left_knee=(X, 70), spine1=(X, 20))
    elsewhere = turned @ np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1.0]]) + [3, -2, 0]

    for name in MEASURES:
        assert measure(name, elsewhere) == pytest.approx(measure(name, turned), abs=1e-12)


def test_an_unknown_measure_is_met_with_the_nearest():
    with pytest.raises(FormbenchError, match="Did you mean 'knee_flexion'"):
        measure("knee_flex", joints())
