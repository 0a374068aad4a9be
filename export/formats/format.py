"""What a format is: a name, what it keeps and loses, and a function that writes it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from export.dataset import Dataset
from export.journal import Journal
from export.rows import ClipRow
from export.seals import Seals
from motions.errors import FormbenchError
from simulator.cameras.camera import Camera
from simulator.clip import Clip, View
from simulator.rendering.images import write_image
from simulator.rendering.video import read_video


@dataclass(frozen=True)
class Request:
    """What is to be exported."""

    dataset: Dataset
    sides: Mapping[str, Sequence[ClipRow]]
    """The clips by side: "train" and "validation", or "all" where nothing was split."""
    seals: Seals
    """What the clips' files have to be."""
    every: int = 1
    """Take the frames 0, every, 2 every, ..."""
    images: bool = False
    """Whether the pictures are taken out of the videos too."""
    on_clip: Callable[[], None] = lambda: None
    """Called after each clip, to show progress."""
    journal: Journal = field(default_factory=Journal)
    """What was finished before the export was interrupted, and is now."""

    def clips(self, rows: Iterable[ClipRow]) -> Iterator[tuple[ClipRow, Clip]]:
        """Read one clip after another."""
        for row in rows:
            yield row, self._read(row)
            self.on_clip()

    def each_clip(self) -> Iterator[tuple[str, ClipRow, Clip]]:
        """Read the clips of all sides that are not finished, for formats of files a clip.

        A clip counts as finished when the next one is asked for; the files of one that was being
        written are written over.
        """
        for side, rows in self.sides.items():
            for row in rows:
                with self.part(f"{side}/{row.clip_id}") as is_left:
                    if is_left:
                        yield side, row, self._read(row)
                self.on_clip()

    def each_side(self) -> Iterator[tuple[str, Iterator[tuple[ClipRow, Clip]]]]:
        """Yield the sides that are not finished with their clips, for formats of one file a side.

        A side counts as finished when the next one is asked for; the file of one that was being
        written is begun anew.
        """
        for side, rows in self.sides.items():
            with self.part(side) as is_left:
                if is_left:
                    yield side, self.clips(rows)
                else:
                    for _ in rows:
                        self.on_clip()

    def _read(self, row: ClipRow) -> Clip:
        self.seals.check(row.clip_id, ("clip.json", "truth.npz"))
        return self.dataset.clip(row.clip_id)

    @contextmanager
    def part(self, name: str) -> Iterator[bool]:
        """Say whether a part of the export is still to be made, and note that it is at the end."""
        is_left = name not in self.journal
        yield is_left
        if is_left:
            self.journal.note(name)

    def frames(self, row: ClipRow) -> range:
        """Return the frames of a clip that are exported."""
        return range(0, row.n_frames, self.every)

    def labelled_frames(self, row: ClipRow, view: View) -> list[int]:
        """Return those of them of which somebody says what a view shows."""
        frames = self.frames(row)
        return [i for i in frames if view.labelled is None or view.labelled[i]]

    def rep_frames(self, row: ClipRow, clip: Clip, rep: int) -> list[int]:
        """Return those of them that lie in one repetition, or raise where there are none."""
        span = clip.reps[rep].frames(clip.fps, clip.n_frames)
        frames = [frame for frame in self.frames(row) if span.start <= frame < span.stop]
        if not frames:
            raise FormbenchError(
                f"clip {row.clip_id}: repetition {rep} has none of every {self.every} frames; "
                "export more of them"
            )
        return frames


def together(parts: Sequence[Path], out: Path) -> None:
    """Move the files of all parts into one folder; those of the same name are the same."""
    for part in parts:
        for path in sorted(path for path in part.rglob("*") if path.is_file()):
            target = out / path.relative_to(part)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)


@dataclass(frozen=True)
class Format:
    """One of other people's formats."""

    name: str
    title: str
    kept: tuple[str, ...]
    """What of a dataset survives."""
    lost: tuple[str, ...]
    """What does not, or not exactly."""
    read_by: str
    """The reader that the tests check it with."""
    write: Callable[[Request, Path], None]
    """Fills an empty folder."""
    has_images: bool = False
    """Whether pictures can be part of it."""
    needs_split: bool = False
    """Whether it cannot do without train and validation."""
    simulated_only: bool = False
    """Whether it needs what is known of simulated clips only: places in the world, all points."""
    whole_clips: bool = False
    """Whether clips are carried with all their views and frames or not at all."""
    parted: bool = False
    """Whether exports of some clips each can be joined to one of all."""
    join: Callable[[Sequence[Path], Path], None] = together
    """Makes of the folders of such exports, in the order of clips, the files of one."""


def clip_files(request: Request, out: Path, ending: str) -> Iterator[tuple[ClipRow, Clip, Path]]:
    """Yield every clip with the file `<side>/<clip_id><ending>` that it goes to."""
    for side, row, clip in request.each_clip():
        (out / side).mkdir(exist_ok=True)
        yield row, clip, out / side / f"{row.clip_id}{ending}"


def views(clip: Clip, row: ClipRow, convention: str) -> Iterator[View]:
    """Return the views of a clip in the order of its cameras.

    Raises:
        FormbenchError: The clip has no keypoints in the convention.
    """
    for camera in row.cameras:
        view = clip.view(camera)
        if convention not in view.keypoints_px:
            raise FormbenchError(
                f"clip {row.clip_id}: expected {convention} keypoints, "
                f"got {', '.join(view.keypoints_px)}"
            )
        yield view


def standing(camera: Camera, format_name: str) -> Camera:
    """Return a camera for a format that has one place for it, or raise where it is in a hand."""
    if camera.turns_rad is not None:
        raise FormbenchError(
            f"export: {format_name} has one place for a camera, and {camera.name} is held in a "
            "hand; colmap has one for each frame"
        )
    return camera


def write_pictures(request: Request, row: ClipRow, view: View, names: Mapping[int, Path]) -> None:
    """Take frames out of a view's video, unless that was finished before an interruption.

    Args:
        request: Where the clip is.
        row: The clip.
        view: One of its views.
        names: The file to write for each frame that is wanted.

    Raises:
        FormbenchError: The view has no video, or it has not one frame for each of the truth.
    """
    if view.video is None:
        raise FormbenchError(
            f"clip {row.clip_id}: no pictures: camera {view.camera.name} has no video; "
            "export without images, or generate without --keypoints-only"
        )
    video = request.dataset.clip_folder(row.clip_id) / view.video
    with request.part(f"pictures of {row.clip_id}/{view.camera.name}") as is_left:
        if is_left:
            request.seals.check(row.clip_id, (view.video,))
        n_frames = 0
        for index, rgb in enumerate(read_video(video).frames if is_left else ()):
            if index in names:
                names[index].parent.mkdir(parents=True, exist_ok=True)
                write_image(names[index], rgb)
            n_frames += 1
        if is_left and n_frames != row.n_frames:
            raise FormbenchError(
                f"clip {row.clip_id}: expected {row.n_frames} frames in {view.video}, "
                f"got {n_frames}"
            )


def shown_px(view: View, convention: str, frame: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a frame's image points (K, 2), zero outside the image, and visibility (K,)."""
    visibility = view.visibility[convention][frame]
    points_px = np.where(visibility[:, None] > 0, view.keypoints_px[convention][frame], 0.0)
    return points_px, visibility


def has_person(view: View, frame: int) -> bool:
    """Whether any of the person is inside the image."""
    left, top, right, bottom = view.box_px[frame]
    return bool(right > left and bottom > top)
