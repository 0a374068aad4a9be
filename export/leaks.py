"""Proof that validation and test meet nobody and nothing from training, whatever wrote the split.

Three things count as a leak: the same person, under whatever id; the same motion, on whatever body;
and frames that are nearly the same picture. Frames are compared as thumbnails: two encodings of one
picture differ by less than a grey level on average, two simulated people in the same room by many.
"""

from collections.abc import Callable, Iterator

import numpy as np
from scipy.spatial import cKDTree

from export.dataset import Dataset
from export.rows import ClipRow
from export.splits import Split, values_of
from motions.errors import FormbenchError
from simulator.clip import read_about
from simulator.rendering.images import resized
from simulator.rendering.video import read_video

THUMBNAIL_PX = 8
NEARLY_SAME = 1.5
"""Mean difference of two thumbnails below which they are one picture, of 255 levels."""
FRAMES_A_VIEW = 3

_Placed = list[tuple[str, ClipRow]]


def check_leaks(dataset: Dataset, split: Split) -> None:
    """Prove that no person, counterfactual group, motion or held-out value is on two sides.

    Raises:
        FormbenchError: One is, a subject is on no side, or a side has no clip.
    """
    present = {row.subject_id for row in dataset.rows}
    if unplaced := sorted(present - split.subjects.keys()):
        raise FormbenchError(
            f"split: subject {unplaced[0]!r} is on no side; the split was made for another dataset"
        )
    placed: _Placed = []
    for side in split.sides:
        rows = split.rows(dataset, side)
        if not rows:
            raise FormbenchError(
                f"split: expected clips in {side}, got none; generate clips of more subjects, or "
                "ask for fewer conditions"
            )
        placed += [(side, row) for row in rows]
    placed.sort(key=lambda item: item[1].clip_id)
    _one_side(placed, "counterfactual group", lambda row: (row.group_id,))
    _one_side(placed, "subject", lambda row: (row.subject_id,))
    _one_side(placed, "motion", lambda row: (row.motion,))
    for key in split.values:
        _one_side(placed, key, lambda row, key=key: values_of(row, key))  # type: ignore[misc]
    _one_side(placed, "body", lambda row: (row.body_id,) if row.body_id else ())


def check_duplicate_frames(
    dataset: Dataset,
    split: Split,
    on_clip: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Prove that no picture of one side is nearly one of another; clips without pixels have none.

    Raises:
        FormbenchError: One is.
    """
    rows = [(side, row) for side in split.sides for row in split.rows(dataset, side)]
    owners: list[tuple[str, ClipRow]] = []
    thumbnails: list[np.ndarray] = []
    for done, (side, row) in enumerate(rows):
        on_clip(done, len(rows))
        of_clip = list(_thumbnails(dataset, row))
        owners += [(side, row)] * len(of_clip)
        thumbnails += of_clip
    on_clip(len(rows), len(rows))
    if not thumbnails:
        return
    pictures = np.stack(thumbnails)
    # Means of quarters differ by no more than the pictures do, so they find all candidates fast.
    half = THUMBNAIL_PX // 2
    quarters = pictures.reshape(-1, 2, half, 2, half, 3).mean(axis=(2, 4)).reshape(-1, 12)
    for a, b in sorted(cKDTree(quarters).query_pairs(12 * NEARLY_SAME, p=1)):
        (one_side, one), (other_side, other) = owners[a], owners[b]
        if one_side != other_side and np.abs(pictures[a] - pictures[b]).mean() < NEARLY_SAME:
            raise FormbenchError(
                f"split: clip {one.clip_id} in {one_side} and clip {other.clip_id} in {other_side} "
                "have a picture in common; give their people one subject id, or leave one out"
            )


def _thumbnails(dataset: Dataset, row: ClipRow) -> Iterator[np.ndarray]:
    """Yield first, middle and last picture of each view, (8, 8, 3) float32."""
    wanted = set(np.linspace(0, row.n_frames - 1, FRAMES_A_VIEW).round().astype(int).tolist())
    clip_folder = dataset.clip_folder(row.clip_id)
    for view in read_about(clip_folder)["views"]:
        if view["video"] is None or view["camera"]["name"] not in row.cameras:
            continue
        for index, rgb in enumerate(read_video(clip_folder / view["video"]).frames):
            if index in wanted:
                yield resized(rgb, THUMBNAIL_PX, THUMBNAIL_PX).astype(np.float32)


def _one_side(placed: _Placed, kind: str, values: Callable[[ClipRow], tuple[str, ...]]) -> None:
    first_with: dict[str, tuple[str, ClipRow]] = {}
    for side, row in placed:
        for value in values(row):
            first_side, first = first_with.setdefault(value, (side, row))
            if first_side != side:
                raise FormbenchError(
                    f"split: clip {first.clip_id} in {first_side} and clip {row.clip_id} in {side} "
                    f"are of one {kind}; split by subject again"
                )
