"""Dynamic time warping: exact, compiled, many at a time.

Convention, that of tslearn and dtaidistance: steps (1, 0), (0, 1) and (1, 1) all weigh one, cells
cost the squared Euclidean distance of their frames, both ends are fixed, and the distance is the
root of the cheapest path's sum:

    D(i, j) = |x_i - y_j|^2 + min(D(i-1, j-1), D(i-1, j), D(i, j-1))      distance = sqrt(D(T, S))

aeon returns the sum without the root; librosa and dtw-python sum plain distances, and dtw-python's
default step pattern counts a diagonal step twice. Numbers of different conventions do not compare.

A long path sums more: `per_step` is the root of the sum over the number of cells on the path, a
root mean square per step. Of paths that cost the same the one that steps diagonally first counts.

The band is tslearn's `sakoe_chiba_radius`: cells with |i - j| <= radius for equal lengths, widened
on the longer side by the difference of the lengths. dtaidistance's `window` is radius + 1.

Results are those of plain IEEE arithmetic in the order written, so they are the same on every
machine. A bank packed as float32 is about twice as fast, with a relative error near 1e-7.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import DTypeLike

from motions.errors import FormbenchError

LANES = 32
"""References that are aligned side by side, so that the compiler can use vector instructions."""


@dataclass(frozen=True)
class Alignment:
    """The cheapest way to match two series."""

    distance: float
    path: np.ndarray
    """Matched frames of x and y, from (0, 0) to (T - 1, S - 1). Shape (L, 2)."""

    @property
    def per_step(self) -> float:
        """Root mean square of the matched frames' distances."""
        return self.distance / len(self.path) ** 0.5


@dataclass(frozen=True)
class Bank:
    """References laid out for `distances`; built by `pack`."""

    blocks: tuple[np.ndarray, ...]
    """LANES references each, padded with zeros. Shape (D4, S * LANES), D4 a multiple of four."""
    lengths: tuple[np.ndarray, ...]
    """Frames of the references of each block. Shape (LANES,), 1 for an empty lane."""
    order: np.ndarray
    """Which reference each lane holds, empty lanes left out. Shape (N,)."""
    n_dims: int


def align(x: np.ndarray, y: np.ndarray, radius: int | None = None) -> Alignment:
    """Match two multivariate series, all dimensions warped alike.

    Args:
        x: Shape (T, D).
        y: Shape (S, D).
        radius: Half width of the band; None for no band.
    """
    x, y = _series("x", x), _series("y", y)
    _check_dims(x.shape[1], y.shape[1])
    sums = _cumulative(x, y, _radius(radius, x, y))
    return Alignment(float(np.sqrt(sums[-1, -1])), _backtrack(sums))


def per_joint(x: np.ndarray, y: np.ndarray, radius: int | None = None) -> np.ndarray:
    """Match every joint on its own, each with its own warping.

    Args:
        x: Shape (T, K, C), or (T, K) for one coordinate.
        y: Shape (S, K, C) or (S, K).
        radius: Half width of the band; None for no band.

    Returns:
        The distance of each joint. Shape (K,).
    """
    if np.ndim(x) == 2 and np.ndim(y) == 2:
        x, y = np.asarray(x)[..., None], np.asarray(y)[..., None]
    if np.ndim(x) != 3 or np.ndim(y) != 3 or np.shape(x)[1:] != np.shape(y)[1:]:
        raise FormbenchError(
            "per_joint: expected shapes (T, K, C) and (S, K, C), "
            f"got {np.shape(x)} and {np.shape(y)}"
        )
    _, n_joints, n_coordinates = np.shape(x)
    x = _series("x", np.reshape(x, (len(x), -1))).reshape(-1, n_joints, n_coordinates)
    y = _series("y", np.reshape(y, (len(y), -1))).reshape(-1, n_joints, n_coordinates)
    joints_last = [np.ascontiguousarray(np.moveaxis(series, 1, 2)) for series in (x, y)]
    return np.sqrt(_joint_sums(*joints_last, _radius(radius, x, y)))


def pack(references: Sequence[np.ndarray], dtype: DTypeLike = np.float64) -> Bank:
    """Lay references, each of shape (S, D), out for `distances`.

    Lengths may differ; of like length they are packed together.
    """
    if not len(references):
        raise FormbenchError("pack: expected at least one reference, got none")
    series = [_series("reference", reference, dtype) for reference in references]
    n_dims = series[0].shape[1]
    for one in series:
        _check_dims(n_dims, one.shape[1])
    order = np.argsort([len(one) for one in series], kind="stable")
    blocks, lengths = [], []
    for start in range(0, len(order), LANES):
        members = [series[i] for i in order[start : start + LANES]]
        block = np.zeros((_multiple_of_four(n_dims), len(members[-1]), LANES), dtype)
        ends = np.ones(LANES, dtype=np.int64)
        for lane, one in enumerate(members):
            block[:n_dims, : len(one), lane] = one.T
            ends[lane] = len(one)
        blocks.append(block.reshape(len(block), -1))
        lengths.append(ends)
    return Bank(tuple(blocks), tuple(lengths), order, n_dims)


