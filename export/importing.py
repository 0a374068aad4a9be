"""What others labelled becomes a dataset, so that scorers can be held against it.

Every stretch of keypoints is a clip of real footage of one camera, one repetition long, without
places in the world. Faults go through a label map, a YAML file of their names and ours:

    Bending Knees: squat.knee_valgus
    correct: clean

A fault that is said to be there without a size is half-way between mild and severe. Those of the
map that are not said to be there are said to be absent.
"""

import shutil
import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import numpy as np
import yaml

from export.dataset import Dataset, read_dataset, seal_dataset, verify_dataset
from export.files import new_folder
from export.readers.coco import read_coco
from export.readers.found import Found, Hints
from export.readers.mediapipe import read_mediapipe
from export.readers.mmaction import read_mmaction
from export.readers.openpose import read_openpose
from export.readers.videopose3d import read_videopose3d
from motions.errors import FormbenchError, unknown_name
from motions.motion import Span
from simulator.cameras.camera import Camera
from simulator.clip import Clip, View, write_clip
from simulator.faults.library import FAULTS
from simulator.faults.spec import FaultSpan

READERS: dict[str, Callable[[Path, Hints], Iterator[Found]]] = {
    "coco": read_coco,
    "openpose": read_openpose,
    "mediapipe": read_mediapipe,
    "videopose3d": read_videopose3d,
    "mmaction": read_mmaction,
}
OWN = ("webdataset", "formbench")
"""Formats that hold our own clips, which are taken as they are."""
CLEAN = "clean"
UNSAID_SEVERITY = 0.5


def import_dataset(
    path: Path,
    format_name: str,
    out: Path,
    *,
    licence: str,
    hints: Hints | None = None,
    labels: Mapping[str, str] | None = None,
) -> Dataset:
    """Read what others labelled into a new dataset.

    Args:
        path: A file or folder of the format.
        format_name: A key of READERS or one of OWN.
        out: The folder to make.
        licence: SPDX expression of the data; clips of our own keep theirs.
        hints: What the format does not say.
        labels: By the file's name of a fault: a fault id, or CLEAN.

    Raises:
        FormbenchError: The format is unknown, the file is damaged or does not say enough, a fault
            has no place in the map, or two clips have one name.
    """
    if format_name not in (*READERS, *OWN):
        raise unknown_name("format to import", format_name, (*READERS, *OWN))
    if not path.exists():
        raise FormbenchError(f"{path}: no such file or folder")
    with new_folder(out) as folder:
        clips = folder / "clips"
        clips.mkdir()
        if format_name in READERS:
            for found in READERS[format_name](path, hints or Hints()):
                clip = _clip(found, licence, labels or {}, path)
                if (clips / clip.clip_id).exists():
                    raise FormbenchError(f"{path}: two clips are called {clip.clip_id!r}")
                (clips / clip.clip_id).mkdir()
                write_clip(clip, clips / clip.clip_id)
        elif format_name == "webdataset":
            _unpack(path, clips)
        else:
            _copy(path, clips)
        seal_dataset(folder)
    return read_dataset(out)


def read_label_map(path: Path) -> dict[str, str]:
    """Read and check a label map."""
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FormbenchError(f"{path}: no such file") from error
    except yaml.YAMLError as error:
        raise FormbenchError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(given, dict):
        raise FormbenchError(f"{path}: expected their names and ours, got {type(given).__name__}")
    names = {str(theirs): str(ours) for theirs, ours in given.items()}
    for ours in names.values():
        if ours not in (CLEAN, *FAULTS):
            raise unknown_name(f"{path}: fault", ours, (CLEAN, *FAULTS))
    return names


