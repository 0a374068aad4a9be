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

A bank packed as float32 is about twice as fast, with a relative error near 1e-7.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from motions.errors import FormbenchError
from scoring.methods.dtw_compiled import (
    DIMS,
    LANES,
    ROWS,
    backtrack,
    cumulative,
    joint_sums,
    lane_sums,
)


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


class Block(NamedTuple):
    """Up to LANES references side by side."""

    members: np.ndarray
    """Which references these are. Shape (n,), n at most LANES."""
    lengths: np.ndarray
    """Their frames, 1 for an empty lane. Shape (LANES,)."""
    values: np.ndarray
    """Padded with zeros. Shape (D', S * LANES), D' a multiple of DIMS."""


@dataclass(frozen=True)
class Bank:
    """References laid out for `distances`; built by `pack`."""

    blocks: tuple[Block, ...]
    n_references: int
    n_dims: int
    same_length: bool


def align(x: np.ndarray, y: np.ndarray, radius: int | None = None) -> Alignment:
    """Match two multivariate series, all dimensions warped alike.

    Args:
        x: Shape (T, D).
        y: Shape (S, D).
        radius: Half width of the band; None for no band.
    """
    x, y = checked_pair(x, y)
    sums = cumulative(x, y, _radius(radius, len(x) + len(y)))
    return Alignment(float(np.sqrt(sums[-1, -1])), backtrack(sums))


def checked_pair(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return two series (T, D) and (S, D) as float64, or say what is wrong with them."""
    x, y = _series("x", x), _series("y", y)
    _check_dims(x.shape[1], y.shape[1])
    return x, y


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
    return np.sqrt(joint_sums(*joints_last, _radius(radius, len(x) + len(y))))


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
    blocks = []
    # The block that is not full comes first: `distance_matrix` then leaves most of its lanes out.
    starts = range(len(order) % LANES or LANES, len(order) + 1, LANES)
    for start in starts:
        members = order[max(0, start - LANES) : start]
        longest = len(series[members[-1]])
        values = np.zeros((_padded(n_dims), longest, LANES), dtype)
        lengths = np.ones(LANES, dtype=np.int64)
        for lane, member in enumerate(members):
            lengths[lane] = len(series[member])
            values[:n_dims, : lengths[lane], lane] = series[member].T
        blocks.append(Block(members, lengths, values.reshape(len(values), -1)))
    same_length = len(series[order[0]]) == len(series[order[-1]])
    return Bank(tuple(blocks), len(series), n_dims, same_length)


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
    found = np.zeros(bank.n_references)
    for block, part in zip(bank.blocks, _by_block(query, bank, radius, per_step), strict=True):
        found[block.members] = part
    return found


def distance_matrix(
    series: Sequence[np.ndarray],
    radius: int | None = None,
    *,
    per_step: bool = False,
    dtype: DTypeLike = np.float64,
) -> np.ndarray:
    """Match every series with every other, all dimensions warped alike.

    Args:
        series: N of shape (S, D).
        radius: Half width of the band; the series must then be of one length.
        per_step: Divide by the root of each path's length.
        dtype: float32 for half the time.

    Returns:
        Symmetric, 0 on the diagonal. Shape (N, N).
    """
    bank = pack(series, dtype)
    matrix = np.zeros((len(series), len(series)))
    # Block by block, so that one stays in the processor's cache while many series meet it.
    for b, block in enumerate(bank.blocks):
        alone = replace(bank, blocks=(block,))
        for i in np.concatenate([earlier.members for earlier in bank.blocks[: b + 1]]):
            (part,) = _by_block(series[i], alone, radius, per_step)
            matrix[i, block.members] = matrix[block.members, i] = part
    return matrix


def _by_block(
    query: np.ndarray, bank: Bank, radius: int | None, per_step: bool
) -> Iterator[np.ndarray]:
    """Yield the distances to the members of each block."""
    x = _series("query", query, bank.blocks[0].values.dtype)
    _check_dims(bank.n_dims, x.shape[1])
    if radius is not None and not bank.same_length:
        raise FormbenchError(
            "distances: a band needs references of one length; resample them, or give no radius"
        )
    # Rows and dimensions are worked on several at a time: what is added is zero.
    padded = np.zeros((len(x) + ROWS - 1, _padded(bank.n_dims)), x.dtype)
    padded[: len(x), : bank.n_dims] = x
    for members, lengths, values in bank.blocks:
        band = _radius(radius, len(x) + values.shape[1])
        sums, steps = lane_sums(padded, values, lengths, len(x), band, per_step)
        yield np.sqrt(sums / steps)[: len(members)]


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


def _radius(radius: int | None, no_band: int) -> int:
    if radius is None:
        return no_band
    if radius < 0:
        raise FormbenchError(f"radius: expected at least 0, got {radius}")
    return radius


def _padded(n: int) -> int:
    return -(-n // DIMS) * DIMS