def distances(
    query: np.ndarray, bank: Bank, radius: int | None = None, *, per_step: bool = False
) -> np.ndarray:
    """Match one series with every reference of a bank, all dimensions warped alike.

    Args:
        query: Shape (T, D).
        bank: What `pack` made of N references.
        radius: Half width of the band; the references must then be of one length.
        per_step: Divide by the root of each path's length.

    Returns:
        Distances in the order of the references. Shape (N,).
    """
    x = _series("query", query, bank.blocks[0].dtype)
    _check_dims(bank.n_dims, x.shape[1])
    used = [ends[: len(bank.order) - i * LANES] for i, ends in enumerate(bank.lengths)]
    if radius is not None and len({int(n) for ends in used for n in ends}) > 1:
        raise FormbenchError(
            "distances: a band needs references of one length; resample them, or give no radius"
        )
    # Two rows are worked on at a time: one more row and dimensions up to four, all zero.
    padded = np.zeros((len(x) + 1, len(bank.blocks[0])), x.dtype)
    padded[: len(x), : bank.n_dims] = x
    found = np.zeros(len(bank.order))
    for i, (block, ends) in enumerate(zip(bank.blocks, bank.lengths, strict=True)):
        n_columns = block.shape[1] // LANES
        band = len(x) + n_columns if radius is None else radius
        sums, steps = _lane_sums(padded, block, ends, len(x), band, per_step)
        lanes = slice(i * LANES, i * LANES + len(used[i]))
        found[bank.order[lanes]] = np.sqrt(sums / steps)[: len(used[i])]
    return found


def _series(name: str, value: np.ndarray, dtype: DTypeLike = np.float64) -> np.ndarray:
    array = np.ascontiguousarray(value, dtype=dtype)
    if array.ndim != 2 or 0 in array.shape:
        raise FormbenchError(
            f"{name}: expected at least one frame and one dimension, got shape {array.shape}"
        )
    if not np.isfinite(array).all():
        raise FormbenchError(
            f"{name}: contains NaN or infinity; fill the gaps or leave the points out"
        )
    return array


def _check_dims(expected: int, got: int) -> None:
    if expected != got:
        raise FormbenchError(f"expected series of {expected} dimensions, got {got}")


def _radius(radius: int | None, x: np.ndarray, y: np.ndarray) -> int:
    if radius is None:
        return len(x) + len(y)
    if radius < 0:
        raise FormbenchError(f"radius: expected at least 0, got {radius}")
    return radius


