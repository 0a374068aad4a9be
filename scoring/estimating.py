"""Poses of many videos and clips at once, on any engine: one file each, made once.

    OUT/<video>.npz                  of a video
    OUT/<clip_id>.<camera>.npz       of a clip from each camera, for `evaluate --poses files:OUT`
    OUT/<clip_id>.npz                of a clip in space, put together from its cameras

Each file says by a hash what it was made from and how: what is there from the same is not made
again, after a stop for example, and what is there from something else is made anew.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from export.dataset import read_dataset
from export.manifest import MANIFEST, entry_of_file
from motions.conventions import COCO_17
from motions.errors import FormbenchError
from motions.formats.npy import read_npz
from motions.storage import place
from motions.terminal import told
from scoring.estimators.arrays import MADE_FROM, read_poses, write_poses
from scoring.estimators.mediapipe import seen_poses
from scoring.evaluation.pose_sources import pose_source
from scoring.poses import PoseSequence
from scoring.triangulation import triangulate
from simulator.clip import read_clip
from simulator.engines.engine import Engine, Unit, in_order, keep_log, unit_key
from simulator.environments import environment_python
from simulator.rendering.video import count_frames, read_video

MEDIAPIPE = "mediapipe"
_CLIP = "clip.json"


@dataclass(frozen=True)
class Wishes:
    """How poses are made."""

    by: str = MEDIAPIPE
    """Who sees the cameras of a clip: a name of `scoring.evaluation.pose_sources`."""
    convention_name: str = COCO_17.name
    """Of what clips give."""
    cameras: tuple[str, ...] = ()
    """Of a clip; all when empty."""
    together: bool = False
    """Put what a clip's cameras see into space."""
    world: bool = False
    """MediaPipe's metres in place of its pixels, of a video."""
    lift: str = ""
    """The folder of a lifter that puts a video's points into space."""
    stature_m: float | None = None
    """With `lift`: how tall the person is, where it is known."""

    def __post_init__(self) -> None:
        if self.world and self.lift:
            raise FormbenchError("poses: expected --world or --lift, got both")
        if self.stature_m is not None and not self.lift:
            raise FormbenchError("poses: --stature is for --lift")


@dataclass(frozen=True)
class Made:
    """One file of poses."""

    poses: str
    frames: int
    fps: float
    by: str
    shown: float
    """Share of frames in which the person was found."""


def is_clip(folder: Path) -> bool:
    """Whether a folder is a clip of a dataset."""
    return (folder / _CLIP).is_file()


def check_wishes(source: Path, wishes: Wishes) -> None:
    """Refuse what cannot be had of a source.

    Raises:
        FormbenchError: Of a clip something that is for videos, or the reverse.
    """
    if is_clip(source) or (source / MANIFEST).is_file():
        if wishes.world or wishes.lift:
            raise FormbenchError(f"{source}: --world and --lift are for videos, this is of clips")
    elif (wishes.by, wishes.cameras, wishes.together) != (MEDIAPIPE, (), False):
        raise FormbenchError(
            f"{source}: --by, --camera and --triangulate are for clips, which know their cameras"
        )


def estimate_poses(
    sources: Sequence[Path],
    out: Path,
    wishes: Wishes,
    engine: Engine | None = None,
    on_one: Callable[[int, int], None] = lambda done, total: None,
    on_set_aside: Callable[[int], None] = lambda count: None,
) -> tuple[list[Made], int]:
    """Write the poses of videos, clips and datasets into a folder.

    Args:
        sources: Videos, clips' folders and datasets, in any mixture.
        out: The folder; what is there from the same sources in the same way stays.
        wishes: How.
        engine: Where the work runs; this process when None.
        on_one: Called with how many videos and clips of how many are done.
        on_set_aside: Called with how many could not be done.

    Returns:
        What there is now, in the order of the sources, and how many were set aside, with the reason
        in OUT/failed.

    Raises:
        FormbenchError: Two sources would have the same file, or no work can be done here.
    """
    units = [unit for source in sources for unit in _units(source, out, wishes)]
    names = [unit.name for unit in units]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise FormbenchError(f"poses: two sources are called {twice[0]}; name them apart")
    out.mkdir(parents=True, exist_ok=True)
    made: list[Made] = []
    set_aside = 0
    for done, outcome in enumerate(in_order(engine, _make, units), 1):
        log = outcome.log or (outcome.result if isinstance(outcome.result, str) else "")
        if log:
            keep_log(out / "failed", outcome.unit, log)
            set_aside += 1
            on_set_aside(set_aside)
        else:
            made += outcome.result
        on_one(done, len(units))
    return made, set_aside


