"""Pose metrics, by hand and against scipy's Procrustes and pycocotools."""

import contextlib
import io

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy.spatial import procrustes
from scipy.spatial.transform import Rotation

from motions.conventions import COCO_17
from motions.errors import FormbenchError
from scoring.evaluation.metrics.poses import (
    COCO_SIGMAS,
    acceleration_error,
    angle_errors_rad,
    average_precision,
    box_lengths,
    mpjpe,
    oks,
    pa_mpjpe,
    pck,
)
from scoring.methods.angles import MAIN_ANGLES

RNG = np.random.default_rng(0)
TRUE = RNG.normal(size=(6, 17, 3))


def test_mpjpe_by_hand() -> None:
    off = TRUE + np.array([3.0, 4.0, 0.0])
    assert mpjpe(TRUE, off) == pytest.approx(5)
    assert mpjpe(TRUE, off, root=2) == pytest.approx(0)
    off[0, 0] = np.nan  # what was not found counts for nothing
    assert mpjpe(TRUE, off) == pytest.approx(5)
    assert np.isnan(mpjpe(TRUE, np.full_like(TRUE, np.nan)))


def test_procrustes_takes_out_turn_scale_and_shift_but_no_mirror() -> None:
    moved = (
        2.5 * Rotation.from_rotvec([0.3, -1, 2]).apply(TRUE.reshape(-1, 3)).reshape(TRUE.shape) + 7
    )
    assert pa_mpjpe(TRUE, moved) == pytest.approx(0, abs=1e-12)
    assert pa_mpjpe(TRUE, moved * [1, 1, -1]) > 0.1


def test_procrustes_as_scipy_has_it() -> None:
    noisy = TRUE + 0.2 * RNG.normal(size=TRUE.shape)
    for true, found in zip(TRUE, noisy, strict=True):
        # Scipy scales both to norm 1 first.
        a, b, _ = procrustes(true, found)
        norm = np.linalg.norm(true - true.mean(axis=0))
        expected = norm * np.linalg.norm(a - b, axis=1).mean()
        assert pa_mpjpe(true[None], found[None]) == pytest.approx(expected, rel=1e-9)


def test_pck_depends_on_the_length_and_counts_what_is_missing_as_wrong() -> None:
    true = np.zeros((1, 4, 2))
    found = np.array([[[0, 1], [0, 2], [0, 3], [np.nan, np.nan]]], dtype=float)
    assert pck(true, found, np.array([10.0]), 0.2) == 2 / 4
    assert pck(true, found, np.array([20.0]), 0.2) == 3 / 4
    true[0, 3] = np.nan  # nobody knows where it is
    assert pck(true, found, np.array([10.0]), 0.2) == 2 / 3


def people(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    true = RNG.uniform(50, 250, size=(n, 17, 2))
    found = true + RNG.normal(size=(n, 17, 2)) * RNG.uniform(0.5, 25, size=(n, 1, 1))
    return true, found, RNG.random(n)


def coco(true: np.ndarray, found: np.ndarray, sure: np.ndarray, areas: np.ndarray) -> COCOeval:
    """What pycocotools says of one person an image."""
    seen = np.full((*true.shape[:2], 1), 2.0)
    boxes = [[0.0, 0.0, 300.0, 300.0]] * len(true)
    truth = COCO()
    truth.dataset = {
        "info": {},
        "images": [{"id": i + 1} for i in range(len(true))],
        "categories": [{"id": 1, "name": "person"}],
        "annotations": [
            {"id": i + 1, "image_id": i + 1, "category_id": 1, "iscrowd": 0, "num_keypoints": 17,
             "area": float(areas[i]), "bbox": boxes[i],
             "keypoints": np.concatenate([true, seen], axis=2)[i].ravel().tolist()}
            for i in range(len(true))
        ],
    }  # fmt: skip
    answers = [
        {"image_id": i + 1, "category_id": 1, "score": float(sure[i]),
         "keypoints": np.concatenate([found, seen], axis=2)[i].ravel().tolist()}
        for i in range(len(true))
    ]  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        judged = COCOeval(truth, truth.loadRes(answers), "keypoints")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return judged


def test_oks_and_ap_as_pycocotools_has_them() -> None:
    true, found, sure = people(40)
    areas = RNG.uniform(96**2 + 1, 200**2, size=40)
    judged = coco(true, found, sure, areas)
    similarity = oks(true, found, areas)
    theirs = [judged.ious[i + 1, 1][0, 0] for i in range(40)]
    np.testing.assert_allclose(similarity, theirs, rtol=1e-9)
    np.testing.assert_allclose(judged.params.kpt_oks_sigmas, COCO_SIGMAS)
    assert 0.1 < judged.stats[0] < 0.9
    assert average_precision(similarity, sure) == pytest.approx(judged.stats[0], abs=1e-12)


def test_ap_by_hand() -> None:
    # The surest is right at every threshold, the other at none: half the people at precision 1.
    assert average_precision(np.array([1.0, 0.1]), np.array([0.9, 0.8])) == pytest.approx(51 / 101)
    assert average_precision(np.array([1.0, np.nan]), np.array([0.9, 0.8])) == pytest.approx(
        51 / 101
    )
    assert average_precision(np.ones(3), np.ones(3)) == 1
    assert average_precision(np.full(2, np.nan), np.ones(2)) == 0


def test_accelerations_and_boxes_by_hand() -> None:
    times_s = np.arange(5) / 10
    still = np.zeros((5, 1, 2))
    falling = still.copy()
    falling[:, 0, 1] = 9.81 / 2 * times_s**2
    assert acceleration_error(still, falling, 10) == pytest.approx(9.81)
    assert box_lengths(np.array([[[0.0, 0], [3, 7]], [[1, 1], [np.nan, np.nan]]])).tolist() == [
        7,
        0,
    ]


def test_angles_err_where_a_bone_turns() -> None:
    true = np.tile(RNG.uniform(0, 300, size=(1, 17, 2)), (4, 1, 1))
    found = true.copy()
    wrist, elbow = (COCO_17.keypoint_names.index(f"left_{name}") for name in ("wrist", "elbow"))
    turn = np.array([[np.cos(0.01), -np.sin(0.01)], [np.sin(0.01), np.cos(0.01)]])
    found[:, wrist] = found[:, elbow] + (true[:, wrist] - true[:, elbow]) @ turn.T
    errors = dict(zip(MAIN_ANGLES, angle_errors_rad(true, found, COCO_17), strict=True))
    assert errors.pop("left_elbow") == pytest.approx(0.01)
    assert set(errors.values()) == {0}


def test_points_of_two_shapes_are_refused() -> None:
    with pytest.raises(FormbenchError, match="expected points of one shape"):
        mpjpe(TRUE, TRUE[:, :5])