def _multiple_of_four(n: int) -> int:
    return -(-n // 4) * 4


@njit(cache=True)
def _columns(i: int, n_rows: int, n_columns: int, radius: int) -> tuple[int, int]:
    """Return the half-open range of columns of row i that lie in the band."""
    first = max(0, i - max(0, n_rows - n_columns) - radius)
    last = min(n_columns, i + max(0, n_columns - n_rows) + radius + 1)
    return first, last


@njit(cache=True)
def _cumulative(x: np.ndarray, y: np.ndarray, radius: int) -> np.ndarray:
    """Return D of the module's first lines, infinite outside the band. Shape (T, S)."""
    sums = np.full((len(x) + 1, len(y) + 1), np.inf)
    sums[0, 0] = 0.0
    for i in range(len(x)):
        first, last = _columns(i, len(x), len(y), radius)
        for j in range(first, last):
            cost = 0.0
            for d in range(x.shape[1]):
                difference = x[i, d] - y[j, d]
                cost += difference * difference
            sums[i + 1, j + 1] = cost + min(sums[i, j], sums[i, j + 1], sums[i + 1, j])
    return sums[1:, 1:]


@njit(cache=True)
def _backtrack(sums: np.ndarray) -> np.ndarray:
    i, j = sums.shape[0] - 1, sums.shape[1] - 1
    path = np.zeros((i + j + 1, 2), dtype=np.int64)
    at = i + j
    path[at, 0], path[at, 1] = i, j
    while i > 0 or j > 0:
        diagonal = sums[i - 1, j - 1] if i > 0 and j > 0 else np.inf
        up = sums[i - 1, j] if i > 0 else np.inf
        left = sums[i, j - 1] if j > 0 else np.inf
        if i > 0 and j > 0 and diagonal <= up and diagonal <= left:
            i, j = i - 1, j - 1
        elif i > 0 and up <= left:
            i -= 1
        else:
            j -= 1
        at -= 1
        path[at, 0], path[at, 1] = i, j
    return path[at:]


@njit(cache=True)
def _joint_sums(x: np.ndarray, y: np.ndarray, radius: int) -> np.ndarray:
    """Return D(T, S) of every joint. x is (T, C, K), y is (S, C, K)."""
    n_rows, n_coordinates, n_joints = x.shape
    n_columns = len(y)
    previous = np.full((n_columns + 1, n_joints), np.inf, x.dtype)
    current = np.full((n_columns + 1, n_joints), np.inf, x.dtype)
    previous[0] = 0
    cost = np.zeros(n_joints, x.dtype)
    for i in range(n_rows):
        first, last = _columns(i, n_rows, n_columns, radius)
        current[first] = np.inf
        for j in range(first, last):
            cost[:] = 0
            for c in range(n_coordinates):
                for k in range(n_joints):
                    difference = x[i, c, k] - y[j, c, k]
                    cost[k] += difference * difference
            for k in range(n_joints):
                best = previous[j, k] if previous[j, k] < previous[j + 1, k] else previous[j + 1, k]
                best = best if best < current[j, k] else current[j, k]
                current[j + 1, k] = best + cost[k]
        if last < n_columns:
            current[last + 1] = np.inf
        previous, current = current, previous
    return previous[n_columns].copy()


@njit(cache=True)
def _lane_sums(
    x: np.ndarray, y: np.ndarray, ends: np.ndarray, n_rows: int, radius: int, counting: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return D(T, S) and the path's length for every lane; all lengths one if not `counting`.

    What lies in a lane beyond its end is never read on the way to the end.
    """
    n_columns = y.shape[1] // LANES
    previous = np.full((n_columns + 1) * LANES, np.inf, y.dtype)
    current = previous.copy()
    previous[:LANES] = 0
    previous_steps = np.zeros(len(previous), y.dtype)
    current_steps = np.zeros(len(previous), y.dtype)
    cost = np.zeros((2, y.shape[1]), y.dtype)
    for pair in range(0, n_rows, 2):
        low = _columns(pair, n_rows, n_columns, radius)[0] * LANES
        high = _columns(pair + 1, n_rows, n_columns, radius)[1] * LANES
        _cost_rows(x[pair : pair + 2], y, low, cost[0, low:high], cost[1, low:high])
        for i in range(pair, min(pair + 2, n_rows)):
            first, last = _columns(i, n_rows, n_columns, radius)
            low, high = first * LANES, last * LANES
            current[low : low + LANES] = np.inf
            if counting:
                _advance_counting(
                    previous[low:],
                    current[low:],
                    previous_steps[low:],
                    current_steps[low:],
                    cost[i - pair, low:high],
                )
            else:
                _advance(previous[low:], current[low:], cost[i - pair, low:high])
            if last < n_columns:
                current[high + LANES : high + 2 * LANES] = np.inf
            previous, current = current, previous
            previous_steps, current_steps = current_steps, previous_steps
    sums = np.zeros(LANES)
    steps = np.ones(LANES)
    for lane in range(LANES):
        sums[lane] = previous[ends[lane] * LANES + lane]
        if counting:
            steps[lane] = previous_steps[ends[lane] * LANES + lane]
    return sums, steps


@njit(cache=True)
def _cost_rows(
    x: np.ndarray, y: np.ndarray, low: int, cost0: np.ndarray, cost1: np.ndarray
) -> None:
    """Write the squared distances of two frames to the frames of all lanes from `low` on.

    Two rows and four dimensions at a time, so that what was loaded is used eight times.
    """
    cost0[:] = 0
    cost1[:] = 0
    for d in range(0, len(y), 4):
        a0, b0, c0, e0 = x[0, d], x[0, d + 1], x[0, d + 2], x[0, d + 3]
        a1, b1, c1, e1 = x[1, d], x[1, d + 1], x[1, d + 2], x[1, d + 3]
        ya, yb, yc, ye = y[d, low:], y[d + 1, low:], y[d + 2, low:], y[d + 3, low:]
        for k in range(len(cost0)):
            a, b, c, e = a0 - ya[k], b0 - yb[k], c0 - yc[k], e0 - ye[k]
            cost0[k] += (a * a + b * b) + (c * c + e * e)
            a, b, c, e = a1 - ya[k], b1 - yb[k], c1 - yc[k], e1 - ye[k]
            cost1[k] += (a * a + b * b) + (c * c + e * e)


@njit(cache=True)
def _advance(previous: np.ndarray, current: np.ndarray, cost: np.ndarray) -> None:
    """Fill one row of sums; all three start at the row's first column."""
    for j in range(len(cost) // LANES):
        for k in range(j * LANES, (j + 1) * LANES):
            best = previous[k] if previous[k] < previous[k + LANES] else previous[k + LANES]
            best = best if best < current[k] else current[k]
            current[k + LANES] = best + cost[k]


@njit(cache=True)
def _advance_counting(
    previous: np.ndarray,
    current: np.ndarray,
    previous_steps: np.ndarray,
    current_steps: np.ndarray,
    cost: np.ndarray,
) -> None:
    """Fill one row of sums and of the lengths of the paths that lead there."""
    for j in range(len(cost) // LANES):
        for k in range(j * LANES, (j + 1) * LANES):
            best, steps = previous[k], previous_steps[k]
            up = previous[k + LANES] < best
            best = previous[k + LANES] if up else best
            steps = previous_steps[k + LANES] if up else steps
            left = current[k] < best
            best = current[k] if left else best
            steps = current_steps[k] if left else steps
            current[k + LANES] = best + cost[k]
            current_steps[k + LANES] = steps + 1
