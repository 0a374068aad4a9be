"""On whom: what scorers see on short and tall people, light and heavy ones, men and women.

The people who are judged are parted in two by each of PARTS: at the median of these people, men
from women in the middle of the scale. Each group's figures are those of its people alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scoring.evaluation.figures import by_task, threshold_in
from scoring.evaluation.groups import BodyRow, GroupGap
from scoring.evaluation.material import Material
from scoring.evaluation.results import ALL_VIEWS, Judged
from scoring.evaluation.standings import macros_of
from scoring.evaluation.statistics import percentile_interval

PARTS = {
    "stature_m": ("short", "tall"),
    "weight": ("light", "heavy"),
    "gender": ("men", "women"),
}
"""By value of a body: what those are called who have less of it, and those who have more."""
MIDDLE = {"gender": 0.5}
"""Where the line is, if not at the median."""
FEWEST_PEOPLE = 2


@dataclass(frozen=True)
class Parted:
    """Who is in which group."""

    attribute: str
    """A key of PARTS."""
    groups: Mapping[str, frozenset[str]]
    """People by the group's name, the two of PARTS in their order."""


def parted_bodies(given: Material) -> tuple[tuple[Parted, ...], dict[str, str]]:
    """Part those who are judged, and say by what they cannot be parted and why."""
    first = {row.subject_id: row for row in given.validation}
    bodies = {s: given.dataset.clip(row.clip_id).body for s, row in sorted(first.items())}
    values = {subject: body.get("values", {}) for subject, body in bodies.items()}
    found, why_not = [], {}
    for attribute, (less, more) in PARTS.items():
        if not all(attribute in known for known in values.values()):
            why_not[attribute] = f"the dataset's bodies have no {attribute}"
            continue
        sizes = {subject: float(known[attribute]) for subject, known in values.items()}
        line = MIDDLE.get(attribute, float(np.median(list(sizes.values()))))
        below = frozenset(subject for subject, size in sizes.items() if size <= line)
        groups = {less: below, more: frozenset(sizes) - below}
        few = [f"{len(people)} {name}" for name, people in groups.items()]
        if min(map(len, groups.values())) < FEWEST_PEOPLE:
            why_not[attribute] = f"expected {FEWEST_PEOPLE} people a group, got {', '.join(few)}"
        else:
            found.append(Parted(attribute, groups))
    return tuple(found), why_not


def rows_of_bodies(
    judged: Sequence[Judged], parted: Sequence[Parted], seed: int
) -> tuple[BodyRow, ...]:
    """Return from which size on each scorer sees each fault in each view on each group."""
    rows = []
    for some in by_task(judged):
        faults = sorted({fault_id for j in some for fault_id in j.truth.present})
        for fault_id in faults:
            for view in (ALL_VIEWS, *sorted({j.view for j in some})):
                seen = [j for j in some if view in (ALL_VIEWS, j.view)]
                groups = [(p.attribute, *named) for p in parted for named in p.groups.items()]
                for attribute, group, people in groups:
                    own = [j for j in seen if j.truth.subject_id in people]
                    rows.append(
                        BodyRow(
                            scorer=some[0].scorer,
                            poses=some[0].poses,
                            exercise=some[0].truth.exercise,
                            fault_id=fault_id,
                            view=view,
                            attribute=attribute,
                            group=group,
                            n_people=len(people),
                            threshold=threshold_in(own, fault_id, seed),
                        )
                    )
    return tuple(rows)


def gaps_of(
    judged: Sequence[Judged], parted: Sequence[Parted], seed: int, n_resamples: int
) -> tuple[GroupGap, ...]:
    """Return for each scorer how much less it sees on one group than on the other."""
    rows = []
    for one in parted:
        both = []
        for number, people in enumerate(one.groups.values()):
            own = [j for j in judged if j.truth.subject_id in people]
            # Other draws for each group: their people have nothing to do with each other.
            macros = macros_of(own, seed + number, n_resamples)
            both.append({(m.scorer, m.poses): m for m in macros})
        for who in sorted(both[0].keys() & both[1].keys()):
            named = [(name, found[who]) for name, found in zip(one.groups, both, strict=True)]
            known = [(m.value, name, m) for name, m in named if m.value is not None]
            if len(known) < 2:
                continue
            (low_value, worse, low), (high_value, better, high) = sorted(known, key=lambda k: k[:2])
            interval = percentile_interval(low.draws - high.draws)
            rows.append(
                GroupGap(*who, one.attribute, worse, better, low_value, high_value,
                         low_value - high_value, *interval)
            )  # fmt: skip
    return tuple(rows)
