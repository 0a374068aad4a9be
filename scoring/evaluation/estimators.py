"""Pose estimators held against the truth, by exercise and view.

    OUT/
        poses.json    every figure, see `PoseRow`
        poses.md      the same as a table

Image points are compared in torso lengths as the camera sees them (the median over the clip),
points in space in millimetres from the middle of the hips.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from export.dataset import Dataset
from export.files import new_folder, write_json
from motions.conventions import COCO_17, Convention
from scoring.evaluation.metrics import poses as metrics
from scoring.evaluation.pose_sources import pose_source
from scoring.methods.angles import MAIN_ANGLES
from scoring.poses import PoseSequence, from_clip, mid_hip, torso_length
from simulator.clip import Clip

SCHEMA = "formbench.poses/1"
HEADS = {
    "n_clips": "clips",
    "found": "found",
    "pck_torso_0_1": "PCK@0.1 torso",
    "pck_torso_0_2": "PCK@0.2 torso",
    "pck_box_0_1": "PCK@0.1 box",
    "oks": "OKS",
    "ap": "AP",
    "error_torso": "error, torsos",
    "acceleration_error": "acceleration, torsos/s\u00b2",
    "angle_error_deg": "angles, deg",
    "mpjpe_mm": "MPJPE, mm",
    "pa_mpjpe_mm": "PA-MPJPE, mm",
}


@dataclass(frozen=True)
class PoseRow:
    """How far an estimator is off in one exercise and view; None where its points do not tell."""

    exercise: str
    view: str
    n_clips: int
    found: float
    """Share of points that it found, of those in the image."""
    pck_torso_0_1: float | None
    pck_torso_0_2: float | None
    pck_box_0_1: float | None
    oks: float | None
    """With half of the box's area for the person's, as COCO's own points have it on average."""
    ap: float | None
    error_torso: float | None
    acceleration_error: float | None
    """In torso lengths, or metres for points in space, per second squared."""
    angle_error_deg: float | None
    """Mean over the main angles."""
    angle_errors_deg: dict[str, float | None]
    mpjpe_mm: float | None
    pa_mpjpe_mm: float | None


def evaluate_poses(
    dataset: Dataset,
    poses: str,
    out: Path,
    on_clip: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[PoseRow, ...]:
    """Compare what a source of poses sees with the truth.

    Args:
        dataset: Whose clips.
        poses: A name as `pose_source` takes it.
        out: A new or empty folder.
        on_clip: Told how many clips of how many are done.

    Raises:
        FormbenchError: There is no such source, or it cannot see a clip.
    """
    see = pose_source(poses)
    figures: dict[tuple[str, str], list[dict[str, float]]] = {}
    with new_folder(out) as folder:
        for done, row in enumerate(dataset.rows, 1):
            clip = dataset.clip(row.clip_id)
            for view in clip.views:
                name = view.camera.name
                found = see(clip, dataset.clip_folder(row.clip_id), name, COCO_17.name)
                one = in_space(clip, found) if found.unit == "m" else in_image(clip, name, found)
                figures.setdefault((clip.exercise, name), []).append(one)
            on_clip(done, len(dataset.rows))
        rows = tuple(_row(*where, some) for where, some in sorted(figures.items()))
        write_json(
            {
                "schema": SCHEMA,
                "dataset_sha256": dataset.content_sha256,
                "poses": poses,
                "rows": [asdict(row) for row in rows],
            },
            folder / "poses.json",
        )
        (folder / "poses.md").write_text(to_markdown(rows), encoding="utf-8")
    return rows


def in_image(clip: Clip, camera_name: str, found: PoseSequence) -> dict[str, float]:
    """Return the figures of one clip in pixels."""
    true_sequence = from_clip(clip, camera_name, COCO_17.name)
    true, points = true_sequence.keypoints, found.keypoints
    torso = torso_length(true_sequence)
    torsos = np.full(len(true), torso)
    box_px = clip.view(camera_name).box_px
    areas = np.maximum(((box_px[:, 2:] - box_px[:, :2]).prod(axis=1)) / 2, 1.0)
    similarity = metrics.oks(true, points, areas)
    answered = ~np.isnan(points).all(axis=(1, 2))
    sure = found.confidence.mean(axis=1)
    return {
        "found": _found(true, points),
        "pck_torso_0_1": metrics.pck(true, points, torsos, 0.1),
        "pck_torso_0_2": metrics.pck(true, points, torsos, 0.2),
        "pck_box_0_1": metrics.pck(true, points, metrics.box_lengths(true), 0.1),
        "oks": float(similarity.mean()),
        "ap": metrics.average_precision(np.where(answered, similarity, np.nan), sure),
        "error_torso": metrics.mpjpe(true, points) / torso,
        "acceleration_error": metrics.acceleration_error(true, points, clip.fps) / torso,
        **_angles(true, points, found.convention),
    }


def in_space(clip: Clip, found: PoseSequence) -> dict[str, float]:
    """Return the figures of one clip in metres from the middle of the hips."""
    true = clip.keypoints_world_m[COCO_17.name]
    hips = [COCO_17.keypoint_names.index(f"{side}_hip") for side in ("left", "right")]
    centred = true - true[:, hips].mean(axis=1, keepdims=True)
    points = found.keypoints - mid_hip(found)[:, None]
    return {
        "found": _found(true, points),
        "acceleration_error": metrics.acceleration_error(centred, points, clip.fps),
        **_angles(true, points, found.convention),
        "mpjpe_mm": 1000 * metrics.mpjpe(centred, points),
        "pa_mpjpe_mm": 1000 * metrics.pa_mpjpe(centred, points),
    }


def to_markdown(rows: Sequence[PoseRow]) -> str:
    """Return the rows as a table."""
    lines = [["exercise", "view", *HEADS.values()], ["---"] * (2 + len(HEADS))]
    for row in rows:
        told = (getattr(row, name) for name in HEADS)
        lines.append([row.exercise, row.view, *("" if v is None else f"{v:.3g}" for v in told)])
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _found(true: np.ndarray, points: np.ndarray) -> float:
    known = ~np.isnan(true).any(axis=-1)
    return float((~np.isnan(points).any(axis=-1))[known].mean()) if known.any() else float("nan")


def _angles(true: np.ndarray, points: np.ndarray, convention: Convention) -> dict[str, float]:
    errors = np.rad2deg(metrics.angle_errors_rad(true, points, convention))
    return dict(zip(MAIN_ANGLES, errors.tolist(), strict=True))


def _row(exercise: str, view: str, some: Sequence[dict[str, float]]) -> PoseRow:
    """Return the mean of clips, each as much as another."""

    def mean(name: str) -> float | None:
        told = [one[name] for one in some if not np.isnan(one.get(name, np.nan))]
        return float(np.mean(told)) if told else None

    angles = {name: mean(name) for name in MAIN_ANGLES}
    known = [value for value in angles.values() if value is not None]
    figures = {name: mean(name) for name in HEADS if name not in ("n_clips", "angle_error_deg")}
    return PoseRow(
        exercise=exercise,
        view=view,
        n_clips=len(some),
        angle_error_deg=float(np.mean(known)) if known else None,
        angle_errors_deg=angles,
        **figures,  # type: ignore[arg-type]  # "found" is never None
    )
