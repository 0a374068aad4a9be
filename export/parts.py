"""Tables in parts of some thousand rows, of which few are in memory at once.

A part is a Parquet file of its own, listed in the manifest, and a table is a folder of them, which
pyarrow and pandas read as one. Each part is proved to be what was sealed when it is read.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from typing import TypeVar, overload

from export.manifest import Files, entry_of
from export.tables import read_rows, write_rows
from motions.errors import FormbenchError
from motions.storage import write

Row = TypeVar("Row")


def part_of(table: str, number: int) -> str:
    """Return the name of a part of a table.

    >>> part_of("clips.parquet", 3)
    'clips.parquet/00003.parquet'
    """
    return f"{table}/{number:05d}.parquet"


def write_table_part(
    row_type: type[Row], rows: Iterable[Row], folder: Path, name: str
) -> dict[str, object]:
    """Write one part of a table; return what the manifest says of it."""
    file = BytesIO()
    write_rows(row_type, rows, file)
    write(folder / name, file.getvalue())
    return entry_of(file.getvalue())


class Table(Sequence[Row]):
    """A table in parts, which are read as rows are asked for; the last one is kept.

    Args:
        row_type: What its rows are.
        folder: The dataset that it is in.
        name: Of the folder that its parts are in.
        counts: How many rows each part has.
        files: What each part has to be, see `export.manifest`.
        check: Refuses rows that are not as they should be.
    """

    def __init__(
        self,
        row_type: type[Row],
        folder: Path,
        name: str,
        counts: Sequence[int],
        files: Files,
        check: Callable[[Row], None] = lambda row: None,
    ) -> None:
        self._row_type, self._folder, self._name = row_type, folder, name
        self._starts, self._files, self._check = [0, *accumulate(counts)], files, check
        self._kept: tuple[int, list[Row]] = (-1, [])

    def number(self, index: int) -> int:
        """Return which part a row is in."""
        return bisect_right(self._starts, index) - 1

    def part(self, number: int) -> list[Row]:
        """Read one part.

        Raises:
            FormbenchError: It is not the file that was sealed.
        """
        if self._kept[0] != number:
            name = part_of(self._name, number)
            path = self._folder / name
            data = path.read_bytes() if path.is_file() else b""
            if entry_of(data) != self._files.get(name):
                raise FormbenchError(
                    f"{self._folder}: {name} is not the file that was sealed; run workbench "
                    f"verify {self._folder}"
                )
            rows = list(read_rows(self._row_type, BytesIO(data)))
            for row in rows:
                self._check(row)
            self._kept = number, rows
        return self._kept[1]

    def __iter__(self) -> Iterator[Row]:
        for number in range(len(self._starts) - 1):
            yield from self.part(number)

    def __len__(self) -> int:
        return self._starts[-1]

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        at = range(len(self))[index]
        number = self.number(at)
        return self.part(number)[at - self._starts[number]]
