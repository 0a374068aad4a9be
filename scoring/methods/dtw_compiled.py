"""The inner loops of `scoring.methods.dtw`, compiled; its conventions hold here.

Plain IEEE arithmetic in the order written, no fast-math: results are the same on every machine. The
first call compiles, in seconds, and the result is kept beside this file.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numba.extending import intrinsic

LANES = 32
"""References that are aligned side by side, so that the compiler can use vector instructions."""
ROWS, COLUMNS = 4, 40
"""Frames of the query and of the references that are worked on together, to stay in the cache."""
DIMS = 3
"""Dimensions that are worked on together. With ROWS rows of the query they fill the registers."""


@intrinsic
def _fused(_: Any, a: Any, b: Any, c: Any) -> tuple[Any, Callable[..., Any]]:
    """Return a * b + c, rounded once: one instruction of IEEE 754, so the same everywhere."""
    return a(a, b, c), lambda _context, builder, _signature, values: builder.fma(*values)


@njit(cache=True)
def _columns(i: int, n_rows: int, n_columns: int, radius: int) -> tuple[int, int]:
    """Return the half-open range of columns of row i that lie in the band."""
    first = max(0, i - max(0, n_rows - n_columns) - radius)
    last = min(n_columns, i + max(0, n_columns - n_rows) + radius + 1)
    return first, last


@njit(cache=True)
def cumulative(x: np.ndarray, y: np.ndarray, radius: int, any_start: bool = False) -> np.ndarray:
    """Return D(i, j), infinite outside the band; paths begin at any frame of y if so wanted."""
    sums = np.full((len(x) + 1, len(y) + 1), np.inf)
    sums[0, : len(y) + 1 if any_start else 1] = 0.0
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
def backtrack(sums: np.ndarray) -> np.ndarray:
    """Return the cheapest path through D(i, j), diagonal first where equal. Shape (L, 2)."""
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
def joint_sums(x: np.ndarray, y: np.ndarray, radius: int) -> np.ndarray:
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
def lane_sums(
    x: np.ndarray, y: np.ndarray, ends: np.ndarray, n_rows: int, radius: int, counting: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return D(T, S) and the path's length for every lane; all lengths one if not `counting`.

    Rows are worked on ROWS at a time, so x has ROWS - 1 rows more than n_rows. What lies in a lane
    beyond its end is never read on the way to the end.
    """
    n_columns = y.shape[1] // LANES
    # Row 0 is the last row of the rows above, which were worked on before.
    sums = np.full((ROWS + 1, (n_columns + 1) * LANES), np.inf, y.dtype)
    sums[0, :LANES] = 0
    steps = np.zeros(sums.shape, y.dtype)
    cost = np.zeros((ROWS, COLUMNS * LANES), y.dtype)
    for top in range(0, n_rows, ROWS):
        if top > 0:
            sums[0] = sums[ROWS]
            steps[0] = steps[ROWS]
        low = _columns(top, n_rows, n_columns, radius)[0]
        high = _columns(top + ROWS - 1, n_rows, n_columns, radius)[1]
        sums[1:, low * LANES : (low + 1) * LANES] = np.inf
        sums[ROWS, (high + 1) * LANES :] = np.inf
        for start in range(low, high, COLUMNS):
            stop = min(start + COLUMNS, high)
            at, n = start * LANES, (stop - start) * LANES
            _cost_rows(x[top:], y, at, cost[0, :n], cost[1, :n], cost[2, :n], cost[3, :n])
            for r in range(ROWS):
                first, last = _columns(top + r, n_rows, n_columns, radius)
                # All rows are filled over all their bands; outside its own each is walled off.
                cost[r, : max(0, min(first, stop) - start) * LANES] = np.inf
                cost[r, max(0, last - start) * LANES : n] = np.inf
            for r in range(0, ROWS, 2):
                above, middle, below = sums[r, at:], sums[r + 1, at:], sums[r + 2, at:]
                if counting:
                    counts = steps[r, at:], steps[r + 1, at:], steps[r + 2, at:]
                    _advance_counting(above, middle, counts[0], counts[1], cost[r, :n])
                    _advance_counting(middle, below, counts[1], counts[2], cost[r + 1, :n])
                else:
                    _advance(above, middle, below, cost[r, :n], cost[r + 1, :n])
    final = (n_rows - 1) % ROWS + 1
    lane_sum = np.zeros(LANES)
    lane_steps = np.ones(LANES)
    for lane in range(LANES):
        lane_sum[lane] = sums[final, ends[lane] * LANES + lane]
        if counting:
            lane_steps[lane] = steps[final, ends[lane] * LANES + lane]
    return lane_sum, lane_steps


