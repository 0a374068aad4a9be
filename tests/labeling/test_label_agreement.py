import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import binary_distance, interval_distance
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy.stats import binomtest

from labeling.agreement import (
    OKS_SIGMAS,
    boundary_f1,
    keypoint_errors_px,
    krippendorff_alpha,
    match_spans,
    mean_interval,
    oks,
    span_agreement,
    temporal_iou,
    wilson,
)
from labeling.labels import Pose
from motions.errors import FormbenchError
from motions.motion import Span

N = np.nan
KRIPPENDORFF_2011 = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
    ]
)
"""The worked example of Krippendorff 2011: four coders, twelve units, missing data."""


@pytest.mark.parametrize(
    ("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_alpha_of_the_published_example(level: str, published: float) -> None:
    alpha = krippendorff_alpha(KRIPPENDORFF_2011, level)
    assert alpha is not None and round(alpha, 3) == published


@given(
    st.lists(
        st.lists(st.sampled_from([N, 1.0, 2.0, 3.0, 5.0]), min_size=3, max_size=3),
        min_size=2,
        max_size=12,
    )
)
def test_alpha_is_nltks_alpha(units: list[list[float]]) -> None:
    ratings = np.array(units).T
    paired = ratings[:, (~np.isnan(ratings)).sum(axis=0) >= 2]
    for level, distance in (("nominal", binary_distance), ("interval", interval_distance)):
        alpha = krippendorff_alpha(ratings, level)
        if len(np.unique(paired[~np.isnan(paired)])) < 2:
            assert alpha is None
            continue
        data = [
            (str(coder), str(unit), paired[coder, unit])
            for coder, unit in zip(*np.nonzero(~np.isnan(paired)), strict=True)
        ]
        assert alpha == pytest.approx(AnnotationTask(data, distance).alpha(), abs=1e-9)


def test_alpha_of_full_agreement_is_one_and_of_none_is_undefined() -> None:
    same = np.array([[0, 1, 2, 1], [0, 1, 2, 1]], dtype=float)
    for level in ("nominal", "ordinal", "interval"):
        assert krippendorff_alpha(same, level) == 1
        assert krippendorff_alpha(np.ones((3, 5)), level) is None
        assert krippendorff_alpha(np.array([[1, N], [N, 2]]), level) is None
    with pytest.raises(FormbenchError, match="Did you mean 'nominal'"):
        krippendorff_alpha(same, "nominl")


def pose(points: np.ndarray, visibility: np.ndarray | None = None) -> Pose:
    visibility = np.full(17, 2) if visibility is None else visibility
    return Pose(0, np.where(visibility[:, None] == 0, np.nan, points), visibility)


@pytest.fixture
def person() -> np.ndarray:
    return np.random.default_rng(5).uniform([200, 100], [300, 400], (17, 2))


def test_oks_is_pycocotools_oks(person: np.ndarray) -> None:
    rng = np.random.default_rng(6)
    visibility = rng.permutation([0] * 4 + [1] * 5 + [2] * 8)
    true = pose(person, visibility)
    said = pose(person + rng.normal(0, 8, (17, 2)))
    area = float(np.prod(np.ptp(person[visibility > 0], axis=0)))
    assert oks(said, true) == pytest.approx(coco_oks(said, true, area), abs=1e-9)


def coco_oks(said: Pose, true: Pose, area: float) -> float:
    def keypoints(of: Pose) -> list[float]:
        points = np.nan_to_num(of.keypoints_px)
        return np.column_stack([points, of.visibility]).ravel().tolist()

    coco = COCO()
    common = {"image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9], "area": area, "iscrowd": 0}
    n_seen = int((true.visibility > 0).sum())
    annotation = {"id": 1, **common, "keypoints": keypoints(true), "num_keypoints": n_seen}
    coco.dataset = {
        "info": {},
        "images": [{"id": 1, "width": 640, "height": 480}],
        "categories": [{"id": 1, "name": "person"}],
        "annotations": [annotation],
    }
    coco.createIndex()
    detected = {"image_id": 1, "category_id": 1, "score": 1.0, "keypoints": keypoints(said)}
    evaluation = COCOeval(coco, coco.loadRes([detected]), "keypoints")
    evaluation._prepare()
    return float(evaluation.computeOks(1, 1)[0, 0])


def test_oks_of_a_joint_that_is_off_by_its_constant(person: np.ndarray) -> None:
    # A distance d of 2 sigma sqrt(2 area) gives exp(-1) for that joint and 1 for the others.
    area = float(np.prod(np.ptp(person, axis=0)))
    moved = person.copy()
    knee = 13
    moved[knee, 0] += 2 * OKS_SIGMAS[knee] * (2 * area) ** 0.5
    assert oks(pose(moved), pose(person)) == pytest.approx((16 + np.exp(-1)) / 17, abs=1e-12)
    assert oks(pose(person), pose(person)) == 1


def test_joints_that_only_one_places_count_for_nothing(person: np.ndarray) -> None:
    left = np.r_[np.full(8, 2), np.zeros(9, int)]
    right = np.r_[np.zeros(8, int), np.full(9, 2)]
    assert oks(pose(person, left), pose(person, right)) == 0
    assert len(keypoint_errors_px(pose(person, left), pose(person, right))) == 0
    assert keypoint_errors_px(
        pose(person + np.array([3, 4]), left), pose(person)
    ).tolist() == pytest.approx([5.0] * 8)


def test_overlap_of_spans() -> None:
    a = Span(1.0, 3.0)
    assert temporal_iou(a, a) == 1
    assert temporal_iou(a, Span(2.0, 4.0)) == temporal_iou(Span(2.0, 4.0), a) == 1 / 3
    assert temporal_iou(a, Span(3.0, 4.0)) == 0


def test_spans_are_matched_for_the_largest_sum_not_greedily() -> None:
    # Greedy takes the first with the second, 8/12, and leaves 0; the best sum is 1/2 + 1/3.
    a = [Span(0.0, 10.0), Span(8.0, 14.0)]
    b = [Span(0.0, 5.0), Span(2.0, 12.0)]
    assert match_spans(a, b) == [(0, 0), (1, 1)]
    assert match_spans(a, []) == match_spans([], b) == []
    assert match_spans([Span(0.0, 1.0)], [Span(2.0, 3.0)]) == []


def test_agreement_of_spans_counts_what_only_one_marked() -> None:
    a = [Span(0.0, 1.0), Span(1.0, 2.0)]
    assert span_agreement(a, a) == span_agreement([], []) == 1
    assert span_agreement(a, a[:1]) == 0.5
    assert span_agreement(a, []) == 0


def test_boundaries_are_found_within_the_tolerance() -> None:
    a = [Span(0.0, 1.0), Span(1.0, 2.0)]
    b = [Span(0.1, 1.0), Span(1.3, 2.0)]
    assert boundary_f1(a, b, 0.1) == 3 / 4
    assert boundary_f1(a, b, 0.3) == 1
    assert boundary_f1(a, b[:1], 0.1) == 2 * 2 / 6  # two of four and of two boundaries
    assert boundary_f1(a, [], 1.0) == 0 and boundary_f1([], [], 1.0) == 1


@pytest.mark.parametrize(("right", "n"), [(0, 7), (3, 7), (7, 7), (450, 500)])
def test_wilsons_interval_is_scipys(right: int, n: int) -> None:
    scipys = binomtest(right, n).proportion_ci(method="wilson")
    ours = wilson(right, n)
    assert ours[:3] == pytest.approx((right / n, scipys.low, scipys.high), abs=1e-12)
    assert wilson(0, 0) == (None, None, None, 0)


def test_the_interval_of_a_mean_by_hand() -> None:
    # 1, 2, 3: mean 2, standard error 1 / sqrt(3), Student's t of 2 degrees of freedom 4.3027.
    interval = mean_interval([1.0, 2.0, 3.0])
    assert interval.value == 2
    assert interval.high == pytest.approx(2 + 4.302652729696 / 3**0.5, abs=1e-9)
    assert interval.contains(2.5) and not interval.contains(5)
    assert mean_interval([4.0]) == (4.0, None, None, 1)
    assert mean_interval([]) == (None, None, None, 0)
