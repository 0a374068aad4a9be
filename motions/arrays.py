"""Arrays are checked once, when a value is built, and are read-only after."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import DTypeLike

from motions.errors import FormbenchError


def frozen(
    name: str,
    value: object,
    dims: tuple[str | int, ...],
    sizes: dict[str, int],
    *,
    dtype: DTypeLike = np.float64,
    nan_allowed: bool = False,
) -> np.ndarray:
    """Return a read-only copy of `value`, or say exactly what is wrong with it.

    Args:
        name: What the array is called in messages, for example "Motion.root_position_m".
        value: Anything numpy can turn into an array.
        dims: The expected shape; a string names a size that must agree across fields.
        sizes: Sizes known so far, extended in place.
        dtype: The element type of the result.
        nan_allowed: Whether NaN means "missing" here; infinity never is allowed.

    Raises:
        FormbenchError: The shape does not fit, or a value is not finite.
    """
    array = np.array(value, dtype=dtype)
    fits = array.ndim == len(dims) and all(
        sizes.setdefault(dim, size) == size if isinstance(dim, str) else dim == size
        for dim, size in zip(dims, array.shape, strict=True)
    )
    if not fits:
        raise FormbenchError(f"{name}: expected shape ({_spelled(dims, sizes)}), got {array.shape}")
    if array.dtype.kind == "f":
        finite = ~np.isinf(array) if nan_allowed else np.isfinite(array)
        if not finite.all():
            first = tuple(int(i) for i in np.argwhere(~finite)[0])
            raise FormbenchError(
                f"{name}: expected finite numbers, got {array[first]} at index {first}"
            )
    array.flags.writeable = False
    return array


def _spelled(dims: tuple[str | int, ...], sizes: Mapping[str, int]) -> str:
    return ", ".join(
        f"{d}={sizes[d]}" if isinstance(d, str) and d in sizes else str(d) for d in dims
    )
