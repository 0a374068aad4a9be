"""A gallery of failures: faults that a scorer let pass and clean repetitions that it did not.

Beside each skeleton stands the video where the dataset has one, copied into OUT/videos.
"""

import shutil
from collections.abc import Sequence
from html import escape
from pathlib import Path

from export.dataset import Dataset
from scoring.evaluation.drawings import replay
from scoring.evaluation.report_table import name_of
from scoring.evaluation.results import Judged, Results
from scoring.evaluation.wording import fault_title, view_title
from scoring.poses import PoseSequence, cut, from_clip

N_EACH = 2
"""Of each kind, for each scorer."""
FOLDER = "videos"
SEVERE = 0.75
"""Faults of at least this severity count as missed."""


def gallery(results: Results, judged: Sequence[Judged], dataset: Dataset, out: Path) -> str:
    """Show the worst mistakes of each scorer as moving skeletons, as the true points are.

    Args:
        results: Whose scorers.
        judged: What they said.
        dataset: Of what.
        out: The page's folder.
    """
    convention_name = results.settings["convention_name"]
    figures = []
    for scorer in results.names:
        own = [j for j in judged if (j.scorer, j.poses) == (scorer, results.poses[0])]
        for what, j in worst_of(own):
            score = j.answer.verdict.score if j.answer.verdict else None
            told = f"{what}, {view_title(j.view).lower()}, {j.truth.clip_id}"
            sequence = _sequence(dataset, j, convention_name)
            figures.append(
                f"<figure>{replay(sequence, told)}{_video(dataset, j, out)}"
                f"<figcaption>{name_of(results, scorer)}"
                f"<small>{escape(told)}, scored {score:.0f}</small></figcaption></figure>"
            )
    return (
        '<section id="failures"><h2>Where they fail</h2><p>For each scorer the severe faults that '
        "it scored best and the clean repetitions that it scored worst, one of each person at "
        f'most.</p><div class="replays">{"".join(figures)}</div></section>'
    )


def worst_of(own: Sequence[Judged]) -> list[tuple[str, Judged]]:
    """Return the worst misses and false alarms among judgements of one scorer, with what each is.

    Where every repetition has the same score none is worse than another, and there are none.
    """
    scored = [(j, j.answer.verdict.score) for j in own if j.answer.verdict]
    told = [(j, score) for j, score in scored if score is not None]
    if len({score for _, score in told}) < 2:
        return []
    misses = [
        (j, score)
        for j, score in told
        if any(j.truth.severities[fault_id] >= SEVERE for fault_id in j.truth.present)
    ]
    alarms = [(j, -score) for j, score in told if j.truth.clean]
    found = []
    for some, what in ((misses, None), (alarms, "Clean")):
        people: set[str] = set()
        for j, _ in sorted(some, key=lambda pair: (-pair[1], pair[0].key)):
            if j.truth.subject_id not in people and len(people) < N_EACH:
                people.add(j.truth.subject_id)
                faults = ", ".join(fault_title(name) for name in j.truth.present)
                found.append((what or faults, j))
    return found


def _video(dataset: Dataset, j: Judged, out: Path) -> str:
    """Copy a clip's video beside the page, and show the repetition; empty where there is none."""
    clip = dataset.clip(j.truth.clip_id)
    video = clip.view(j.view).video
    if video is None:
        return ""
    source = dataset.clip_folder(clip.clip_id) / video
    name = f"{clip.clip_id}.{j.view}{source.suffix}"
    (out / FOLDER).mkdir(exist_ok=True)
    if not (out / FOLDER / name).exists():
        shutil.copyfile(source, out / FOLDER / name)
    span = clip.reps[j.truth.rep]
    at = f"{FOLDER}/{name}#t={span.start_s:.2f},{span.end_s:.2f}"
    return f'<video src="{escape(at)}" controls muted playsinline preload="metadata"></video>'


def _sequence(dataset: Dataset, j: Judged, convention_name: str) -> PoseSequence:
    clip = dataset.clip(j.truth.clip_id)
    return cut(from_clip(clip, j.view, convention_name), clip.reps[j.truth.rep])
