"""The pictures that tasks show: linked, cut out of videos, and given to a model."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from labeling.estimates import Estimator, estimated_pose
from labeling.labels import Page, PoseLabels, Task
from labeling.predictions import Prediction, template
from motions.errors import FormbenchError
from simulator.rendering.images import read_image, write_image
from simulator.rendering.video import read_video

PHOTOS = (".jpg", ".jpeg", ".png")


def link(source: Path, target: Path) -> None:
    """Give a file a second name; a copy where the file system has no links."""
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def write_pages(pages: Sequence[Page], pictures: Path, media: Path) -> None:
    """Write pages, all of them from one video or photo, into a media folder."""
    names = {page.frame_index: page.image for page in pages}
    for index, rgb in frames_of(pictures):
        if index in names and not (media / names[index]).exists():
            write_image(media / names[index], rgb)
        if index == max(names):
            return
    raise FormbenchError(f"{pictures}: expected frame {max(names)}, got fewer frames")


def frames_of(pictures: Path) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the frames of a video, or the only one of a photo, with their numbers from 0."""
    if pictures.suffix in PHOTOS:
        return enumerate([read_image(pictures)])
    return enumerate(read_video(pictures).frames)


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
