"""Runs scorers over a dataset: fitted on some people, judged on others.

    OUT/
        results.json         every figure with its interval and counts, see `Results`
        predictions.jsonl    what each scorer said of each repetition from each camera
        report.html          the same figures to look at

For each scorer, fault and view, faulty repetitions are those in which the fault was measured at
least mild, clean ones those in which every fault was measured correct. Repetitions between count as
neither, and those with other faults only are left out. Scorers are fitted on the clean repetitions
of the training subjects. The same dataset, scorers and seed give the same bytes.
"""

import json
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from export.dataset import Dataset
from export.files import new_folder, write_json
from motions.errors import FormbenchError
from scoring.contract import Scorer, Verdict, fit, load_scorer
from scoring.evaluation.figures import rows_of
from scoring.evaluation.material import Seen, material
from scoring.evaluation.repetitions import Truth
from scoring.evaluation.report import write_report
from scoring.evaluation.results import Count, Judged, Results, ScorerSummary
from scoring.evaluation.statistics import LEVEL, N_RESAMPLES

PACKAGES = ("formbench", "numba", "numpy")
"""The packages whose version decides the figures."""


def evaluate(
    dataset: Dataset,
    scorer_names: Sequence[str],
    out: Path,
    *,
    seed: int = 0,
    validation_share: float = 0.3,
    convention_name: str = "coco17",
    n_resamples: int = N_RESAMPLES,
    on_clip: Callable[[int, int], None] = lambda done, total: None,
) -> Results:
    """Evaluate scorers on the true image points of a dataset's cameras.

    Args:
        dataset: What to evaluate on.
        scorer_names: Names of SCORERS or "module:attribute".
        out: A new or empty folder.
        seed: Decides the split, the order of clips and the bootstrap.
        validation_share: The share of clips to judge; people are kept whole.
        convention_name: Which keypoints scorers get.
        n_resamples: Draws of the bootstrap.
        on_clip: Told how many clips of how many are done.

    Raises:
        FormbenchError: No or repeated scorers, no clean repetition to learn from, an unusable split
            or output folder.
    """
    scorers = _load(scorer_names)
    given = material(
        dataset,
        seed=seed,
        validation_share=validation_share,
        convention_name=convention_name,
        on_clip=on_clip,
    )
    with new_folder(out) as folder:
        good, learnt = given.good()
        fitted = [fit(scorer, good) for scorer in scorers]
        judged = [_judge(scorer, seen) for seen in given.to_judge() for scorer in fitted]
        judged.sort(key=lambda j: j.key)
        results = Results(
            dataset_sha256=dataset.content_sha256,
            settings={
                "seed": seed,
                "validation_share": validation_share,
                "convention": convention_name,
                "poses": "truth",
                "boundaries": "truth",
                "n_resamples": n_resamples,
                "level": LEVEL,
            },
            packages={name: version(name) for name in PACKAGES},
            train_subjects=given.train_subjects,
            validation_subjects=given.validation_subjects,
            counts=_counts(learnt, [j.truth for j in judged]),
            scorers=tuple(_summary(scorer, judged) for scorer in scorers),
            rows=rows_of(judged, seed, n_resamples),
        )
        write_json(results.to_json(), folder / "results.json")
        lines = (json.dumps(j.to_json(), sort_keys=True, allow_nan=False) for j in judged)
        text = "".join(f"{line}\n" for line in lines)
        (folder / "predictions.jsonl").write_text(text, encoding="utf-8")
        write_report(results, judged, folder / "report.html")
    return results


def _load(scorer_names: Sequence[str]) -> list[Scorer]:
    scorers = [load_scorer(name) for name in scorer_names]
    names = [scorer.name for scorer in scorers]
    if not names or len(set(names)) < len(names):
        raise FormbenchError(
            f"evaluate: expected scorers of different names, got {', '.join(names) or 'none'}"
        )
    return scorers


def _judge(scorer: Scorer, seen: Seen) -> Judged:
    truth, view, sequence = seen
    try:
        verdict = scorer.score(sequence)
    except Exception as error:  # a stranger's code: its failures are counted, and the run goes on
        return Judged(scorer.name, view, truth, None, f"{type(error).__name__}: {error}")
    if not isinstance(verdict, Verdict):
        failure = f"expected a Verdict, got a {type(verdict).__name__}"
        return Judged(scorer.name, view, truth, None, failure)
    return Judged(scorer.name, view, truth, verdict)


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


def _summary(scorer: Scorer, judged: Sequence[Judged]) -> ScorerSummary:
    own = [j for j in judged if j.scorer == scorer.name]
    return ScorerSummary(
        name=scorer.name,
        version=scorer.version,
        n_judged=len(own),
        n_abstained=sum(j.verdict is not None and j.verdict.score is None for j in own),
        n_failed=sum(j.verdict is None for j in own),
        n_noise=int(getattr(scorer, "n_noise", 0)),
    )
