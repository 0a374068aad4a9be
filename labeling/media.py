"""The pictures that tasks show: linked, cut out of videos, looked through, and given to a model."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from labeling.estimates import Estimator, estimated_pose, pose_features
from labeling.footage import PHOTOS
from labeling.frames import Candidate, choose_frames, thumbnail_features
from labeling.labels import Chosen, PoseLabels, Task
from labeling.predictions import Prediction, template
from motions.errors import FormbenchError
from simulator.rendering.images import read_image, write_image
from simulator.rendering.video import count_frames, read_video

N_CANDIDATES = 60
"""How many frames of a view are looked at when frames are chosen by what they show."""


def link(source: Path, target: Path) -> None:
    """Give a file a second name; a copy where the file system has no links."""
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def write_pages(task: Task, pictures: Path, media: Path) -> None:
    """Write the pages of a pose task into a media folder, all of them from one video or photo."""
    names = {page.frame_index: page.image for page in task.pages}
    for index, rgb in _frames(pictures):
        if index in names and not (media / names[index]).exists():
            write_image(media / names[index], rgb)
        if index == max(names):
            return
    raise FormbenchError(f"{pictures}: expected frame {max(names)}, got fewer frames")


def choose_in(
    pictures: Path,
    camera: str,
    n_frames: int,
    estimate: Estimator | None,
    rng: np.random.Generator,
) -> tuple[Chosen, ...]:
    """Choose frames of a video or photo by what they show, see `labeling.frames`.

    With an estimator, by poses and how unsure they are; frames in which it finds nobody are passed
    over. Without one, or where it finds nobody at all, by thumbnails.
    """
    n = 1 if _is_photo(pictures) else count_frames(pictures)
    by_pose: list[Candidate] = []
    by_thumbnail: list[Candidate] = []
    for index, rgb in _frames(pictures):
        if index % max(1, n // N_CANDIDATES) == 0:
            by_thumbnail.append(Candidate(camera, index, thumbnail_features(rgb)))
            found = estimate(rgb) if estimate else None
            if found:
                unsure = 1 - float(np.mean(found.confidence))
                by_pose.append(Candidate(camera, index, pose_features(found), unsure))
    return choose_frames(by_pose or by_thumbnail, n_frames, rng)


def estimated(task: Task, media: Path, estimate: Estimator) -> Prediction:
    """Return what a model finds on the pages of a task; the template where it finds nobody."""
    found = [estimate(read_image(media / page.image)) for page in task.pages]
    standing = template(task).poses
    poses = [
        estimated_pose(i, page, one) if one else standing[i]
        for i, (page, one) in enumerate(zip(task.pages, found, strict=True))
    ]
    sure = [float(np.mean(one.confidence)) if one else 0.0 for one in found]
    return Prediction(estimate.model_version, PoseLabels(tuple(poses)), float(np.mean(sure)))


def _frames(pictures: Path) -> Iterator[tuple[int, np.ndarray]]:
    if _is_photo(pictures):
        return enumerate([read_image(pictures)])
    return enumerate(read_video(pictures).frames)


def _is_photo(pictures: Path) -> bool:
    return pictures.suffix in PHOTOS
