"""The formats there are, and the one way to write any of them."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

from export.dataset import Dataset
from export.datasheet import datasheet
from export.files import new_folder, write_json
from export.formats.coco import COCO
from export.formats.format import Format, Request
from export.formats.mediapipe import MEDIAPIPE
from export.formats.mmaction import MMACTION
from export.formats.openpose import OPENPOSE, OPENPOSE_18
from export.formats.parquet import PARQUET
from export.formats.trc import TRC
from export.formats.videopose3d import VIDEOPOSE3D
from export.formats.webdataset import WEBDATASET
from export.formats.yolo import YOLO
from export.leaks import check_leaks
from export.licences import check_use
from export.rows import ClipRow
from export.splits import Split
from motions.errors import FormbenchError, unknown_name

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
        TRC,
        WEBDATASET,
        PARQUET,
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
    on_clip: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Write a dataset in another format, into a new folder.

    Beside the format's own files lie export.json, which says from which dataset, split how, and
    what the format keeps and loses, and the dataset's datasheet.

    Args:
        dataset: What to export.
        format_name: A key of FORMATS.
        out: The folder to make; it is there when all of it is.
        split: Who trains and who validates; without one everything is one side, "all".
        every: Take every n-th frame.
        images: Take the pictures out of the videos too.
        use: Refuse a dataset whose licences do not allow this one of `export.licences.USES`.
        on_clip: Told how many clips of how many are done.

    Raises:
        FormbenchError: The format is unknown or cannot carry what was asked for, the split leaks,
            a licence does not allow the use, or `out` is not empty.
    """
    if format_name not in FORMATS:
        raise unknown_name("format", format_name, FORMATS)
    format_ = FORMATS[format_name]
    if every < 1:
        raise FormbenchError(f"export: expected every 1st, 2nd, ... frame, got every {every}")
    if images and not format_.has_images:
        raise FormbenchError(f"export: {format_name} carries no pictures; export without images")
    if split is None and format_.needs_split:
        raise FormbenchError(f"export: {format_name} needs train and validation; give a split")
    if use is not None:
        check_use(dataset, use)
    sides: dict[str, tuple[ClipRow, ...]] = {"all": dataset.rows}
    if split:
        check_leaks(dataset, split)
        sides = {side: split.rows(dataset, side) for side in split.sides}
    total = sum(len(rows) for rows in sides.values())
    done = count(1)
    on_clip(0, total)
    with new_folder(out) as folder:
        request = Request(dataset, sides, every, images, lambda: on_clip(next(done), total))
        format_.write(request, folder)
        about = {
            "schema": SCHEMA,
            "format": format_name,
            "dataset_sha256": dataset.content_sha256,
            "licences": dataset.licences,
            "split": {"seed": split.seed, "shares": split.shares} if split else None,
            "clips": {side: len(rows) for side, rows in sides.items()},
            "every": every,
            "images": images,
            "kept": format_.kept,
            "lost": format_.lost,
        }
        write_json(about, folder / "export.json")
        (folder / "datasheet.md").write_text(datasheet(dataset, sides), encoding="utf-8")
