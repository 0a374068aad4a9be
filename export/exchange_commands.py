"""The commands that part datasets, and bring them in and out."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from motions.errors import FormbenchError
from motions.terminal import (
    Dataset,
    Json,
    Output,
    OutputFile,
    Row,
    Seed,
    Share,
    picked,
    progress,
    show,
)
from simulator.commands import Address, EngineName, Processes

app = typer.Typer()

dataset_app = typer.Typer(help="Datasets of several sources.", no_args_is_help=True)


@app.command()
def split(
    folder: Dataset, output: OutputFile, share: Share = 0.3, seed: Seed = 0, as_json: Json = False
) -> None:
    """Part a dataset into train and validation; people stay whole."""
    from export.dataset import read_dataset
    from export.leaks import check_leaks
    from export.splits import SIDES, split_by_subject, write_split

    dataset = read_dataset(folder)
    parted = split_by_subject(dataset, share, seed)
    check_leaks(dataset, parted)
    write_split(parted, output)
    rows = [row for side in SIDES for row in parted.rows(dataset, side)]
    clips = Counter(parted.subjects[row.subject_id] for row in rows)
    people = Counter(parted.subjects.values())
    show([{"side": s, "subjects": people[s], "clips": clips[s]} for s in SIDES], as_json)


@dataset_app.command("import")
def dataset_import(
    source: Annotated[Path, typer.Argument(metavar="PATH", help="A file or folder of labels.")],
    output: Output,
    format_name: Annotated[
        str,
        typer.Option(
            "--format",
            help="coco, openpose, mediapipe, videopose3d, mmaction, webdataset, formbench.",
        ),
    ],
    licence: Annotated[str, typer.Option(prompt=True, help="Its SPDX identifier.")],
    labels: Annotated[
        Path | None, typer.Option(help="YAML, their name of a fault: a fault id or clean.")
    ] = None,
    exercise: Annotated[str | None, typer.Option(help="What is done in it.")] = None,
    fps: Annotated[float | None, typer.Option(help="Where a file does not say.")] = None,
    size: Annotated[str | None, typer.Option(help="Of the images: 640x480.")] = None,
    as_json: Json = False,
) -> None:
    """Turn what others labelled into a dataset, to hold scorers against."""
    from export.importing import import_dataset, read_label_map
    from export.readers.found import Hints

    hints = Hints(fps=fps, size_px=_size_px(size), exercise=exercise)
    names = read_label_map(labels) if labels else None
    dataset = import_dataset(
        source, format_name, output, licence=licence, hints=hints, labels=names
    )
    show([{"folder": str(output), "clips": len(dataset.rows)}], as_json)


@app.command()
def export(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="A dataset's folder.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A new folder.")] = None,
    format_name: Annotated[str, typer.Option("--format", help="One that --list names.")] = "coco",
    split_file: Annotated[
        Path | None, typer.Option("--split", help="What split wrote; DIR/splits.json if there.")
    ] = None,
    every: Annotated[int, typer.Option(help="Take every n-th frame.")] = 1,
    images: Annotated[bool, typer.Option("--images", help="Write the pictures too.")] = False,
    use: Annotated[
        str | None, typer.Option(help="Refuse clips that may not be put to this use: commercial.")
    ] = None,
    lossy: Annotated[
        bool, typer.Option("--lossy", help="Leave out what the format cannot carry, and list it.")
    ] = False,
    list_formats: Annotated[bool, typer.Option("--list", help="List the formats.")] = False,
    engine: EngineName = None,
    workers: Processes = None,
    address: Address = None,
    as_json: Json = False,
) -> None:
    """Write a dataset in another format, or list the formats.

    After a stop the same command goes on with what was not finished.
    """
    from export.dataset import read_dataset
    from export.formats.table import FORMATS, export_dataset
    from export.splits import read_split
    from simulator.engines.choice import engine_if_asked

    if list_formats:
        rows = [picked(format_, "name", "title", "read_by") for format_ in FORMATS.values()]
        return show(rows, as_json)
    if folder is None or output is None:
        raise FormbenchError("export: expected DIR and -o OUT, or --list")
    if split_file is None and (folder / "splits.json").is_file():
        split_file = folder / "splits.json"
    parted = read_split(split_file) if split_file else None
    wishes: Row = {"split": parted, "every": every, "images": images, "use": use, "lossy": lossy}
    wishes |= {"engine": engine_if_asked(engine, workers, address)}
    with progress("clips") as on_clip:
        export_dataset(read_dataset(folder), format_name, output, on_clip=on_clip, **wishes)
    show([{"format": format_name, "folder": str(output)}], as_json)


def _size_px(size: str | None) -> tuple[int, int] | None:
    if size is None:
        return None
    width, _, height = size.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise FormbenchError(f"--size: expected width x height such as 640x480, got {size!r}")
    return int(width), int(height)


def side_row(side: str, rows: Sequence[Any]) -> Row:
    """Count the clips and people of one side of a split."""
    people = {row.subject_id for row in rows}
    real = sum(row.origin == "real" for row in rows)
    return {"side": side, "subjects": len(people), "clips": len(rows), "real": real}
