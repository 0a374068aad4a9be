"""One video scored in a process of its own, so that a video that breaks the decoder breaks no page.

Started by `scoring.page.jobs` as `python -m scoring.page.job FOLDER EXERCISE SCORER BOUNDARIES`;
what is in FOLDER is read, and nothing outside it written:

    FOLDER/video, FOLDER/trainer    what was dropped on the page; the second may be absent
    FOLDER/report                   see `scoring.score_report`
    FOLDER/comparison               see `scoring.comparison`; with a trainer

Each line on stdout is a JSON object: `step`, `done` and `total` while it works, then either `error`
or what was found.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from motions.errors import FormbenchError
from scoring.comparison import write_comparison
from scoring.contract import load_scorer
from scoring.pipeline import finder, judge
from scoring.poses import cut
from scoring.score_report import write_score_report
from scoring.sources import Recording, check_references, named, read_recording
from simulator.rendering.video import count_frames

MOST_FRAMES = 18_000
"""Ten minutes at 30 frames a second."""
Say = Callable[[dict[str, object]], None]


def run(folder: Path, exercise: str, scorer: str, boundaries: str, say: Say) -> None:
    """Score the video in a folder.

    Args:
        folder: As the first lines of this file say.
        exercise: What is done; empty to find it.
        scorer: By the name that `scoring.contract` knows.
        boundaries: The folder of a model that finds repetitions; empty for none.
        say: Is told each line.

    Raises:
        FormbenchError: The video cannot be read or judged.
    """

    def step(name: str) -> Callable[[int, int], None]:
        return lambda done, total: say({"step": name, "done": done, "total": total})

    find = finder(Path(boundaries) if boundaries else None)
    recording = _read(folder / "video", step("Looking at the video"))
    trainer = None
    if (folder / "trainer").exists():
        trainer = _read(folder / "trainer", step("Looking at the trainer's video"))
    recording, guesses = named(recording, exercise, find)
    good = [] if trainer is None else [trainer]
    check_references(guesses, good, find)
    judged = judge(recording.poses, load_scorer(scorer), [one.poses for one in good], find)
    against = "the first of them" if trainer is None else "the trainer's"
    drawn = step("Drawing what was seen")
    write_score_report(judged, recording, folder / "report", "Your video", against, drawn)
    if trainer is not None:
        worst = min(judged, key=lambda rep: rep.verdict.score or 0.0)
        pair = cut(trainer.poses, find(trainer.poses)[0]), cut(recording.poses, worst.span)
        names = "trainer, repetition 1", f"you, repetition {worst.number}"
        write_comparison(*pair, folder / "comparison", names)
    say(
        {
            "exercise": recording.poses.exercise,
            "guesses": [guess._asdict() for guess in guesses[:3]],
            "repetitions": [
                {"number": r.number, **asdict(r.span), "score": r.verdict.score} for r in judged
            ],
            "compared": trainer is not None,
        }
    )


def _read(path: Path, on_frame: Callable[[int, int], None]) -> Recording:
    n_frames = count_frames(path)
    if n_frames > MOST_FRAMES:
        raise FormbenchError(
            f"expected at most {MOST_FRAMES} frames, got {n_frames}: cut the video"
        )
    return read_recording(path, on_frame)


def main(folder: str, exercise: str, scorer: str, boundaries: str) -> None:
    """Run in a folder and answer on stdout."""

    def say(told: dict[str, object]) -> None:
        print(json.dumps(told), flush=True)  # noqa: T201

    try:
        run(Path(folder), exercise, scorer, boundaries, say)
    except FormbenchError as error:
        # The folder is nobody's business; what lies in it has the name that the page gave it.
        say({"error": str(error).replace(f"{folder}/", "")})


if __name__ == "__main__":
    main(*sys.argv[1:])
