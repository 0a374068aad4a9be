"""The formats there are, and the one way to write any of them."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from export.dataset import Dataset
from export.datasheet import datasheet
from export.files import write_json
from export.formats.amass import AMASS
from export.formats.bvh import BVH
from export.formats.c3d import C3D
from export.formats.cameras import COLMAP, OPENCV
from export.formats.coco import COCO
from export.formats.cvat import CVAT
from export.formats.deeplabcut import DEEPLABCUT
from export.formats.format import Format, Request
from export.formats.gltf import GLTF
from export.formats.labelstudio import LABELSTUDIO
from export.formats.mediapipe import MEDIAPIPE, MEDIAPIPE_TABLE
from export.formats.mmaction import MMACTION
from export.formats.mot import MOT
from export.formats.openpose import OPENPOSE, OPENPOSE_18
from export.formats.parquet import PARQUET
from export.formats.sleap import SLEAP
from export.formats.trc import TRC
from export.formats.videopose3d import VIDEOPOSE3D
from export.formats.webdataset import WEBDATASET
from export.formats.yolo import YOLO
from export.journal import resumable_folder
from export.leaks import check_leaks
from export.licences import check_use
from export.parting import write_on
from export.rows import ClipRow
from export.seals import Seals
from export.splits import Split
from motions.errors import FormbenchError, unknown_name
from simulator.engines.engine import Engine

SCHEMA = "formbench.export/1"
FORMATS: dict[str, Format] = {
    format_.name: format_
    for format_ in (
        COCO,
        YOLO,
        VIDEOPOSE3D,
        MMACTION,
        OPENPOSE,
        OPENPOSE_18,
        MEDIAPIPE,
        MEDIAPIPE_TABLE,
        AMASS,
        BVH,
        GLTF,
        TRC,
        C3D,
        MOT,
        SLEAP,
        DEEPLABCUT,
        CVAT,
        LABELSTUDIO,
        WEBDATASET,
        PARQUET,
        COLMAP,
        OPENCV,
    )
}


def export_dataset(
    dataset: Dataset,
    format_name: str,
    out: Path,
    *,
    split: Split | None = None,
    every: int = 1,
    images: bool = False,
    use: str | None = None,
    lossy: bool = False,
    on_clip: Callable[[int, int], None] = lambda done, total: None,
    engine: Engine | None = None,
) -> None:
    """Write a dataset in another format, into a new folder; after an interruption, go on.

    Beside the format's own files lie export.json, which says from which dataset and split how;
    lost.md, which says what the format keeps and loses; and the dataset's datasheet.

    Args:
        dataset: What to export.
        format_name: A key of FORMATS.
        out: The folder to make; it is there when all of it is.
        split: Who trains and who validates; without one everything is one side, "all".
        every: Take every n-th frame.
        images: Take the pictures out of the videos too.
        use: Refuse a dataset whose licences do not allow this one of `export.licences.USES`.
        lossy: Leave out what the format cannot carry, and list it in lost.md.
        on_clip: Told how many clips of how many are done.
        engine: Where the work runs; this process when None.

    Raises:
        SetAside: An engine's worker failed on some clips; the same call tries them again.
        FormbenchError: The format is unknown or cannot carry what was asked for, the split leaks,
            a licence does not allow the use, a clip is not as it was sealed, or `out` is not empty.
    """
    if format_name not in FORMATS:
        raise unknown_name("format", format_name, FORMATS)
    format_ = FORMATS[format_name]
    if every < 1:
        raise FormbenchError(f"export: expected every 1st, 2nd, ... frame, got every {every}")
    if split is None and format_.needs_split:
        raise FormbenchError(f"export: {format_name} needs train and validation; give a split")
    if use is not None:
        check_use(dataset, use)
    sides: dict[str, Sequence[ClipRow]] = {"all": dataset.rows}
    if split:
        check_leaks(dataset, split)
        sides = {side: split.rows(dataset, side) for side in split.sides}
    wanted = Request(dataset, sides, Seals(dataset), every, images)
    possible, problems = _carried(format_, wanted)
    if problems and not lossy:
        raise FormbenchError(
            f"export: {format_name} {'; '.join(problems)}; --lossy exports the rest"
        )
    sides = dict(possible.sides)
    total = sum(len(rows) for rows in sides.values())
    done = 0

    def told(n_clips: int = 1) -> None:
        nonlocal done
        done += n_clips
        on_clip(done, total)

    about = {
        "schema": SCHEMA,
        "format": format_name,
        "dataset_sha256": dataset.content_sha256,
        "licences": dataset.licences,
        "split": {"seed": split.seed, "shares": split.shares} if split else None,
        "clips": {side: len(rows) for side, rows in sides.items()},
        "every": possible.every,
        "images": possible.images,
        "kept": format_.kept,
        "lost": format_.lost,
        "left_out": problems,
    }
    on_clip(0, total)
    with resumable_folder(out, _work(about, sides)) as (folder, journal):
        request = replace(possible, on_clip=told, journal=journal)
        if engine is None:
            format_.write(request, folder)
        else:
            write_on(engine, format_, request, folder, told)
        write_json(about, folder / "export.json")
        (folder / "lost.md").write_text(_lost(format_, problems), encoding="utf-8")
        (folder / "datasheet.md").write_text(datasheet(dataset, sides), encoding="utf-8")


def _carried(format_: Format, wanted: Request) -> tuple[Request, list[str]]:
    """Return the part of a request that a format can carry, and why the rest cannot be."""
    problems = []
    if wanted.images and not format_.has_images:
        problems.append("carries no pictures")
        wanted = replace(wanted, images=False)
    rows = [row for rows in wanted.sides.values() for row in rows]
    if format_.simulated_only and any(row.origin == "real" for row in rows):
        n_real = sum(row.origin == "real" for row in rows)
        problems.append(f"cannot carry real footage, {n_real} of {len(rows)} clips")
        wanted = _only(wanted, lambda row: row.origin == "synthetic")
    if format_.whole_clips and wanted.every != 1:
        problems.append("carries whole clips, not every n-th frame")
        wanted = replace(wanted, every=1)
    n_views = {row.clip_id: len(row.cameras) for row in wanted.dataset.rows}
    parted = [row.clip_id for row in rows if len(row.cameras) < n_views[row.clip_id]]
    if format_.whole_clips and parted:
        problems.append(f"carries whole clips, not some views of {len(parted)} of them")
        wanted = _only(wanted, lambda row: row.clip_id not in parted)
    if problems and not any(wanted.sides.values()):
        raise FormbenchError(f"export: {format_.name} {'; '.join(problems)}: nothing is left")
    return wanted, problems


def _work(about: dict[str, Any], sides: Mapping[str, Sequence[ClipRow]]) -> str:
    """Return one line that is the same for the same export by the same version of formbench."""
    placed = {side: [(row.clip_id, row.cameras) for row in rows] for side, rows in sides.items()}
    text = json.dumps([version("formbench"), about, placed], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _only(request: Request, keeps: Callable[[ClipRow], bool]) -> Request:
    sides = {side: tuple(filter(keeps, rows)) for side, rows in request.sides.items()}
    return replace(request, sides=sides)


def _lost(format_: Format, problems: list[str]) -> str:
    lines = [f"# {format_.title}", "", "Kept:", "", *(f"- {line}" for line in format_.kept)]
    lines += ["", "Lost, because the format has no place for it:", ""]
    lines += [f"- {line}" for line in format_.lost]
    if problems:
        lines += ["", "Left out of this export (--lossy):", ""]
        lines += [f"- {format_.name} {line}" for line in problems]
    return "\n".join(lines) + "\n"
