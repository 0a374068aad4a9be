"""Who goes on which side, so that each side's share of everything comes close to the one asked for.

A greedy choice: one after another the unit is taken that brings the shares of all kinds closest,
by the sum of squares, until no further one does. The seed decides between equals. That takes the
square of the number of units, so many units are parted in lots, each with its own shares.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from export.rows import ClipRow

LOT = 250
"""Most units that are weighed against each other."""


def contents(rows: Iterable[ClipRow], units: list[tuple[str, ...]]) -> np.ndarray:
    """Count the clips of each unit of subjects: all, and by kind. Shape (units, kinds)."""
    counts: list[Counter[str]] = [Counter() for _ in units]
    index = {subject_id: i for i, unit in enumerate(units) for subject_id in unit}
    for row in rows:
        counts[index[row.subject_id]].update(
            ("all", f"exercise {row.exercise}", f"body {row.body_shape}", *row.faults)
        )
    kinds = sorted(set().union(*counts))
    return np.array([[count[kind] for kind in kinds] for count in counts], dtype=np.float64)


def assigned(
    counts: np.ndarray, shares: Mapping[str, float], seed: int, seeds: Mapping[str, int]
) -> list[str]:
    """Assign units to sides; the first side takes what the others leave.

    Args:
        counts: What each unit has of each kind. Shape (units, kinds).
        shares: By side its share.
        seed: Decides between equals.
        seeds: By side another seed for it, which also draws the first unit that it takes: who is
            in it then depends on the seed and not on who fits best.
    """
    n_lots = -(-len(counts) // LOT)
    if n_lots > 1:
        placed = np.full(len(counts), "", dtype=object)
        for number in range(n_lots):
            lot = counts[number::n_lots]
            placed[number::n_lots] = assigned(lot[:, lot.any(axis=0)], shares, seed, seeds)
        return placed.tolist()
    first, *others = shares
    sides = np.full(len(counts), first, dtype=object)
    total = sum(shares.values())
    for n_later, side in enumerate(others):
        left = np.flatnonzero(sides == first)
        room = len(left) - (len(others) - n_later)  # leaves one unit to each side still to come
        if room < 1:
            break
        drawn = np.random.default_rng([seeds.get(side, seed)]).permutation(left)
        chosen = _chosen(counts, drawn, shares[side] / total, room, side in seeds)
        sides[chosen] = side
    return sides.tolist()


def _chosen(
    counts: np.ndarray, drawn: np.ndarray, share: float, most: int, first_is_drawn: bool
) -> list[int]:
    """Choose at least one and at most so many of the drawn units."""
    shares = counts / counts.sum(axis=0)
    chosen = [int(drawn[0])] if first_is_drawn else []
    misfit = ((shares[chosen].sum(axis=0) - share) ** 2).sum() if chosen else np.inf
    while len(chosen) < most:
        left = drawn[~np.isin(drawn, chosen)]
        misfits = ((shares[chosen].sum(axis=0) + shares[left] - share) ** 2).sum(axis=1)
        best = misfits.argmin()
        if misfits[best] >= misfit:
            break
        misfit = misfits[best]
        chosen.append(int(left[best]))
    return chosen
