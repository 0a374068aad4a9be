"""Tables on disk: Parquet files of dataclass rows, the same bytes for the same rows.

A column's type follows from the annotation of the field. Rows stream: a table of any length is
written and read with the memory of some rows at once. Arrays are flat and in single precision.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, get_type_hints

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from motions.errors import FormbenchError

ROWS_AT_ONCE = 10_000

Row = TypeVar("Row")

_COLUMN_TYPES: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    float | None: pa.float64(),
    tuple[str, ...]: pa.list_(pa.string()),
    np.ndarray: pa.list_(pa.float32()),
}


def write_rows(
    row_type: type[Row],
    rows: Iterable[Row],
    path: Path | BinaryIO,
    rows_at_once: int = ROWS_AT_ONCE,
) -> None:
    """Write rows, instances of the dataclass `row_type`, in their order."""
    schema = _schema(row_type)
    remaining = iter(rows)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while some := [asdict(row) for row in islice(remaining, rows_at_once)]:  # type: ignore[call-overload]
            writer.write_table(pa.Table.from_pylist(some, schema=schema))


def read_rows(row_type: type[Row], path: Path | BinaryIO) -> Iterator[Row]:
    """Read the rows that `write_rows` wrote.

    Raises:
        FormbenchError: The file is no Parquet table of such rows.
    """
    schema = _schema(row_type)
    try:
        with pq.ParquetFile(path) as file:
            if not file.schema_arrow.equals(schema):
                raise FormbenchError(
                    f"{path}: expected the columns {', '.join(schema.names)}, "
                    f"got {', '.join(file.schema_arrow.names)}"
                )
            for batch in file.iter_batches(ROWS_AT_ONCE):
                for values in batch.to_pylist():
                    yield row_type(**{name: _as_field(value) for name, value in values.items()})
    except pa.ArrowInvalid as error:
        raise FormbenchError(f"{path}: damaged table: {error}") from error


def _schema(row_type: type) -> pa.Schema:
    return pa.schema([(n, _COLUMN_TYPES[hint]) for n, hint in get_type_hints(row_type).items()])


def _as_field(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
