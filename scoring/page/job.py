"""One video scored in a process of its own, so that a video that breaks the decoder breaks no page.

Started by `scoring.page.jobs` as `python -m scoring.page.job FOLDER EXERCISE`; what is in FOLDER is
read, and nothing outside it written:

    FOLDER/video, FOLDER/trainer    what was dropped on the page; the second may be absent
    FOLDER/report                   see `scoring.score_report`
    FOLDER/comparison               see `scoring.comparison`; with a trainer

Each line on stdout is a JSON object: `step`, `done` and `total` while it works, then either `error`
or what was found.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from motions.errors import FormbenchError
from motions.motion import Span
from scoring.comparison import write_comparison
from scoring.contract import load_scorer
from scoring.methods.repetitions import cut_repetition
from scoring.pipeline import JudgedRepetition, judge
from scoring.poses import cut
from scoring.recognition import Guess, guesses
from scoring.score_report import write_score_report
from scoring.sources import Recording, read_recording
from simulator.rendering.video import count_frames

MOST_FRAMES = 18_000
"""Ten minutes at 30 frames a second."""
SCORER = "dtw"


def run(folder: Path, exercise: str, say: Callable[[dict[str, object]], None]) -> None:
    """Score the video in a folder.

    Args:
        folder: As the first lines of this file say.
        exercise: What is done; empty to find it.
        say: Is told each line.

    Raises:
        FormbenchError: The video cannot be read or judged.
    """

    def step(name: str) -> Callable[[int, int], None]:
        return lambda done, total: say({"step": name, "done": done, "total": total})

    recording = _read(folder / "video", step("Looking at the video"))
    trainer = None
    if (folder / "trainer").exists():
        trainer = _read(folder / "trainer", step("Looking at the trainer's video"))
    judged = judge(
        recording.poses, load_scorer(SCORER), [trainer.poses] if trainer is not None else []
    )
    found = () if exercise else _guess(recording, judged)
    name = exercise or found[0].exercise
    poses = replace(recording.poses, exercise=name)
    write_score_report(
        judged, replace(recording, poses=poses), folder / "report", "Your video",
        "the trainer's" if trainer is not None else "the first of them",
        step("Drawing what was seen"),
    )  # fmt: skip
    if trainer is not None:
        worst = min(judged, key=lambda rep: rep.verdict.score or 0.0)
        pair = cut_repetition(trainer.poses, 1), cut(recording.poses, worst.span)
        names = "trainer, repetition 1", f"you, repetition {worst.number}"
        write_comparison(*pair, folder / "comparison", names)
    say(
        {
            "exercise": name,
            "guesses": [guess._asdict() for guess in found[:3]],
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


def _guess(recording: Recording, judged: tuple[JudgedRepetition, ...]) -> tuple[Guess, ...]:
    """Find the exercise by what is done from the first repetition to the last."""
    if recording.space is None:
        raise FormbenchError("expected points in space to find the exercise by, got none")
    whole = Span(judged[0].span.start_s, judged[-1].span.end_s)
    return guesses(cut(recording.space, whole))


def main(folder: str, exercise: str) -> None:
    """Run in a folder and answer on stdout."""

    def say(told: dict[str, object]) -> None:
        print(json.dumps(told), flush=True)  # noqa: T201

    try:
        run(Path(folder), exercise, say)
    except FormbenchError as error:
        # The folder is nobody's business; what lies in it has the name that the page gave it.
        say({"error": str(error).replace(f"{folder}/", "")})


if __name__ == "__main__":
    main(*sys.argv[1:])
