"""The commands about reference motions."""

from pathlib import Path
from typing import Annotated, Any

import typer

from motions.terminal import (
    Json,
    Output,
    Row,
    picked,
    progress,
    show,
)

motions_app = typer.Typer(help="Reference motions.", no_args_is_help=True)


@motions_app.command("list")
def motions_list(as_json: Json = False) -> None:
    """List the exercises, and the recordings of real people that come with PyBullet."""
    from motions.formats.deepmimic import pybullet_clips
    from motions.library import EXERCISES

    fields = ("name", "title", "phases", "contacts", "props")
    rows = [picked(exercise, *fields) for exercise in EXERCISES.values()]
    for name, path in pybullet_clips().items():
        rows.append(dict.fromkeys(fields, ()) | {"name": name, "title": path.name})
    show(rows, as_json)


@motions_app.command("import")
def motions_import(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recordings.")],
    exercise: Annotated[str, typer.Option(help="What is done in them.")],
    output: Output,
    licence: Annotated[str, typer.Option(prompt=True, help="Their SPDX identifier.")],
    origin: Annotated[
        str, typer.Option(prompt=True, help="Who made them, or where they are from.")
    ],
    up: Annotated[str | None, typer.Option(help="The axis that points up: x, y or z.")] = None,
    fps: Annotated[float | None, typer.Option(help="Where a file does not say.")] = None,
    convention: Annotated[
        str | None, typer.Option(help="Of keypoints: coco17, h36m17, ...")
    ] = None,
    names: Annotated[Path | None, typer.Option(help="YAML, canonical joint: name in file.")] = None,
    skeleton: Annotated[Path | None, typer.Option(help="The .asf of .amc files.")] = None,
    as_json: Json = False,
) -> None:
    """Turn recordings of an exercise into reference motions with repetitions.

    BVH, ASF/AMC, AMASS, DeepMimic, C3D, TRC, OpenSim .mot, and 3D keypoints in .npz, .npy or JSON.
    """
    from motions.formats.names import read_name_map
    from motions.formats.reading import About, Hints
    from motions.importing import import_all

    given = read_name_map(names) if names else None
    hints = Hints(up=up, fps=fps, names=given, convention=convention, skeleton=skeleton)
    with progress("files") as on_file:
        read = import_all(files, About(exercise, origin, licence), hints, output, on_file)
    rows = [_reading_row(path, reading) for path, reading in read.items()]
    show(rows, as_json)


def _reading_row(path: Path, reading: Any) -> Row:
    motion, doubts = reading.motion, list(reading.doubts)
    doubts += [f"{name} filled in {share:.1%} of frames" for name, share in reading.filled.items()]
    about = {"motion": str(path), "format": reading.format, "frames": motion.n_frames}
    found = {"fps": motion.fps, "repetitions": len(motion.reps), "up": str(reading.up)}
    return about | found | {"floor_m": reading.floor_height, "doubts": doubts}
