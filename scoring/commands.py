"""The commands about poses, repetitions and scores."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from motions.errors import FormbenchError
from motions.terminal import (
    Json,
    Output,
    progress,
    show,
)

app = typer.Typer()

_BOUNDARIES = "Of `train boundaries`; without, the way that moves most tells."


@app.command()
def repetitions(
    poses: Annotated[Path, typer.Argument(metavar="POSES", help="What `poses` wrote, or an .npy.")],
    fps: Annotated[float | None, typer.Option(help="Where the file does not say.")] = None,
    convention: Annotated[str | None, typer.Option(help="Of keypoints: coco17, ...")] = None,
    model: Annotated[Path | None, typer.Option(metavar="MODEL", help=_BOUNDARIES)] = None,
    as_json: Json = False,
) -> None:
    """Say where the repetitions of one exercise begin and end."""
    from scoring.estimators.arrays import read_poses
    from scoring.pipeline import finder

    found = finder(model)(read_poses(poses, fps=fps, convention_name=convention))
    rows = [{"repetition": n, **asdict(span)} for n, span in enumerate(found, 1)]
    show(rows, as_json, f"{poses}: no repetition")


@app.command()
def score(
    source: Annotated[
        Path, typer.Argument(metavar="INPUT", help="A video, or poses; with --live also a camera.")
    ],
    reference: Annotated[
        list[Path] | None,
        typer.Option(
            help="A good execution seen from the same side; the first repetition if none."
        ),
    ] = None,
    scorer: Annotated[str, typer.Option(help="As for evaluate.")] = "dtw",
    exercise: Annotated[
        str, typer.Option(help="What is done; else found, where points in space are known.")
    ] = "",
    boundaries: Annotated[Path | None, typer.Option(metavar="MODEL", help=_BOUNDARIES)] = None,
    own: Annotated[
        int,
        typer.Option(
            min=0,
            help="So many repetitions at the beginning are good: a model's line becomes the "
            "person's own.",
        ),
    ] = 0,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="An annotated video to write, .mp4.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="A page to write, with curves and a skeleton."),
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Follow the person while frames come, and count.")
    ] = False,
    target: Annotated[
        str | None,
        typer.Option(help="With --live: the pose to take, a picture of it or an exercise."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Find the repetitions of a recording and score each against good ones."""
    from scoring.annotate import write_annotated
    from scoring.contract import load_scorer
    from scoring.page_commands import score_live
    from scoring.pipeline import finder, judge
    from scoring.score_report import against, write_score_report
    from scoring.sources import check_references, named

    if live:
        return score_live(source, target, boundaries, as_json)
    if target is not None:
        raise FormbenchError("score: --target is for --live")
    recording, *good = [_recording(path) for path in (source, *(reference or ()))]
    find = finder(boundaries)
    recording, found = named(recording, exercise, find)
    check_references(found, good, find)
    judged = judge(recording.poses, load_scorer(scorer), [one.poses for one in good], find, own)
    if output is not None:
        with progress("frames") as on_frame:
            write_annotated(source, recording.poses, judged, output, on_frame)
    if report is not None:
        with progress("frames") as on_frame:
            write_score_report(
                judged, recording, report, source.stem, against(reference or ()), on_frame
            )
    rows = [
        {"repetition": rep.number, **asdict(rep.span), "score": rep.verdict.score}
        | {"good": rep.verdict.good, "farthest off": rep.worst_joint or rep.verdict.abstained}
        | {"advice": str(rep.verdict.advice or "")}
        for rep in judged
    ]
    show(rows, as_json)


def _recording(path: Path, fps: float | None = None, convention: str | None = None) -> Any:
    """Return the poses in a file: those that it holds, or those that MediaPipe sees in a video."""
    from scoring.sources import ARRAYS, read_recording

    if path.suffix in ARRAYS:
        return read_recording(path, fps=fps, convention_name=convention)
    with progress(f"frames of {path.name}") as on_frame:
        return read_recording(path, on_frame)


@app.command("rounded-back")
def rounded_back(
    source: Annotated[
        Path, typer.Argument(metavar="INPUT", help="A clip with pixels, a video, or poses.")
    ],
    camera: Annotated[str, typer.Option(help="Of a clip: one that looks from the side.")] = "side",
    masks: Annotated[
        Path | None, typer.Option(help="With poses: a video whose bright pixels are the person.")
    ] = None,
    boundaries: Annotated[Path | None, typer.Option(metavar="MODEL", help=_BOUNDARIES)] = None,
    as_json: Json = False,
) -> None:
    """Say how much the outline of the back curves at the far end of each repetition."""
    from scoring.backs import masked_backs, video_backs
    from scoring.estimators.arrays import read_poses
    from scoring.methods.silhouette import clip_backs
    from scoring.pipeline import finder
    from scoring.sources import ARRAYS
    from simulator.clip import read_clip

    if (masks is not None) != (source.suffix in ARRAYS):
        raise FormbenchError("rounded-back: expected poses and --masks, a video, or a clip")
    if source.is_dir():
        found = clip_backs(read_clip(source), camera)
    elif masks is not None:
        found = masked_backs(read_poses(source), masks, finder(boundaries))
    else:
        with progress("frames") as on_frame:
            found = video_backs(source, finder(boundaries), on_frame)
    rows = [{"repetition": n, **asdict(back)} for n, back in enumerate(found, 1)]
    show(rows, as_json, f"{source}: no repetition")


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="A video, or poses.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another execution.")],
    output: Output,
    rep: Annotated[
        int | None, typer.Option(help="Compare this repetition of each, from 1.")
    ] = None,
    fps: Annotated[float | None, typer.Option(help="Where the files do not say.")] = None,
    convention: Annotated[str | None, typer.Option(help="Of keypoints: coco17, ...")] = None,
    as_json: Json = False,
) -> None:
    """Compare two executions joint by joint, with curves, by dynamic time warping."""
    from scoring.comparison import write_comparison
    from scoring.methods.repetitions import cut_repetition

    read = [_recording(path, fps, convention).poses for path in (first, second)]
    if rep is not None:
        read = [cut_repetition(sequence, rep) for sequence in read]
    found = write_comparison(read[0], read[1], output, (first.stem, second.stem))
    show([asdict(joint) for joint in found.joints], as_json)
    if not as_json:
        print(f"median {found.median_px:.1f} px; together {found.torso:.3f} torso lengths; "
              f"see {output / 'comparison.html'}")  # fmt: skip
