import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.convert import (
    from_percent,
    from_range,
    from_rating,
    judged,
    to_percent,
    to_range,
    to_rating,
    whole_frames,
)
from labeling.interface import MAX_RATING
from motions.errors import FormbenchError
from motions.motion import Span
from simulator.faults.library import FAULTS

FRAME_RATES = (10.0, 23.976, 24.0, 25.0, 29.97, 30000 / 1001, 30.0, 50.0, 59.94, 60.0, 120.0)


def test_a_range_recorded_from_the_editor_means_sixteen_frames_from_the_fifth() -> None:
    # Drawn from the 5th to the 20th column; the editor shows "Duration 16".
    span = from_range(5, 20, 30.0)
    assert span.frames(30.0, 120) == slice(4, 20)
    assert to_range(span, 30.0, 120) == (5, 20)


@pytest.mark.parametrize("fps", FRAME_RATES)
def test_every_range_comes_back_exactly(fps: float) -> None:
    for start in range(1, 400):
        for end in (start, start + 1, start + 37, start + 100_000):
            span = from_range(start, end, fps)
            assert to_range(span, fps, 200_000) == (start, end)
            assert from_range(*to_range(span, fps, 200_000), fps) == span


def test_a_span_between_frames_becomes_the_frames_in_it() -> None:
    assert whole_frames(Span(0.15, 0.35), 10.0, 100) == Span(0.2, 0.4)


def test_a_span_without_a_frame_is_refused() -> None:
    with pytest.raises(FormbenchError, match="at least one of the 100 frames at 10 fps"):
        to_range(Span(0.11, 0.19), 10.0, 100)
    with pytest.raises(FormbenchError, match="got none"):
        to_range(Span(20.0, 21.0), 10.0, 100)


@given(
    st.integers(-(10**10), 10**10),
    st.integers(-(10**10), 10**10),
    st.sampled_from([(640, 480), (1920, 1080), (608, 1080), (1282, 722)]),
)
def test_points_of_a_millionth_of_a_pixel_come_back_to_the_bit(
    u: int, v: int, size: tuple[int, int]
) -> None:
    point = np.array([u, v]) / 1e6
    assert np.array_equal(from_percent(to_percent(point, *size), *size), point)


def test_the_rounding_errors_of_the_editor_do_not_move_a_point() -> None:
    # 12 % went in and 11.999999999999998 % came out of an untouched joint.
    assert from_percent(np.array([51.24999999999999, 11.999999999999998]), 640, 480).tolist() == [
        328.0,
        57.6,
    ]


def test_stars_are_marks_on_the_severity_scale() -> None:
    assert [from_rating(r) for r in range(1, MAX_RATING + 1)] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert [to_rating(from_rating(r)) for r in range(1, MAX_RATING + 1)] == [1, 2, 3, 4, 5]
    assert [to_rating(s) for s in (-3.0, 0.12, 0.13, 0.9, 7.0)] == [1, 1, 2, 5, 5]


@pytest.mark.parametrize("fault_id", sorted(FAULTS))
def test_a_judged_size_has_the_severity_that_was_judged(fault_id: str) -> None:
    spec = FAULTS[fault_id]
    span = Span(0.0, 1.0)
    for rating in range(1, MAX_RATING + 1):
        fault = judged(spec, 2, span, rating, "left")
        assert fault.severity == from_rating(rating)
        assert spec.severity(fault.measured) == pytest.approx(fault.severity, abs=1e-12)
        assert (fault.present, fault.requested, fault.source) == (True, None, "human")
        assert (fault.rep, fault.span, fault.side, fault.unit) == (2, span, "left", spec.unit)
    absent = judged(spec, 0, span, None, "both")
    assert (absent.measured, absent.present) == (spec.neutral, False)
    assert absent.severity == spec.severity(spec.neutral) < 0
