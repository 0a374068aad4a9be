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

    Rows are worked on in pairs, so x has one more row than n_rows. What lies in a lane beyond its
    end is never read on the way to the end.
    """
    n_columns = y.shape[1] // LANES
    above = np.full((n_columns + 1) * LANES, np.inf, y.dtype)
    middle, below = above.copy(), above.copy()
    above[:LANES] = 0
    above_steps = np.zeros(len(above), y.dtype)
    middle_steps, below_steps = above_steps.copy(), above_steps.copy()
    cost = np.zeros((2, y.shape[1]), y.dtype)
    for pair in range(0, n_rows, 2):
        first, last = _columns(pair, n_rows, n_columns, radius)
        next_first, next_last = _columns(pair + 1, n_rows, n_columns, radius)
        low, high = first * LANES, next_last * LANES
        _cost_rows(x[pair : pair + 2], y, low, cost[0, low:high], cost[1, low:high])
        # Both rows are filled over both their bands; outside its own each is walled off.
        cost[0, last * LANES : high] = np.inf
        cost[1, low : next_first * LANES] = np.inf
        middle[low : low + LANES] = np.inf
        below[low : low + LANES] = np.inf
        if counting:
            _advance_counting(
                above[low:], middle[low:], above_steps[low:], middle_steps[low:], cost[0, low:high]
            )
            _advance_counting(
                middle[low:], below[low:], middle_steps[low:], below_steps[low:], cost[1, low:high]
            )
        else:
            _advance(above[low:], middle[low:], below[low:], cost[0, low:high], cost[1, low:high])
        below[high + LANES : high + 3 * LANES] = np.inf
        above, below = below, above
        above_steps, below_steps = below_steps, above_steps
    final, final_steps = (middle, middle_steps) if n_rows % 2 else (above, above_steps)
    sums = np.zeros(LANES)
    steps = np.ones(LANES)
    for lane in range(LANES):
        sums[lane] = final[ends[lane] * LANES + lane]
        if counting:
            steps[lane] = final_steps[ends[lane] * LANES + lane]
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
    previous: np.ndarray,
    current: np.ndarray,
    previous_steps: np.ndarray,
    current_steps: np.ndarray,
    cost: np.ndarray,
) -> None:
    """Fill one row of sums, current, and of the lengths of the paths that lead there."""
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
