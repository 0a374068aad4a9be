"""From clips and footage to a labelling folder: which tasks, which frames, what they start from.

Simulated and real tasks are made alike. With footage, only a share of the simulated clips goes in,
as known answers that nobody can tell by their names.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from export.dataset import Dataset, FaultRow
from export.files import new_folder
from labeling import interface as ui
from labeling.estimates import Estimator
from labeling.folder import LabelFolder, read_label_folder, write_label_files
from labeling.footage import Footage, Imported, import_footage, write_footage
from labeling.gold import choose_known_answers, stratum
from labeling.instants import Angle, choose_shown
from labeling.labels import Labels, Source, Task
from labeling.media import estimated, link, write_pages
from labeling.predictions import TEMPLATE_MODEL, TRUTH_MODEL, Prediction, template
from labeling.tasks import clip_source, local_files_url, opaque_id, pose_task, truth, video_task
from motions.errors import FormbenchError, unknown_name
from simulator.clip import Clip
from simulator.faults.library import FAULTS


@dataclass(frozen=True)
class Wishes:
    """What to ask of annotators, and how."""

    kinds: tuple[str, ...] = ("poses", "repetitions", "faults")
    cameras: tuple[str, ...] | None = None
    """The views of simulated clips to show, in this order; all of each clip when None. Repetitions
    are marked in the first, since they are at the same time in all."""
    together: bool = False
    """Whether a pose task shows one instant from every camera, a page each; else it shows several
    frames of one view."""
    frames_per_view: int = 3
    """How many frames of each view, or instants of all together, pose tasks show."""
    mixed_frames: bool = True
    """Whether frames are chosen by what they show, see `labeling.frames`; else evenly spaced."""
    seed: int = 0
    """Draws the frames that are chosen by chance."""
    with_truth: bool = False
    """Whether tasks of simulated clips start from the truth; then their answers are no test."""
    estimate: Estimator | None = None
    """Finds the poses that pose tasks start from; a standing figure when None."""
    known_answer_rate: float = 0.2
    """With footage: the share of tasks that are simulated."""
    clean_share: float = 0.3
    """The share of those that show no fault."""
    hide_faces: bool = False
    """Whether faces in real footage are made unrecognisable; needs `estimate`."""

    def __post_init__(self) -> None:
        for kind in self.kinds:
            if kind not in ui.KINDS:
                raise unknown_name("kind of task", kind, ui.KINDS)
        if not 0 <= self.known_answer_rate < 1:
            raise FormbenchError(
                f"known_answer_rate: expected 0 to below 1, got {self.known_answer_rate}"
            )
        if self.frames_per_view < 1:
            raise FormbenchError(f"frames_per_view: expected 1 or more, got {self.frames_per_view}")
        if self.hide_faces and self.estimate is None:
            raise FormbenchError("hiding faces: expected a pose estimator that finds them")


@dataclass(frozen=True)
class _ShownClip:
    """A clip, and which of its cameras to show, by kind of task."""

    dataset: Dataset
    clip_id: str
    cameras: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class _Begun:
    """A task, what it starts from and what is known about it."""

    task: Task
    predictions: tuple[Prediction, ...]
    answer: Labels | None


def prepare_labelling(
    out: Path,
    *,
    dataset: Dataset | None = None,
    footage: Sequence[Footage] = (),
    wishes: Wishes | None = None,
    document_root: Path | None = None,
    media_url: str | None = None,
    on_source: Callable[[int, int], None] = lambda done, total: None,
) -> LabelFolder:
    """Write a labelling folder.

    Args:
        out: A new or empty folder.
        dataset: Simulated clips with videos: all are shown where there is no footage, else as
            many as the wished share of known answers.
        footage: Real videos and photos.
        wishes: What to ask; the defaults when None.
        document_root: The document root of the Label Studio server; `out` when None.
        media_url: Where the media folder will be instead, `s3://bucket/squats/` for example; it is
            for you to bring it there.
        on_source: Is told how many clips and pieces of footage of how many are done.

    Raises:
        FormbenchError: `out` is not empty or not in the document root, a clip has no video or not
            the camera asked for, footage cannot be read, or there are too few simulated clips.
    """
    wishes = wishes or Wishes()
    media_url = media_url or _local_media_url(out, document_root or out)
    begun: list[_Begun] = []
    brought: list[Imported] = []
    clips = list(_clips_to_show(dataset, footage, wishes)) if dataset is not None else []
    total = len(footage) + len(clips)
    with new_folder(out) as folder:
        media = folder / "media"
        media.mkdir()
        for piece in footage:
            on_source(len(brought), total)
            finder = wishes.estimate if wishes.hide_faces else None
            brought.append(import_footage(piece, media, finder))
        begun += _begin_footage(brought, wishes, media)
        for done, shown in enumerate(clips, start=len(footage)):
            on_source(done, total)
            begun += _begin_clip(shown, wishes, media)
        on_source(total, total)
        write_label_files(
            folder,
            [one.task for one in begun],
            {one.task.uid: one.answer for one in begun if one.answer},
            {one.task.uid: one.predictions for one in begun},
            media_url if media_url.endswith("/") else f"{media_url}/",
        )
        write_footage(brought, folder / "footage.json")
    return read_label_folder(out)


def _local_media_url(out: Path, document_root: Path) -> str:
    root = document_root.resolve()
    if not out.resolve().is_relative_to(root):
        raise FormbenchError(f"{out}: expected a folder inside the document root {root}")
    return local_files_url((out.resolve() / "media").relative_to(root).as_posix())


def _clips_to_show(
    dataset: Dataset, footage: Sequence[Footage], wishes: Wishes
) -> Iterator[_ShownClip]:
    faults: dict[str, list[FaultRow]] = defaultdict(list)
    for row in dataset.fault_rows():
        faults[row.clip_id].append(row)
    chosen: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for kind in wishes.kinds:
        of_kind = {}
        for clip in dataset.rows:
            if _can_ask(kind, clip.exercise):
                for cameras in _shown_in_one(kind, wishes.cameras or clip.cameras, wishes):
                    # By a hash, so that the order in which known answers are taken means nothing.
                    key = opaque_id(dataset.content_sha256, kind, clip.clip_id, *cameras)
                    of_kind[key] = (clip.clip_id, cameras)
        if footage:
            n_real = _n_shown(kind, footage, wishes)
            wanted = round(n_real * wishes.known_answer_rate / (1 - wishes.known_answer_rate))
            strata = {key: stratum(faults[clip_id]) for key, (clip_id, _) in of_kind.items()}
            keys = choose_known_answers(strata, wanted, wishes.clean_share)
            of_kind = {key: of_kind[key] for key in keys}
        for clip_id, cameras in of_kind.values():
            chosen[clip_id].setdefault(kind, []).extend(cameras)
    for clip_id in sorted(chosen):
        yield _ShownClip(dataset, clip_id, chosen[clip_id])


def _shown_in_one(kind: str, cameras: Sequence[str], wishes: Wishes) -> Iterator[Sequence[str]]:
    """Yield the cameras of a clip that tasks of a kind show, those of one instant together."""
    if kind == "poses" and wishes.together:
        yield cameras
    else:
        yield from ([camera] for camera in (cameras[:1] if kind == "repetitions" else cameras))


def _n_shown(kind: str, footage: Sequence[Footage], wishes: Wishes) -> int:
    """Return how many tasks, or sets of tasks of one performance, the footage gives."""
    there = [piece for piece in footage if kind in _kinds_of(piece, wishes)]
    if kind == "poses" and wishes.together:
        return len({piece.performance for piece in there})
    return len(there)


def _begin_footage(brought: Sequence[Imported], wishes: Wishes, media: Path) -> Iterator[_Begun]:
    performances: dict[tuple[str, ...], list[Angle]] = defaultdict(list)
    for one in brought:
        performances[one.footage.performance].append(one.angle)
        for kind in _kinds_of(one.footage, wishes):
            if kind != "poses":
                task = _video_task(kind, one.angle, media)
                yield _Begun(task, (), None)
    if "poses" in wishes.kinds:
        for angles in performances.values():
            for task in _pose_tasks(angles, wishes, media):
                yield _Begun(task, _predictions(task, None, wishes, media), None)


def _begin_clip(shown: _ShownClip, wishes: Wishes, media: Path) -> Iterator[_Begun]:
    clip = shown.dataset.clip(shown.clip_id)
    source = clip_source(clip, shown.dataset.content_sha256)
    for kind, cameras in shown.cameras.items():
        angles = [_angle(shown, clip, source, camera) for camera in cameras]
        if kind == "poses":
            tasks = _pose_tasks(angles, wishes, media)
        else:
            tasks = [_video_task(kind, angle, media) for angle in angles]
        for task in tasks:
            answer = truth(task, clip)
            yield _Begun(task, _predictions(task, answer, wishes, media), answer)


def _angle(shown: _ShownClip, clip: Clip, source: Source, camera: str) -> Angle:
    view = clip.view(camera)
    if view.video is None:
        raise FormbenchError(
            f"clip {shown.clip_id}: expected a video of camera {camera!r}, got keypoints only; "
            "generate the dataset without --keypoints-only"
        )
    video = shown.dataset.clip_folder(shown.clip_id) / view.video
    return Angle(source, camera, video, calibration=view.camera)


def _video_task(kind: str, angle: Angle, media: Path) -> Task:
    """Make a task and the video that it shows."""
    task = video_task(kind, angle.source, angle.camera)
    link(angle.pictures, media / task.video)
    return task


def _pose_tasks(angles: Sequence[Angle], wishes: Wishes, media: Path) -> list[Task]:
    """Make the pose tasks of what is filmed at once, and their pages."""
    paired = wishes.together or all(angle.calibration for angle in angles)
    made = []
    for seen in [angles] if paired else [[angle] for angle in angles]:
        first = seen[0]
        seed = int(opaque_id(first.source.identity, first.source.clip_id, first.camera), 16)
        for shown in choose_shown(
            seen,
            wishes.frames_per_view,
            np.random.default_rng([wishes.seed, seed]),
            mixed=wishes.mixed_frames,
            together=wishes.together,
            estimate=wishes.estimate,
        ):
            made.append(pose_task([(angle.source, chosen) for angle, chosen in shown]))
            for angle in {angle.camera: angle for angle, _ in shown}.values():
                pages = [page for page in made[-1].pages if page.camera == angle.camera]
                write_pages(pages, angle.pictures, media)
    return made


def _predictions(
    task: Task, answer: Labels | None, wishes: Wishes, media: Path
) -> tuple[Prediction, ...]:
    if wishes.with_truth and answer is not None:
        return (Prediction(TRUTH_MODEL, answer),)
    if task.kind != "poses":
        return ()
    if wishes.estimate is None:
        return (Prediction(TEMPLATE_MODEL, template(task)),)
    return (estimated(task, media, wishes.estimate),)


def _kinds_of(piece: Footage, wishes: Wishes) -> tuple[str, ...]:
    """Return the kinds of task that a piece of footage gives: a photo only poses."""
    kinds = ("poses",) if piece.is_photo else ui.KINDS
    return tuple(k for k in wishes.kinds if k in kinds and _can_ask(k, piece.exercise))


def _can_ask(kind: str, exercise: str) -> bool:
    asks_for_faults = kind in ("faults", "clip_faults")
    return not asks_for_faults or any(spec.exercise == exercise for spec in FAULTS.values())