def video_poses(
    path: Path, wishes: Wishes, on_frame: Callable[[int, int], None] = lambda done, total: None
) -> PoseSequence:
    """Find the person in a video.

    Raises:
        FormbenchError: There is nobody, it is no video, or MediaPipe or the lifter is missing.
    """
    video, n_frames = read_video(path), count_frames(path)
    seen = seen_poses(told(video.frames, n_frames, on_frame), video.fps)
    if wishes.lift:
        from scoring.learning.lifter import read_lifter

        height_px, width_px, _ = next(read_video(path).frames).shape
        return read_lifter(Path(wishes.lift)).lift(
            seen.image, width_px, height_px, wishes.stature_m
        )
    return seen.world if wishes.world else seen.image


def clip_poses(folder: Path, wishes: Wishes) -> dict[str, PoseSequence]:
    """Return what is seen of a clip, by camera; or in space, by "".

    Raises:
        FormbenchError: There is no such camera or source, or it needs what the clip has not.
    """
    clip, source = read_clip(folder), pose_source(wishes.by)
    views = [clip.view(name) for name in wishes.cameras] or list(clip.views)
    seen = {
        view.camera.name: source(clip, folder, view.camera.name, wishes.convention_name)
        for view in views
    }
    if wishes.together:
        return {"": triangulate([(view.camera, seen[view.camera.name]) for view in views])}
    return seen


def about(sequence: PoseSequence, path: Path) -> Made:
    """Say what a file of poses holds."""
    shown = float((sequence.confidence > 0).any(axis=1).mean())
    return Made(str(path), sequence.n_frames, sequence.fps, sequence.source, shown)


def _units(source: Path, out: Path, wishes: Wishes) -> Iterator[Unit]:
    check_wishes(source, wishes)
    if (source / MANIFEST).is_file():
        dataset = read_dataset(source)
        for row in dataset.rows:
            key = unit_key(dataset.content_sha256, row.clip_id, _decides(wishes))
            folder = dataset.clip_folder(row.clip_id)
            yield Unit(key, row.clip_id, (str(folder), str(out), wishes, key))
    else:
        file = source / _CLIP if is_clip(source) else source
        if not file.is_file():
            raise FormbenchError(f"{source}: expected a video, a clip or a dataset")
        key = unit_key(entry_of_file(file)["sha256"], _decides(wishes))
        name = source.name if is_clip(source) else source.stem
        yield Unit(key, name, (str(source), str(out), wishes, key))


def _decides(wishes: Wishes) -> str:
    """Return all that decides poses, files that are named by what is in them."""
    folders = [Path(wishes.lift)] if wishes.lift else []
    files = [path for folder in folders for path in sorted(folder.iterdir())]
    files += [Path(wishes.by.removeprefix("simulated:"))] if ":" in wishes.by else []
    return f"{wishes} {[entry_of_file(path) for path in files if path.is_file()]}"


def _make(given: tuple[str, str, Wishes, str]) -> list[Made] | str:
    """Make the files of one source; or say why it has none."""
    source, out, wishes, key = place(given[0]), Path(given[1]), given[2], given[3]
    if is_clip(source):
        names = wishes.cameras or tuple(v.camera.name for v in read_clip(source).views)
        targets = {n: out / f"{source.name}.{n}.npz" for n in names}
        if wishes.together:
            targets = {"": out / f"{source.name}.npz"}
    else:
        targets = {"": out / f"{source.stem}.npz"}
    if not all(_is_made(path, key) for path in targets.values()):
        if is_clip(source):
            found = clip_poses(source, wishes)
        else:
            environment_python(MEDIAPIPE)  # what this machine lacks is no fault of the video
            try:
                found = {"": video_poses(source, wishes)}
            except FormbenchError as error:
                return str(error)
        for name, path in targets.items():
            write_poses(found[name], path, key)
    return [about(read_poses(path), path) for path in targets.values()]


def _is_made(path: Path, key: str) -> bool:
    return path.is_file() and read_npz(path, [MADE_FROM]).get(MADE_FROM, np.array("")).item() == key