def _clip(found: Found, licence: str, labels: Mapping[str, str], path: Path) -> Clip:
    n_frames = len(found.points_px)
    width, height = (size // 2 * 2 for size in found.size_px)
    whole = Span(0.0, n_frames / found.fps)
    confidence = {} if found.confidence is None else {found.convention: found.confidence}
    box_px = _boxes(found) if found.box_px is None else found.box_px
    clip_id = found.name.replace(".", "-").replace(" ", "_")
    return Clip(
        clip_id=clip_id,
        exercise=found.exercise,
        subject_id=found.subject_id,
        group_id=clip_id,
        fps=found.fps,
        joints_world_m=np.zeros((n_frames, 0, 3)),
        world_wxyz=np.zeros((n_frames, 0, 4)),
        rest_offsets_m=np.zeros((0, 3)),
        keypoints_world_m={},
        contacts=np.zeros((n_frames, 0), dtype=bool),
        phase=np.full(n_frames, np.nan),
        reps=(whole,),
        faults=() if found.faults is None else _faults(found, whole, labels, path),
        views=(
            View(
                camera=Camera(found.camera, width, height, float(max(width, height)), np.eye(4)),
                keypoints_px={found.convention: found.points_px},
                visibility={found.convention: found.visibility},
                box_px=box_px,
                labelled=found.labelled,
                confidence=confidence,
            ),
        ),
        body={},
        metrics={},
        licences={"footage": licence},
        plan={},
        sources={"keypoints": found.source, "boxes": found.source, "faults": "human"},
        footage={"session": clip_id, "file": path.name},
    )


def _faults(
    found: Found, whole: Span, labels: Mapping[str, str], path: Path
) -> tuple[FaultSpan, ...]:
    there: dict[str, float] = {}
    for name, severity in (found.faults or {}).items():
        ours = labels.get(name, name)
        if ours not in (CLEAN, *FAULTS):
            raise FormbenchError(
                f"{path}: {found.name}: no fault is called {name!r}; give a label map, --labels"
            )
        if ours != CLEAN:
            there[ours] = UNSAID_SEVERITY if severity is None else float(severity)
    asked = {ours for ours in labels.values() if ours != CLEAN} | there.keys()
    return tuple(_fault(fault_id, there.get(fault_id), whole) for fault_id in sorted(asked))


def _fault(fault_id: str, severity: float | None, whole: Span) -> FaultSpan:
    spec = FAULTS[fault_id]
    size = spec.neutral if severity is None else spec.size_at_severity(severity)
    return FaultSpan(
        fault_id=fault_id,
        rep=0,
        span=whole,
        side="both",
        unit=spec.unit,
        requested=None,
        measured=size,
        severity=spec.severity(size),
        present=severity is not None,
        source="human",
    )


def _boxes(found: Found) -> np.ndarray:
    """Return the boxes of the points inside the image, zero where there is none. (T, 4)."""
    boxes = np.zeros((len(found.points_px), 4))
    inside = found.visibility > 0
    for frame in np.flatnonzero(inside.any(axis=1)):
        there = found.points_px[frame][inside[frame]]
        boxes[frame] = *there.min(axis=0), *there.max(axis=0)
    return boxes


def _unpack(path: Path, clips: Path) -> None:
    """Take the clips out of our shards: a folder of .tar files, or one."""
    shards = sorted(path.glob("*.tar")) if path.is_dir() else [path]
    if not shards:
        raise FormbenchError(f"{path}: expected shards, *.tar")
    names = {"json": "clip.json", "npz": "truth.npz"}
    for shard in shards:
        try:
            with tarfile.open(shard) as tar:
                for member in tar:
                    clip_id, _, rest = PurePosixPath(member.name).name.partition(".")
                    source = tar.extractfile(member)
                    if source is None or not clip_id or member.name != f"{clip_id}.{rest}":
                        raise FormbenchError(f"{shard}: expected files only, got {member.name!r}")
                    (clips / clip_id).mkdir(exist_ok=True)
                    target = clips / clip_id / names.get(rest, rest)
                    if target.exists():
                        raise FormbenchError(f"{shard}: two clips are called {clip_id!r}")
                    with source, target.open("wb") as file:
                        shutil.copyfileobj(source, file)
        except tarfile.TarError as error:
            raise FormbenchError(f"{shard}: damaged shard: {error}") from error


def _copy(path: Path, clips: Path) -> None:
    found = verify_dataset(path)
    if not found.ok:
        raise FormbenchError(f"{path}: not as it was sealed; run workbench verify {path}")
    for clip_id in read_dataset(path).clip_ids:
        shutil.copytree(path / "clips" / clip_id, clips / clip_id)
