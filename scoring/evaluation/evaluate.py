"""Runs scorers over a dataset: fitted on some people, judged on others.

    OUT/
        results.json         every figure with its interval and counts, see `Results`
        predictions.jsonl    what each scorer said of each repetition from each camera
        report.html          the same figures to look at
        videos/              of failures, where the dataset has videos
        report.md            the main ones, for a pull request
        cost.json            time and memory, the only file that is not the same in every run

For each scorer, fault and view, faulty repetitions are those in which the fault was measured at
least mild, clean ones those in which every fault was measured correct. Repetitions between count as
neither, and those with other faults only are left out. Scorers are fitted on the clean repetitions
of the training subjects, anew for each source of poses. The same dataset, scorers and seed give the
same bytes.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

from export.dataset import Dataset
from export.files import new_folder, write_json
from motions.errors import FormbenchError
from scoring.contract import Scorer, load_scorer
from scoring.evaluation import cost
from scoring.evaluation.asking import AskedScorer
from scoring.evaluation.bodies import gaps_of, parted_bodies, rows_of_bodies
from scoring.evaluation.figures import rows_of
from scoring.evaluation.flipping import flip_rows
from scoring.evaluation.markdown import to_markdown
from scoring.evaluation.material import Looking, Material, Seen, material
from scoring.evaluation.people import Person, anybody_saw, judged_by
from scoring.evaluation.pose_sources import TRUTH
from scoring.evaluation.recordings import Found, held_against_truth, rows_of_recordings
from scoring.evaluation.repetitions import Truth
from scoring.evaluation.report import write_report
from scoring.evaluation.results import Count, FlipRow, Judged, Results
from scoring.evaluation.showing import Showing
from scoring.evaluation.standings import attribution_of, macros_of, standings_of
from scoring.evaluation.statistics import LEVEL, N_RESAMPLES
from scoring.evaluation.summary import summary_of
from scoring.evaluation.trained import TRAINED, trained
from scoring.poses import PoseSequence

PACKAGES = ("formbench", "numba", "numpy")
"""The packages whose version decides the figures."""


@dataclass(frozen=True)
class Wishes:
    """How an evaluation is done."""

    seed: int = 0
    """Decides the split, the order of clips and the bootstrap."""
    validation_share: float = 0.3
    """The share of clips to judge; people are kept whole."""
    convention_name: str = "coco17"
    """Which keypoints scorers get."""
    poses: tuple[str, ...] = (TRUTH,)
    """Where they come from: keys of POSE_SOURCES, each with everything done again."""
    flips: tuple[str, ...] = ()
    """Which of `flips.ATTRIBUTES` are changed, as far as `poses` show them."""
    suite: str = ""
    """What the dataset is called, where it is a suite."""
    n_resamples: int = N_RESAMPLES
    """Draws of the bootstrap."""


@dataclass
class _Heard:
    """What came back on all sources of poses."""

    judged: list[Judged] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    showing: Showing = field(default_factory=Showing)
    complaints: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    flips: tuple[FlipRow, ...] = ()
    unflipped: dict[str, str] = field(default_factory=dict)
    """Why attributes could not be flipped on some poses."""
    sample: list[PoseSequence] = field(default_factory=list)
    costs: tuple[cost.Cost, ...] = ()
    skipped: dict[str, str] = field(default_factory=dict)


def evaluate(
    dataset: Dataset,
    scorer_names: Sequence[str],
    out: Path,
    wishes: Wishes = Wishes(),
    on_clip: Callable[[int, int], None] = lambda done, total: None,
    looking: Looking | None = None,
    people: Sequence[Person] = (),
) -> Results:
    """Evaluate scorers on a dataset's cameras.

    Args:
        dataset: What to evaluate on.
        scorer_names: Names of SCORERS or TRAINED, or as `scoring.contract` has them. Those of
            TRAINED for which there is too little to learn from are skipped.
        out: A new or empty folder.
        wishes: How.
        on_clip: Told how many clips of how many are done.
        looking: Where it is looked at what cameras see; gets what was set aside.
        people: Annotators who are judged beside scorers; then only the videos that they judged
            count.

    Raises:
        FormbenchError: No or repeated scorers, no clean repetition to learn from, an unusable split
            or output folder.
    """
    heard = _Heard()
    with new_folder(out) as folder:
        given = _given(dataset, wishes, wishes.poses[0], 0, on_clip, looking)
        scorers = _load(scorer_names, given, wishes.seed, heard)
        for number, poses in enumerate(wishes.poses):
            given = _given(dataset, wishes, poses, number, on_clip, looking)
            good, truths = given.good()
            asked = [AskedScorer(scorer, good) for scorer in scorers]
            _judge(given, asked, people, poses, heard, number == 0)
            here = [j for j in heard.judged if j.poses == poses]
            flips, why_not = flip_rows(given, asked, here, wishes.flips, poses, wishes.seed)
            heard.flips += flips
            heard.unflipped = why_not | heard.unflipped
            if number == 0:
                learnt = truths
                heard.costs = tuple(cost.cost_of(one, heard.sample) for one in asked)
        heard.judged.sort(key=lambda j: j.key)
        results = _results(dataset, wishes, given, scorers, people, heard, learnt)
        _write(results, heard, dataset, folder)
    return results


def _given(
    dataset: Dataset,
    wishes: Wishes,
    poses: str,
    number: int,
    on_clip: Callable[[int, int], None],
    looking: Looking | None,
) -> Material:
    n_sources = len(wishes.poses)
    return material(
        dataset,
        seed=wishes.seed,
        validation_share=wishes.validation_share,
        convention_name=wishes.convention_name,
        poses=poses,
        on_clip=lambda done, total: on_clip(number * total + done, n_sources * total),
        looking=looking,
    )


def _judge(
    given: Material,
    asked: Sequence[AskedScorer],
    people: Sequence[Person],
    poses: str,
    heard: _Heard,
    first: bool,
) -> None:
    for filmed in given.to_judge():
        if people and not anybody_saw(people, filmed):
            continue
        if first:
            said, marked = judged_by(people, filmed, poses)
            heard.judged += said
            heard.found += marked
        finds = set()
        for seen in filmed.repetitions():
            if first:
                heard.showing.remember(seen)
                heard.sample += [seen.sequence][: cost.N_TIMED - len(heard.sample)]
            for one in asked:
                judged = judge(one, seen, poses)
                heard.judged.append(judged)
                verdict = judged.answer.verdict
                if verdict is not None and verdict.repetitions is not None:
                    finds.add(one.name)
        for one in asked:
            if one.name in finds:
                verdict = one.ask(filmed.whole).verdict
                spans = None if verdict is None else verdict.repetitions
                heard.found.append(held_against_truth(one.name, poses, filmed, spans))
    for one in asked:
        heard.complaints[one.name, poses] = one.complaints
    if not heard.judged:
        raise FormbenchError(
            "evaluate: expected annotators who judged videos of "
            f"{', '.join(given.validation_subjects)}, got none; choose another seed"
        )


def judge(asked: AskedScorer, seen: Seen, poses: str) -> Judged:
    """Let a scorer judge one repetition from one camera."""
    return Judged(asked.name, poses, seen.view, seen.truth, asked.ask(seen.sequence))


def _load(scorer_names: Sequence[str], given: Material, seed: int, heard: _Heard) -> list[Scorer]:
    scorers: list[Scorer] = []
    for name in scorer_names:
        if name not in TRAINED:
            scorers.append(load_scorer(name))
            continue
        try:
            scorers.append(trained(name, given, seed))
        except FormbenchError as error:
            heard.skipped[name] = str(error)
    names = [scorer.name for scorer in scorers]
    if not names or len(set(names)) < len(names):
        raise FormbenchError(
            f"evaluate: expected scorers of different names, got {', '.join(names) or 'none'}"
        )
    return scorers


def _results(
    dataset: Dataset,
    wishes: Wishes,
    given: Material,
    scorers: Sequence[Scorer],
    people: Sequence[Person],
    heard: _Heard,
    learnt: Sequence[Truth],
) -> Results:
    judged, seed, n_resamples = heard.judged, wishes.seed, wishes.n_resamples
    macros = macros_of(judged, seed, n_resamples)
    tables = [standings_of(macros, poses) for poses in wishes.poses]
    recordings = rows_of_recordings(heard.found, seed, n_resamples)
    parted, unparted = parted_bodies(given)
    flipped = {row.attribute for row in heard.flips}
    unflipped = {n: why for n, why in heard.unflipped.items() if n not in flipped}
    skipped = heard.skipped | {
        **{f"flip of {name}": why for name, why in unflipped.items()},
        **{f"groups by {name}": why for name, why in unparted.items()},
        "repetitions of recordings": "" if recordings else "no scorer looks for repetitions itself",
        "attribution by stage": "" if len(wishes.poses) > 1 else "one source of poses only",
    }
    return Results(
        dataset_sha256=dataset.content_sha256,
        settings={**asdict(wishes), "boundaries": "truth", "level": LEVEL},
        packages={name: version(name) for name in PACKAGES},
        train_subjects=given.train_subjects,
        validation_subjects=given.validation_subjects,
        counts=_counts(learnt, [j.truth for j in judged]),
        scorers=tuple(
            summary_of(one, poses, judged, heard.complaints.get((one.name, poses), {}))
            for poses in wishes.poses
            for one in (*scorers, *(people if poses == wishes.poses[0] else ()))
        ),
        standings=tuple(standing for table, _ in tables for standing in table),
        comparisons=tuple(one for _, compared in tables for one in compared),
        attribution=attribution_of(macros, wishes.poses),
        shown=heard.showing.shown(),
        recordings=recordings,
        flips=heard.flips,
        gaps=gaps_of(judged, parted, seed, n_resamples),
        bodies=rows_of_bodies(judged, parted, seed),
        rows=rows_of(judged, seed, n_resamples),
        skipped={what: why for what, why in skipped.items() if why},
    )


def _write(results: Results, heard: _Heard, dataset: Dataset, folder: Path) -> None:
    write_json(results.to_json(), folder / "results.json")
    costs = {c.scorer: asdict(c) for c in heard.costs}
    write_json({"schema": cost.SCHEMA, "scorers": costs}, folder / "cost.json")
    lines = (json.dumps(j.to_json(), sort_keys=True, allow_nan=False) for j in heard.judged)
    text = "".join(f"{line}\n" for line in lines)
    (folder / "predictions.jsonl").write_text(text, encoding="utf-8")
    (folder / "report.md").write_text(to_markdown(results), encoding="utf-8")
    write_report(results, heard.judged, dataset, folder / "report.html")


def _counts(learnt: Sequence[Truth], judged: Sequence[Truth]) -> tuple[Count, ...]:
    """Count repetitions of each exercise, each once whatever the number of cameras."""
    sides = [{(t.clip_id, t.rep): t for t in truths}.values() for truths in (learnt, judged)]
    return tuple(
        Count(
            exercise=exercise,
            train_clean=sum(t.clean for t in sides[0] if t.exercise == exercise),
            clean=sum(t.clean for t in sides[1] if t.exercise == exercise),
            faulty=sum(bool(t.present) for t in sides[1] if t.exercise == exercise),
            grey=sum(not t.clean and not t.present for t in sides[1] if t.exercise == exercise),
        )
        for exercise in sorted({t.exercise for truths in sides for t in truths})
    )
