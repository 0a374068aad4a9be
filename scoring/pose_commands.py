"""The command that finds people: in videos, in clips, and in many of both at once."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motions.errors import FormbenchError
from motions.storage import place
from motions.terminal import Json, progress, show
from simulator.commands import Address, EngineName, Processes

if TYPE_CHECKING:
    from scoring.estimating import Wishes
    from scoring.poses import PoseSequence

app = typer.Typer()
_FILE = ".npz"


@app.command()
def poses(
    source: Annotated[
        list[Path],
        typer.Argument(
            metavar="INPUT",
            parser=place,
            help="A video, OpenPose's folder, a clip or a dataset; or several of them.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The .npz to write, or a folder for many.")
    ],
    by: Annotated[
        str, typer.Option(help="In a clip: mediapipe, truth, simulated:FILE or files:DIR.")
    ] = "mediapipe",
    camera: Annotated[
        list[str] | None, typer.Option(help="Of a clip; repeat for more. Else all.")
    ] = None,
    triangulate: Annotated[
        bool, typer.Option("--triangulate", help="Put what a clip's cameras see into space.")
    ] = False,
    convention: Annotated[str, typer.Option(help="Of a clip's keypoints.")] = "coco17",
    fps: Annotated[float | None, typer.Option(help="Of OpenPose's files.")] = None,
    world: Annotated[
        bool, typer.Option("--world", help="MediaPipe's metres in place of its pixels.")
    ] = False,
    lift: Annotated[
        Path | None,
        typer.Option(metavar="MODEL", help="Of `train lifter`: put a video's points into space."),
    ] = None,
    stature_m: Annotated[
        float | None, typer.Option("--stature", help="With --lift: how tall, in metres.")
    ] = None,
    engine: EngineName = None,
    workers: Processes = None,
    address: Address = None,
    as_json: Json = False,
) -> None:
    """Find the person in videos and clips, or read what OpenPose found.

    With -o FOLDER each INPUT has files of its own there; after a stop the same command goes on.
    What shows nobody is set aside, with the reason in FOLDER/failed; the exit code is then 2.
    """
    from scoring.estimating import Wishes, about, estimate_poses
    from scoring.estimators.arrays import write_poses
    from simulator.engines.choice import engine_if_asked
    from simulator.engines.engine import SetAside

    wishes = Wishes(
        by=by,
        convention_name=convention,
        cameras=tuple(camera or ()),
        together=triangulate,
        world=world,
        lift=str(lift or ""),
        stature_m=stature_m,
    )
    where = engine_if_asked(engine, workers, address)
    if output.suffix == _FILE:
        found = _one(source, wishes, fps)
        write_poses(found, output)
        return show([_row(about(found, output))], as_json)
    with progress("videos and clips") as on_one:
        made, set_aside = estimate_poses(source, output, wishes, where, on_one, on_one.set_aside)
    show([_row(one) for one in made], as_json)
    if set_aside:
        raise SetAside(f"{set_aside} videos and clips", output / "failed")


def _one(sources: list[Path], wishes: "Wishes", fps: float | None) -> "PoseSequence":
    """Return the poses of one source that has one sequence of them."""
    from scoring.estimating import check_wishes, clip_poses, is_clip, video_poses
    from scoring.estimators.openpose import read_openpose

    source = sources[0]
    if len(sources) > 1:
        raise FormbenchError("poses: expected -o FOLDER for several inputs, got one file")
    check_wishes(source, wishes)
    if is_clip(source):
        seen = clip_poses(source, wishes)
        if len(seen) > 1:
            raise FormbenchError(
                f"poses: {source} has cameras {', '.join(seen)}: name one with --camera, take "
                "--triangulate, or give -o FOLDER"
            )
        return next(iter(seen.values()))
    if source.is_dir():
        if wishes.world or wishes.lift:
            raise FormbenchError("poses: --world and --lift are for videos")
        if fps is None:
            raise FormbenchError(f"{source}: OpenPose's files do not say their fps: give --fps")
        return read_openpose(source, fps)
    with progress("frames") as on_frame:
        return video_poses(source, wishes, on_frame)


def _row(made: Any) -> dict[str, Any]:
    row = asdict(made)
    return row | {"frames with the person": row.pop("shown")}
