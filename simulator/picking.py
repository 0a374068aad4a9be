"""Arrays out of a .npz that is in memory: some, without looking at the others, or all.

`numpy.load` and `zipfile` build an object for every member and read each header anew, which takes
longer than unpacking the arrays of a clip. Here the directory at the archive's end is walked once
and only what was asked for is unpacked. Layout: PKWARE, "APPNOTE.TXT", 4.3.
"""

import io
import struct
import zlib
from collections.abc import Collection
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from motions.errors import FormbenchError

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8


def pick_arrays(npz: bytes, names: Collection[str] | None = None) -> dict[str, np.ndarray]:
    """Return those of the named arrays that are in an archive that numpy wrote, read-only.

    Args:
        npz: The archive.
        names: Which arrays; all when None.

    Raises:
        FormbenchError: The archive is damaged, or holds what is no plain array.
    """
    try:
        wanted = None if names is None else set(names)
        return {name: _array(data) for name, data in _members(npz, wanted)}
    except (struct.error, zlib.error, ValueError, IndexError) as error:
        raise FormbenchError(f"damaged archive of arrays: {error}") from error


def _members(npz: bytes, names: set[str] | None) -> list[tuple[str, bytes]]:
    end = npz.rfind(b"PK\5\6")
    if end < 0:
        raise FormbenchError("damaged archive of arrays: it has no directory")
    _, _, _, _, n_entries, _, at, _ = _END.unpack_from(npz, end)
    found = []
    for _ in range(n_entries):
        entry = _ENTRY.unpack_from(npz, at)
        method, crc, packed, (n_name, n_extra, n_comment) = (
            entry[4],
            entry[7],
            entry[8],
            entry[10:13],
        )
        start = at + _ENTRY.size
        name = npz[start : start + n_name].decode().removesuffix(".npy")
        at = start + n_name + n_extra + n_comment
        if names is not None and name not in names:
            continue
        local = _LOCAL.unpack_from(npz, entry[16])
        data_at = entry[16] + _LOCAL.size + local[9] + local[10]
        data: Any = memoryview(npz)[data_at : data_at + packed]
        if method not in (_STORED, _DEFLATED):
            raise FormbenchError(f"damaged archive of arrays: {name} is packed by method {method}")
        data = bytes(data) if method == _STORED else zlib.decompress(data, -15)
        if zlib.crc32(data) != crc:
            raise FormbenchError(f"damaged archive of arrays: {name} is not as it was written")
        found.append((name, data))
    return found


def _array(npy: bytes) -> np.ndarray:
    length = int.from_bytes(npy[8:10], "little")
    shape, order, dtype = _header(npy[: 10 + length])
    return np.frombuffer(npy, dtype, offset=10 + length).reshape(shape, order=order)


@lru_cache(maxsize=1024)
def _header(data: bytes) -> tuple[tuple[int, ...], Literal["F", "C"], np.dtype[Any]]:
    file = io.BytesIO(data)
    if np.lib.format.read_magic(file) != (1, 0):
        raise FormbenchError("damaged archive of arrays: expected .npy of version 1.0")
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.hasobject:
        raise FormbenchError("damaged archive of arrays: expected plain numbers")
    return shape, "F" if is_fortran else "C", dtype