@njit(cache=True)
def _cost_rows(
    x: np.ndarray,
    y: np.ndarray,
    at: int,
    cost0: np.ndarray,
    cost1: np.ndarray,
    cost2: np.ndarray,
    cost3: np.ndarray,
) -> None:
    """Write the squared distances of four frames to the frames of all lanes from `at` on.

    Four rows and three dimensions at a time, so that what was loaded is used twelve times.
    """
    cost0[:] = 0
    cost1[:] = 0
    cost2[:] = 0
    cost3[:] = 0
    for d in range(0, len(y), DIMS):
        a0, b0, c0 = x[0, d], x[0, d + 1], x[0, d + 2]
        a1, b1, c1 = x[1, d], x[1, d + 1], x[1, d + 2]
        a2, b2, c2 = x[2, d], x[2, d + 1], x[2, d + 2]
        a3, b3, c3 = x[3, d], x[3, d + 1], x[3, d + 2]
        ya, yb, yc = y[d, at:], y[d + 1, at:], y[d + 2, at:]
        for k in range(len(cost0)):
            # Read once: for all the compiler knows, writing a cost might change what was read.
            ka, kb, kc = ya[k], yb[k], yc[k]
            a, b, c = a0 - ka, b0 - kb, c0 - kc
            cost0[k] = _fused(c, c, _fused(b, b, _fused(a, a, cost0[k])))
            a, b, c = a1 - ka, b1 - kb, c1 - kc
            cost1[k] = _fused(c, c, _fused(b, b, _fused(a, a, cost1[k])))
            a, b, c = a2 - ka, b2 - kb, c2 - kc
            cost2[k] = _fused(c, c, _fused(b, b, _fused(a, a, cost2[k])))
            a, b, c = a3 - ka, b3 - kb, c3 - kc
            cost3[k] = _fused(c, c, _fused(b, b, _fused(a, a, cost3[k])))


@njit(cache=True)
def _advance(
    above: np.ndarray, middle: np.ndarray, below: np.ndarray, cost0: np.ndarray, cost1: np.ndarray
) -> None:
    """Fill two rows of sums, middle and below; all begin at the first column to fill."""
    for j in range(len(cost0) // LANES):
        for k in range(j * LANES, (j + 1) * LANES):
            best = above[k] if above[k] < above[k + LANES] else above[k + LANES]
            best = best if best < middle[k] else middle[k]
            filled = best + cost0[k]
            best = middle[k] if middle[k] < below[k] else below[k]
            best = best if best < filled else filled
            middle[k + LANES] = filled
            below[k + LANES] = best + cost1[k]


@njit(cache=True)
def _advance_counting(
    above: np.ndarray,
    below: np.ndarray,
    above_steps: np.ndarray,
    below_steps: np.ndarray,
    cost: np.ndarray,
) -> None:
    """Fill one row of sums, below, and of the lengths of the paths that lead there."""
    for j in range(len(cost) // LANES):
        for k in range(j * LANES, (j + 1) * LANES):
            best, steps = above[k], above_steps[k]
            up = above[k + LANES] < best
            best = above[k + LANES] if up else best
            steps = above_steps[k + LANES] if up else steps
            left = below[k] < best
            best = below[k] if left else best
            steps = below_steps[k] if left else steps
            below[k + LANES] = best + cost[k]
            below_steps[k + LANES] = steps + 1
