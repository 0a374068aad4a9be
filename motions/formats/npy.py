"""Arrays out of .npy and .npz files that nobody vouches for.

`numpy.load` allocates what a header claims before it looks at the data, so a damaged header can
ask for a terabyte. Here an array is never larger than the bytes that are there, and never pickled.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path

import numpy as np

from motions.errors import FormbenchError
from motions.formats.reading import LARGEST_BYTES, read_bytes

_MAGIC = b"\x93NUMPY"
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)
"""What `zipfile` raises over archives that are cut short, mangled, encrypted or exotic."""


def is_npy(data: bytes) -> bool:
    """Whether a file that begins like this is an .npy file."""
    return data.startswith(_MAGIC)


def read_npy(where: str, data: bytes) -> np.ndarray:
    """Read one array of numbers, booleans or text.

    Raises:
        FormbenchError: It is none, or it is cut short.
    """
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, fortran_order, dtype = read_header(stream)
        if dtype.hasobject or dtype.kind not in "fiubUS":
            raise FormbenchError(f"{where}: expected an array of numbers, got {dtype}")
        if min(shape, default=0) < 0:
            raise ValueError(f"shape {shape}")
        count = int(np.prod(shape, dtype=object))
        array = np.frombuffer(data, dtype, count, offset=stream.tell())
    except (ValueError, KeyError, TypeError, OverflowError, SyntaxError, MemoryError) as error:
        raise FormbenchError(f"{where}: expected a whole .npy array: {error}") from error
    return array.reshape(shape, order="F" if fortran_order else "C")


def read_npz(path: Path, names: Collection[str]) -> dict[str, np.ndarray]:
    """Read those of `names` that are in an .npz file.

    Raises:
        FormbenchError: It is no .npz file, or damaged, or an array asked for is none of numbers.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(read_bytes(path))) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            wanted = {name: members[name] for name in names if name in members}
            total = sum(info.file_size for info in wanted.values())
            if total > LARGEST_BYTES:
                raise FormbenchError(
                    f"{path}: expected at most {LARGEST_BYTES >> 20} MiB unpacked, "
                    f"got {total >> 20}"
                )
            return {
                name: read_npy(f"{path}: {name}", archive.read(info))
                for name, info in wanted.items()
            }
    except _DAMAGED as error:
        raise FormbenchError(f"{path}: expected a whole .npz file: {error}") from error
