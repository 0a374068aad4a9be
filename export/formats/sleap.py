"""SLEAP's label files, through sleap-io.

    <side>-000000.slp, <side>-000001.slp, ...

The 17 COCO points of the labelled frames, with bones and mirror pairs. A point outside the image is
missing, as SLEAP has it. Videos are named as they lie in the dataset, clips/<clip_id>/<camera>.mp4:
open the file from the dataset's folder, or tell SLEAP where they are. sleap-io holds a file in
memory, so one is closed once it passes FRAMES_A_FILE; a clip is never parted. SLEAP trains on
several.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from export.formats.format import Format, Request, has_person, views
from export.rows import ClipRow
from motions.conventions import COCO_17
from motions.errors import FormbenchError
from simulator.clip import Clip, View

FRAMES_A_FILE = 20_000


def write_sleap(request: Request, out: Path) -> None:
    """Write numbered files for every side."""
    sio = _sleap_io()
    names = COCO_17.keypoint_names
    pairs = {tuple(sorted((i, j))) for i, j in enumerate(COCO_17.mirror) if i != j}
    skeleton = sio.Skeleton(
        nodes=list(names),
        edges=list(COCO_17.bones),
        symmetries=[(names[i], names[j]) for i, j in sorted(pairs)],
        name="person",
    )
    for symmetry in skeleton.symmetries:
        # A set is written in another order in every run; sleap-io writes a list as it stands.
        object.__setattr__(symmetry, "nodes", sorted(symmetry.nodes, key=skeleton.index))
    for side, rows in request.sides.items():
        for number, some in enumerate(_files(request, rows)):
            name = f"{side}-{number:06d}.slp"
            with request.part(name) as is_left:
                if is_left:
                    _write_file(sio, request, skeleton, some, out / name)
                else:
                    for _ in some:
                        request.on_clip()


def _files(request: Request, rows: Iterable[ClipRow]) -> Iterator[list[ClipRow]]:
    some: list[ClipRow] = []
    n_frames = 0
    for row in rows:
        some.append(row)
        n_frames += len(request.frames(row)) * len(row.cameras)
        if n_frames >= FRAMES_A_FILE:
            yield some
            some, n_frames = [], 0
    if some:
        yield some


def _write_file(
    sio: ModuleType, request: Request, skeleton: Any, rows: Iterable[ClipRow], path: Path
) -> None:
    frames = [
        frame
        for row, clip in request.clips(rows)
        for view in views(clip, row, COCO_17.name)
        for frame in _frames(sio, request, skeleton, row, clip, view)
    ]
    videos = list(dict.fromkeys(frame.video for frame in frames))
    labels = sio.Labels(videos=videos, skeletons=[skeleton], labeled_frames=frames)
    labels.provenance.clear()  # it would name this machine's paths
    labels.save(str(path), embed=False, verbose=False)


def _sleap_io() -> ModuleType:
    try:
        import sleap_io
    except ModuleNotFoundError as error:
        raise FormbenchError("export: sleap needs: pip install 'formbench[sleap]'") from error
    return sleap_io


def _frames(
    sio: ModuleType, request: Request, skeleton: Any, row: ClipRow, clip: Clip, view: View
) -> Iterator[Any]:
    camera = view.camera
    shape = [clip.n_frames, camera.height_px, camera.width_px, 3]
    video = sio.Video(
        filename=f"clips/{row.clip_id}/{view.video or f'{camera.name}.mp4'}",
        backend=None,
        open_backend=False,
        backend_metadata={"type": "MediaVideo", "shape": shape, "fps": clip.fps},
    )
    seen = view.visibility[COCO_17.name] > 0
    points = np.where(seen[..., None], view.keypoints_px[COCO_17.name], np.nan)
    for frame in request.labelled_frames(row, view):
        there = has_person(view, frame) and seen[frame].any()
        person = sio.Instance.from_numpy(points[frame], skeleton=skeleton) if there else None
        yield sio.LabeledFrame(video=video, frame_idx=frame, instances=[person] if person else [])


SLEAP = Format(
    name="sleap",
    title="SLEAP labels (.slp)",
    kept=("17 points an image in double precision", "bones, mirror pairs, videos and frames"),
    lost=(
        "whether a point inside the image is hidden",
        "boxes, masks, 3D, cameras, repetitions, faults, subjects and exercises",
    ),
    read_by="sleap-io, whose writer it is, and h5py",
    write=write_sleap,
)
