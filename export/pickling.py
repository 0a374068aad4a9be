"""Pickles that are written piece by piece, for formats whose readers take nothing else.

A pickle is a little program that builds a value, and it can build a dictionary entry by entry and a
list item by item, so that neither needs to be in memory. Each leaf is pickled without memo: the
memo's numbers count through a whole pickle. Opcodes: Python's `pickletools`.
"""

import io
import pickle  # noqa: TID251  written, never read
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import numpy as np

PROTOCOL = 3
"""The newest without frames, whose lengths would have to be known before they are filled."""
_PLACE = "the object's place"


class PickleStream:
    """A pickle that is being written: of one value, a leaf or a container that is filled."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        file.write(pickle.PROTO + bytes([PROTOCOL]))

    def leaf(self, value: object) -> None:
        """Write a value that is in memory."""
        self._file.write(_leaf(value))

    def begin_dict(self) -> None:
        """Begin a dictionary, to be filled by `entry`."""
        self._file.write(pickle.EMPTY_DICT)

    def begin_list(self) -> None:
        """Begin a list, to be filled by `item`."""
        self._file.write(pickle.EMPTY_LIST)

    @contextmanager
    def entry(self, key: str) -> Iterator[None]:
        """Put what is written inside under a key of the dictionary."""
        self.leaf(key)
        yield
        self._file.write(pickle.SETITEM)

    @contextmanager
    def item(self) -> Iterator[None]:
        """Put what is written inside at the end of the list."""
        yield
        self._file.write(pickle.APPEND)

    def end(self) -> None:
        """End the pickle."""
        self._file.write(pickle.STOP)


@contextmanager
def object_array(file: IO[bytes]) -> Iterator[PickleStream]:
    """Write a .npy of shape () that holds the object that is written inside.

    As `numpy.save` writes one of `np.array(value, dtype=object)`.
    """
    head = {"descr": "|O", "fortran_order": False, "shape": ()}
    np.lib.format.write_array_header_1_0(file, head)
    before, after = _leaf(np.array(_PLACE, dtype=object)).split(_leaf(_PLACE))
    stream = PickleStream(file)
    file.write(before)
    yield stream
    file.write(after)
    stream.end()


def _leaf(value: object) -> bytes:
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, PROTOCOL)
    pickler.fast = True  # without memo
    pickler.dump(value)
    return buffer.getvalue()[len(pickle.PROTO) + 1 : -len(pickle.STOP)]
