"""What people use before a camera: a recording followed live, and the page."""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer

from motions.errors import FormbenchError
from motions.terminal import show

app = typer.Typer()


def score_live(source: Path, target: str | None, boundaries: Path | None, as_json: bool) -> None:
    """Print repetitions and the display's words as they come, and how fast it was."""
    from scoring.live import follow, named_target
    from scoring.pipeline import finder

    count, word, n_frames = 0, "", -1  # the last moment is of no frame
    pose = named_target(target) if target else None
    find = finder(boundaries) if boundaries else None
    began_s = perf_counter()
    for moment in follow(_timed(source), pose, find):
        n_frames += 1
        new, count = moment.count > count, moment.count
        if new and not as_json:
            print(f"{moment.at_s:7.2f} s  repetition {count}", flush=True)
        if moment.match is not None and moment.word != word and not as_json:
            word = moment.word
            say = "; ".join(moment.match.suggestions[:2])
            print(f"{moment.at_s:7.2f} s  {word} {moment.match.similarity:.0f}  {say}", flush=True)
    took_s = perf_counter() - began_s
    row = {"frames": n_frames, "repetitions": count, "seconds": took_s}
    show([row | {"frames per second": n_frames / took_s}], as_json)


def _timed(source: Path) -> Iterator[tuple[float, Any]]:
    """Yield frames with their times: a file's own, or a camera's by the clock."""
    from simulator.rendering.video import read_video

    video, began_s = read_video(source), perf_counter()
    camera = source.is_char_device()
    for frame, rgb in enumerate(video.frames):
        yield perf_counter() - began_s if camera else frame / video.fps, rgb


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="On this machine, 127.0.0.1, alone.")] = 8377,
    scorer: Annotated[str, typer.Option(help="As for evaluate.")] = "dtw",
    boundaries: Annotated[
        Path | None, typer.Option(metavar="MODEL", help="Of `train boundaries`.")
    ] = None,
) -> None:
    """Open a page to score videos and to follow a pose before the camera.

    Everything that the page is given is deleted when it is closed, and when the server ends.
    """
    try:
        from scoring.page import server
    except ImportError as error:
        raise FormbenchError(
            f"serve: {error.name} is missing: pip install 'formbench[serve]'"
        ) from error
    from scoring.contract import load_scorer
    from scoring.pipeline import finder

    # What cannot be loaded is told now, and not with the first video.
    load_scorer(scorer)
    finder(boundaries)

    def say(address: str) -> None:
        print(f"open {address} in a browser; Ctrl-C ends", flush=True)

    server.serve(port, scorer, boundaries, say)
