"""What a camera shows of a fault: by hand on the clips of conftest."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.evaluation.material import filmed
from scoring.evaluation.pose_sources import pose_source
from scoring.evaluation.showing import BLIND_TORSO, Showing, shift_torso
from simulator.faults.library import FAULTS

BACK = FAULTS["squat.rounded_back"]


def test_the_farthest_point_counts_at_any_time() -> None:
    clean = np.zeros((3, 2, 2))
    faulty = clean.copy()
    faulty[1, 1] = (3, 4)
    assert shift_torso(clean, faulty, 10.0) == 0.5
    assert shift_torso(clean, clean, 10.0) == 0


def test_what_ends_sooner_stays_where_it_ended() -> None:
    clean = np.arange(4.0)[:, None, None] * [[[0.0, 1.0]]]
    assert shift_torso(clean, clean[:2], 1.0) == 2
    assert shift_torso(clean[:2], clean, 1.0) == 2


@pytest.fixture
def shown(make_clip: Callable[..., Any], tmp_path: Path) -> Callable[..., dict[str, Any]]:
    def look(**faults: float) -> dict[str, Any]:
        showing = Showing()
        for clip in (make_clip(), make_clip(clip_id="b", faults=faults)):
            for one in filmed(clip, tmp_path, pose_source("truth"), "coco17"):
                for seen in one.repetitions():
                    showing.remember(seen)
        return {row.view: row for row in showing.shown()}

    return look


def test_a_rounded_back_shows_from_the_side_more_than_from_the_front(shown: Any) -> None:
    rows = shown(rounded_back=BACK.severe)
    assert rows["side"].shift > 2 * rows["front"].shift > 0
    assert rows["side"].n == 2 and not rows["side"].blind
    assert {row.fault_id for row in rows.values()} == {BACK.id}


def test_a_mild_fault_is_no_measure_of_what_a_camera_shows(shown: Any) -> None:
    assert shown(rounded_back=BACK.mild) == {}


def test_a_camera_is_blind_where_nothing_moves() -> None:
    assert 0 < BLIND_TORSO < 0.2
