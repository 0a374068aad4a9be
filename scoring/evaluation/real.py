"""Synthetic against real: scorers that learn from one and judge the other.

Real repetitions are pose files with a table of labels, a CSV with the columns

    file         an .npz as `workbench poses` writes it, relative to the table; one repetition
    subject_id   whose it is
    good         1 for a correct repetition, 0 for a faulty one
    exercise     as the dataset calls it
    view         the camera of the dataset that stands where this one stood

and the figures are AUROCs of faulty against good repetitions, with their interval over people:

* synthetic to real: fitted on the clean repetitions of a dataset, judging every real one;
* real to real: fitted on the good ones of all people but one, judging that one's, in turn;
* real to synthetic: fitted on the good real ones, judging the dataset's;
* real people: fitted on the good ones of a few people and judging the next one, for every few in
  the order of the table taken as a ring. The largest number of people whose AUROC is no higher than
  that of synthetic to real is how many the dataset is worth, 0 where one real person teaches more.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from export.dataset import Dataset
from export.files import new_folder, write_json
from motions.errors import FormbenchError
from scoring.contract import Scorer, fit, load_scorer
from scoring.estimators.arrays import read_poses
from scoring.evaluation.material import filmed
from scoring.evaluation.pose_sources import TRUTH, pose_source
from scoring.evaluation.standings import auroc_with_gaps, draws_with_gaps
from scoring.evaluation.statistics import N_RESAMPLES, draw_subjects, percentile_interval
from scoring.poses import PoseSequence

SCHEMA = "formbench.real/1"
COLUMNS = ("file", "subject_id", "good", "exercise", "view")


@dataclass(frozen=True)
class Labelled:
    """One repetition that someone judged."""

    sequence: PoseSequence
    subject_id: str
    good: bool


Fold = tuple[Sequence[Labelled], Sequence[Labelled]]
"""What is learnt from, and what is judged then."""


@dataclass(frozen=True)
class Transfer:
    """How well a scorer that learnt from one kind of people judges another."""

    scorer: str
    learnt_from: str
    judges: str
    auroc: float
    low: float | None
    high: float | None
    n_learnt: int
    n_faulty: int
    n_good: int
    n_people: int


def read_labelled(table: Path) -> tuple[Labelled, ...]:
    """Read real repetitions and their labels.

    Raises:
        FormbenchError: The table lacks a column or has a label that is neither 0 nor 1, or a file
            cannot be read.
    """
    with table.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    missing = [name for name in COLUMNS if rows and name not in rows[0]]
    if not rows or missing:
        raise FormbenchError(
            f"{table}: expected rows with the columns {', '.join(COLUMNS)}, "
            f"got {'no ' + missing[0] if missing else 'no row'}"
        )
    found = []
    for number, row in enumerate(rows, 2):
        if row["good"] not in ("0", "1"):
            raise FormbenchError(f"{table}, line {number}: expected good 0 or 1, got {row['good']}")
        sequence = read_poses(table.parent / row["file"])
        sequence = replace(sequence, exercise=row["exercise"], view=row["view"])
        found.append(Labelled(sequence, row["subject_id"], row["good"] == "1"))
    return tuple(found)


def synthetic_of(
    dataset: Dataset,
    real: Sequence[Labelled],
    on_clip: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Labelled, ...]:
    """Return the clean and faulty repetitions of a dataset that are of the same kind as real ones.

    Raises:
        FormbenchError: There are none.
    """
    kinds = {(r.sequence.exercise, r.sequence.view, r.sequence.convention_name) for r in real}
    found = []
    for done, row in enumerate(dataset.rows, 1):
        conventions = sorted({name for exercise, _, name in kinds if exercise == row.exercise})
        for name in conventions:
            clip, folder = dataset.clip(row.clip_id), dataset.clip_folder(row.clip_id)
            for one in filmed(clip, folder, pose_source(TRUTH), name):
                if (row.exercise, one.view, name) in kinds:
                    found += [
                        Labelled(seen.sequence, row.subject_id, seen.truth.clean)
                        for seen in one.repetitions()
                        if seen.truth.clean or seen.truth.present
                    ]
        on_clip(done, len(dataset.rows))
    if not found:
        wanted = ", ".join("/".join(kind) for kind in sorted(kinds))
        raise FormbenchError(f"{dataset.folder}: expected repetitions of {wanted}, got none")
    return tuple(found)


def evaluate_real(
    real: Sequence[Labelled],
    synthetic: Sequence[Labelled],
    scorer_names: Sequence[str],
    out: Path,
    seed: int = 0,
) -> tuple[Transfer, ...]:
    """Judge real by synthetic, real by real and synthetic by real, and write what came out.

    Raises:
        FormbenchError: Fewer than two real people, or of some kind no good repetition.
    """
    people = list(dict.fromkeys(r.subject_id for r in real))
    if len(people) < 2:
        raise FormbenchError(f"evaluate-real: expected two real people or more, got {len(people)}")
    rows: list[Transfer] = []
    with new_folder(out) as folder:
        for name in scorer_names:
            scorer = load_scorer(name)
            ways: list[tuple[str, str, Sequence[Fold]]] = [
                ("synthetic", "real", [(synthetic, real)]),
                ("other real people", "real", _folds(real, people, len(people) - 1)),
                ("real", "synthetic", [(real, synthetic)]),
                *(
                    (f"{n} real", "real", _folds(real, people, n))
                    for n in range(1, len(people) - 1)
                ),
            ]
            rows += [_transfer(scorer, *way, seed) for way in ways]
        worth = {name: worth_of([r for r in rows if r.scorer == name]) for name in _names(rows)}
        plain = {"schema": SCHEMA, "rows": [asdict(row) for row in rows], "worth_people": worth}
        write_json(plain, folder / "real.json")
        (folder / "real.md").write_text(to_markdown(rows), encoding="utf-8")
    return tuple(rows)


def worth_of(rows: Sequence[Transfer]) -> int:
    """Return the number of real people as good to learn from as the synthetic ones, at most.

    What leaves a scorer guessing is worth nobody.
    """
    synthetic = next(row.auroc for row in rows if row.learnt_from == "synthetic")
    if synthetic <= 0.5:
        return 0
    few = [row.auroc for row in rows if row.learnt_from.endswith(" real")]
    everyone = next(row.auroc for row in rows if row.learnt_from == "other real people")
    reached = [n for n, auroc in enumerate([*few, everyone], 1) if synthetic >= auroc]
    return max(reached, default=0)


def to_markdown(rows: Sequence[Transfer]) -> str:
    """Return a card: what each scorer reaches, by what it learnt from."""
    lines = [["scorer", "learnt from", "judges", "AUROC", "good learnt", "faulty / good judged"],
             ["---"] * 6]  # fmt: skip
    for row in rows:
        interval = "" if row.low is None else f" [{row.low:.2f}, {row.high:.2f}]"
        counts = f"{row.n_faulty} / {row.n_good} of {row.n_people} people"
        lines.append([row.scorer, row.learnt_from, row.judges, f"{row.auroc:.2f}{interval}",
                      str(row.n_learnt), counts])  # fmt: skip
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
    worth = {name: worth_of([r for r in rows if r.scorer == name]) for name in _names(rows)}
    told = "".join(
        f"- {name}: the synthetic people are worth {n} real\n" for name, n in worth.items()
    )
    return f"# Synthetic to real\n\n{table}\n{told}"


def _names(rows: Sequence[Transfer]) -> list[str]:
    return list(dict.fromkeys(row.scorer for row in rows))


def _folds(real: Sequence[Labelled], people: Sequence[str], n_people: int) -> Sequence[Fold]:
    """Return for each person the repetitions of the `n_people` before it, and its own."""
    folds = []
    for at, person in enumerate(people):
        others = {people[at - step] for step in range(1, n_people + 1)}
        folds.append(
            (
                [r for r in real if r.subject_id in others],
                [r for r in real if r.subject_id == person],
            )
        )
    return folds


def _transfer(
    scorer: Scorer,
    learnt_from: str,
    judges: str,
    folds: Sequence[Fold],
    seed: int,
) -> Transfer:
    evidence: list[float] = []
    judged: list[Labelled] = []
    n_learnt = 0
    for teachers, pupils in folds:
        good = [replace(t.sequence, person=t.subject_id) for t in teachers if t.good]
        if not good:
            raise FormbenchError(
                f"evaluate-real: {learnt_from}: expected good repetitions, got none"
            )
        fitted = fit(scorer, good)
        n_learnt = max(n_learnt, len(good))
        for one in pupils:
            score = fitted.score(one.sequence).score
            evidence.append(np.nan if score is None else 100 - score)
            judged.append(one)
    faulty = np.array([not one.good for one in judged])
    names, subjects = np.unique([one.subject_id for one in judged], return_inverse=True)
    weights = draw_subjects(len(names), N_RESAMPLES, np.random.default_rng(seed))
    told = np.array(evidence)
    low = high = None
    if len(names) > 1:
        low, high = percentile_interval(draws_with_gaps(faulty, told, subjects, weights))
    n_faulty = int(faulty.sum())
    value = auroc_with_gaps(faulty, told)
    n_good = len(faulty) - n_faulty
    return Transfer(
        scorer.name, learnt_from, judges, value, low, high, n_learnt, n_faulty, n_good, len(names)
    )
