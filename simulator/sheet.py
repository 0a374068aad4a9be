"""Contact sheets: many clips at one glance, one row a clip, with the skeleton on the body.

The pictures come from the videos and the lines from the truth, so a sheet also shows whether the
two fit.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from motions.conventions import COCO_17
from motions.errors import FormbenchError
from simulator.clip import Clip, View, read_clip
from simulator.faults.library import FAULTS
from simulator.rendering.images import draw_text, resized, write_image
from simulator.rendering.skeletons import draw_skeleton
from simulator.rendering.video import read_video

TILE_PX = 240
_MARGIN = 0.08  # of the person's box, left free about it
_BAND_PX = 26


def write_sheet(
    clips: Sequence[Path],
    path: Path,
    rep: int = 0,
    on_row: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Write a sheet of clips that have videos.

    Args:
        clips: Folders of clips, one a row, in this order.
        path: Where the picture goes; its ending says the format, .png or .jpg.
        rep: Which repetition is shown.
        on_row: Called with rows done and rows in all after each row.
    """
    if not clips:
        raise FormbenchError("sheet: expected at least one clip, got none")
    rows = []
    for folder in clips:
        rows.append(_row(folder, rep))
        on_row(len(rows), len(clips))
    width = max(row.shape[1] for row in rows)
    padded = [
        np.pad(r, ((0, 0), (0, width - r.shape[1]), (0, 0)), constant_values=255) for r in rows
    ]
    write_image(path, np.concatenate(padded))


def _row(folder: Path, rep: int) -> np.ndarray:
    clip = read_clip(folder)
    if any(view.video is None for view in clip.views):
        raise FormbenchError(f"{folder}: expected videos, got keypoints only; make it with pixels")
    if clip.reps and not 0 <= rep < len(clip.reps):
        raise FormbenchError(f"{folder}: expected a repetition below {len(clip.reps)}, got {rep}")
    frames = _moments(clip, rep)
    tiles = [tile for view in clip.views for tile in _tiles(folder, view, frames)]
    band = np.full((_BAND_PX, TILE_PX * len(tiles), 3), 255, dtype=np.uint8)
    draw_text(band, caption(clip, rep), (8, 7), 11)
    return np.concatenate([band, np.concatenate(tiles, axis=1)])


def caption(clip: Clip, rep: int) -> str:
    """Say in one line who does what in a repetition, and what its faults measure."""
    said = []
    for span in clip.faults:
        if span.rep == rep and (span.present or span.requested is not None):
            unit = f" {span.unit}" if span.unit else ""
            asked = "" if span.requested is None else f" (asked {span.requested:.2f})"
            mark = "FAULT " if span.present else ""
            name = FAULTS[span.fault_id].title.lower()
            said.append(f"{mark}{name} {span.measured:.2f}{unit}{asked}")
    return f"{clip.clip_id}  {clip.exercise}  {clip.subject_id}   " + "   ".join(said)


def _moments(clip: Clip, rep: int) -> list[int]:
    """Pick frames of a repetition by how far it has gone, so that clips can be compared.

    They are the start, half way out, the far end, half way back, and the middle of a flight on the
    way back if there is one, else the end. A clip without repetitions shows five even steps.
    """
    if not clip.reps:
        return np.linspace(0, clip.n_frames - 1, 5).astype(int).tolist()
    frames = clip.reps[rep].frames(clip.fps, clip.n_frames)
    phase = clip.phase[frames]
    top = int(phase.argmax())
    half = phase[top] / 2
    out = int(np.abs(phase[: top + 1] - half).argmin())
    back = top + int(np.abs(phase[top:] - half).argmin())
    flying = np.flatnonzero(~clip.contacts[frames][top:].any(axis=1)) + top
    last = int(flying[len(flying) // 2]) if len(flying) else len(phase) - 1
    return [frames.start + i for i in (0, out, top, back, last)]


def _crop_px(view: View, frames: Sequence[int]) -> tuple[slice, slice]:
    """Return rows and columns of the smallest square about the person in some frames."""
    boxes = view.box_px[list(frames)]
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    size = np.array([view.camera.width_px, view.camera.height_px])
    side = int(min((high - low).max() * (1 + 2 * _MARGIN), size.min()))
    start = np.clip((low + high) / 2 - side / 2, 0, size - side).astype(int)
    return slice(start[1], start[1] + side), slice(start[0], start[0] + side)


def _tiles(folder: Path, view: View, frames: Sequence[int]) -> list[np.ndarray]:
    wanted = set(frames)
    crop = _crop_px(view, frames)
    kept: dict[int, np.ndarray] = {}
    for index, rgb in enumerate(read_video(folder / str(view.video)).frames):
        if index in wanted:
            picture = rgb.copy()
            points, seen = (of[COCO_17.name][index] for of in (view.keypoints_px, view.visibility))
            draw_skeleton(picture, points, seen == 2, COCO_17)
            kept[index] = resized(picture[crop], TILE_PX, TILE_PX)
    return [kept[frame] for frame in frames]
