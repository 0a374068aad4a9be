import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from motions.geometry import (
    IDENTITY_WXYZ,
    X_AXIS,
    Z_AXIS,
    about,
    angle_between,
    between,
    inverse,
    multiply,
    rotate,
    rotation,
    signed_angle,
    slerp,
    two_bone_ik,
    unit,
)

components = st.floats(-1, 1, allow_nan=False)
vectors = arrays(np.float64, 3, elements=components).filter(lambda v: np.linalg.norm(v) > 1e-3)
angles = st.one_of(
    st.floats(-3.1, 3.1), st.floats(-1e-9, 1e-9), st.floats(3.14159, 3.141592)
)  # everywhere, near none and near half a turn
turns = st.builds(lambda axis, angle: about(unit(axis), angle), vectors, angles)


@given(turns, turns, turns)
def test_composition_is_associative_and_inverses_undo(a, b, c):
    assert multiply(multiply(a, b), c) == pytest.approx(multiply(a, multiply(b, c)), abs=1e-12)
    assert multiply(a, inverse(a)) == pytest.approx(IDENTITY_WXYZ, abs=1e-12)


@given(turns, turns, vectors)
def test_products_and_turned_vectors_are_those_of_scipy(a, b, v):
    theirs = rotation(a) * rotation(b)

    assert rotate(multiply(a, b), v) == pytest.approx(theirs.apply(v), abs=1e-12)


@given(vectors, vectors)
def test_the_smallest_turn_takes_one_direction_to_the_other(a, b):
    q = between(a, b)

    assert rotate(q, unit(a)) == pytest.approx(unit(b), abs=1e-6)
    assert rotation(q).magnitude() == pytest.approx(angle_between(a, b), abs=1e-6)


def test_the_smallest_turn_between_opposites_is_half_a_turn():
    q = between(Z_AXIS, -Z_AXIS)

    assert rotate(q, Z_AXIS) == pytest.approx(-Z_AXIS, abs=1e-12)


@given(turns, turns)
def test_slerp_ends_where_it_should_and_goes_at_constant_speed(a, b):
    assert (slerp(a, b, 0.0) == a).all()
    assert abs(slerp(a, b, 1.0) @ b) == pytest.approx(1, abs=1e-9)
    whole = (rotation(a).inv() * rotation(b)).magnitude()
    part = (rotation(a).inv() * rotation(slerp(a, b, 0.25))).magnitude()
    assert part == pytest.approx(whole / 4, abs=1e-6)


def test_signed_angles_follow_the_right_hand():
    assert signed_angle(X_AXIS, np.array([0, 1.0, 5.0]), Z_AXIS) == pytest.approx(np.pi / 2)
    assert signed_angle(np.array([0, 1.0, 0]), X_AXIS, Z_AXIS) == pytest.approx(-np.pi / 2)


THIGH, SHIN = np.array([0.02, -0.01, -0.42]), np.array([0.0, 0.015, -0.40])


@given(
    arrays(np.float64, 3, elements=components).filter(lambda v: 0.1 < np.linalg.norm(v) < 0.8),
    st.floats(0.2, 2.0),
)
def test_a_limb_reaches_what_is_in_reach_exactly(reach, bend):
    upper = IDENTITY_WXYZ
    lower = about(X_AXIS, bend)
    new_upper, new_lower = two_bone_ik(upper, lower, THIGH, SHIN, reach, X_AXIS)

    assert rotate(new_upper, THIGH) + rotate(new_lower, SHIN) == pytest.approx(reach, abs=1e-9)


def test_a_limb_stretches_towards_what_is_out_of_reach():
    away = np.array([0.0, -2.0, 0.0])
    thigh, shin = np.array([0, 0, -0.4]), np.array([0, 0, -0.4])
    upper, lower = two_bone_ik(IDENTITY_WXYZ, about(X_AXIS, 0.5), thigh, shin, away, X_AXIS)

    assert rotate(upper, thigh) + rotate(lower, shin) == pytest.approx([0, -0.8, 0], abs=1e-6)


def test_a_limb_bends_about_its_hinge_the_way_it_may():
    thigh, shin = np.array([0, 0, -0.4]), np.array([0, 0, -0.4])
    reach = np.array([0, 0, -0.4 * np.sqrt(2)])
    upper, lower = two_bone_ik(IDENTITY_WXYZ, about(X_AXIS, 0.1), thigh, shin, reach, X_AXIS)

    knee = Rotation.from_quat(multiply(inverse(upper), lower), scalar_first=True).as_rotvec()
    assert knee == pytest.approx([np.pi / 2, 0, 0], abs=1e-9)
    assert rotate(upper, thigh)[1] < 0  # the knee goes forward, to -Y
