"""The inner loops of `scoring.methods.dtw`, compiled; its conventions hold here.

Plain IEEE arithmetic in the order written, no fast-math: results are the same on every machine. The
first call compiles, in seconds, and the result is kept beside this file.
"""

import numpy as np
from numba import njit

LANES = 32
"""References that are aligned side by side, so that the compiler can use vector instructions."""


@njit(cache=True)
def _columns(i: int, n_rows: int, n_columns: int, radius: int) -> tuple[int, int]:
    """Return the half-open range of columns of row i that lie in the band."""
    first = max(0, i - max(0, n_rows - n_columns) - radius)
    last = min(n_columns, i + max(0, n_columns - n_rows) + radius + 1)
    return first, last


@njit(cache=True)
def cumulative(x: np.ndarray, y: np.ndarray, radius: int) -> np.ndarray:
    """Return D(i, j), infinite outside the band. Shape (T, S)."""
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
