"""Scorers on flipped performances: how far a verdict moves when only one attribute does."""

from collections.abc import Sequence

import numpy as np

from scoring.evaluation.asking import AskedScorer
from scoring.evaluation.flips import Flips, is_flipped
from scoring.evaluation.material import Material
from scoring.evaluation.metrics.detection import FALSE_ALARM_RATE
from scoring.evaluation.results import FlipRow, Judged
from scoring.evaluation.standings import compare_pairs, macros_of
from scoring.evaluation.statistics import N_RESAMPLES

Place = tuple[str, str, int, str]
"""A scorer, a clip, a repetition and a view."""


def flip_rows(
    given: Material,
    asked: Sequence[AskedScorer],
    judged: Sequence[Judged],
    attributes: Sequence[str],
    poses: str,
    seed: int,
) -> tuple[tuple[FlipRow, ...], dict[str, str]]:
    """Judge flipped performances of those who are judged, and compare.

    Args:
        given: Who is judged.
        asked: By whom, fitted.
        judged: What they said before, of all repetitions on these poses.
        attributes: What to change, keys of `flips.ATTRIBUTES`.
        poses: Where keypoints come from.
        seed: Of the bootstrap.

    Returns:
        A row for every attribute and scorer, and why attributes could not be flipped.
    """
    flips = Flips(given.dataset, given.convention_name, poses)
    why_not = {name: flips.why_not(name, given.validation[0]) for name in attributes}
    possible = [name for name in attributes if not why_not[name]]
    before = {_place(j): j for j in judged}
    rows: list[FlipRow] = []
    after: dict[str, list[Judged]] = {name: [] for name in possible}
    for row in given.validation if possible else ():
        clip = given.dataset.clip(row.clip_id)
        for name in possible if is_flipped(clip) else ():
            for filmed in flips.flipped(clip, row.attempt, name):
                for seen in filmed.repetitions():
                    for one in asked:
                        answer = one.ask(seen.sequence)
                        after[name].append(Judged(one.name, name, seen.view, seen.truth, answer))
    for name in possible:
        pairs = [(before[_place(j)], j) for j in after[name] if _place(j) in before]
        rows += _rows(name, pairs, judged, seed)
    return tuple(rows), {name: why for name, why in why_not.items() if why}


def _place(j: Judged) -> Place:
    return j.scorer, j.truth.clip_id, j.truth.rep, j.view


def _rows(
    attribute: str, pairs: Sequence[tuple[Judged, Judged]], judged: Sequence[Judged], seed: int
) -> list[FlipRow]:
    both = [j for pair in pairs for j in pair]
    macros = {(m.scorer, m.poses): m for m in macros_of(both, seed, N_RESAMPLES)}
    rows = []
    for scorer in sorted({j.scorer for j in both}):
        own = [(a, b) for a, b in pairs if a.scorer == scorer]
        first, second = macros[scorer, own[0][0].poses], macros[scorer, attribute]
        known = first.value is not None and second.value is not None
        gap = compare_pairs([(second, first)])[0] if known else None
        told = [
            (a, before, after)
            for a, b in own
            if (before := _suspicion(a)) is not None and (after := _suspicion(b)) is not None
        ]
        lines = _lines([j for j in judged if j.scorer == scorer])
        changes = [abs(after - before) for _, before, after in told]
        crossed = [
            (before > lines[at]) != (after > lines[at])
            for a, before, after in told
            if (at := (a.truth.exercise, a.view)) in lines
        ]
        rows.append(
            FlipRow(
                scorer=scorer,
                attribute=attribute,
                n_pairs=len(own),
                auroc=first.value,
                auroc_flipped=second.value,
                gap=gap.difference if gap else None,
                gap_low=gap.low if gap else None,
                gap_high=gap.high if gap else None,
                score_change=float(np.mean(changes)) if changes else None,
                calls_changed=float(np.mean(crossed)) if crossed else None,
                n_lost=sum((_suspicion(a) is None) != (_suspicion(b) is None) for a, b in own),
            )
        )
    return rows


def _suspicion(j: Judged) -> float | None:
    return j.evidence("", by_severity=False)


def _lines(own: Sequence[Judged]) -> dict[tuple[str, str], float]:
    """Return, by exercise and view, the suspicion that 5 % of clean repetitions exceed."""
    clean: dict[tuple[str, str], list[float]] = {}
    for j in own:
        if j.truth.clean and (value := _suspicion(j)) is not None:
            clean.setdefault((j.truth.exercise, j.view), []).append(value)
    return {
        at: float(np.quantile(values, 1 - FALSE_ALARM_RATE, method="higher"))
        for at, values in clean.items()
    }
