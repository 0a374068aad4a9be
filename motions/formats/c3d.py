"""C3D: marker positions of motion-capture laboratories, in binary.

A header of 512 bytes, a parameter section of named values in groups, then the frames: four numbers
a marker (x, y, z, and a residual that is negative where it was not seen) and the analogue samples,
which are skipped. Numbers are whole or floating, in the byte order of Intel, DEC or SGI machines
(the C3D user guide, c3d.org).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from motions.errors import FormbenchError
from motions.formats.axes import AXES
from motions.formats.markers import points_of_markers
from motions.formats.points import motion_of_points
from motions.formats.reading import About, Hints, Reading, read_bytes
from motions.formats.text import LARGEST, MOST_FRAMES, frame_rate

_BLOCK = 512
_KEY = 0x50
_INTEL, _DEC, _SGI = 84, 85, 86


class _Bytes(NamedTuple):
    """A file's bytes with the byte order of its numbers; reading past the end is an error."""

    where: str
    data: bytes
    processor: int

    def take(self, at: int, count: int) -> bytes:
        if at < 0 or at + count > len(self.data):
            raise FormbenchError(f"{self.where}: the file was cut short at byte {len(self.data)}")
        return self.data[at : at + count]

    def whole(self, at: int, count: int = 1, *, signed: bool = False) -> np.ndarray:
        order = ">" if self.processor == _SGI else "<"
        kind = f"{order}{'i' if signed else 'u'}2"
        return np.frombuffer(self.take(at, 2 * count), kind).astype(np.int64)

    def floating(self, at: int, count: int = 1) -> np.ndarray:
        raw = self.take(at, 4 * count)
        numbers = np.frombuffer(raw, ">f4" if self.processor == _SGI else "<f4")
        with np.errstate(invalid="ignore"):  # damaged bytes may be signalling NaN
            if self.processor == _DEC:
                # A DEC number is an IEEE one with its halves swapped and an exponent two higher.
                halves = np.frombuffer(raw, "<u2").reshape(-1, 2)[:, ::-1]
                numbers = np.ascontiguousarray(halves).view("<f4").ravel() / 4
            return numbers.astype(np.float64)


class _Parameter(NamedTuple):
    """Where a parameter's values are: type (-1 text, 1 byte, 2 whole, 4 floating) and sizes."""

    kind: int
    sizes: tuple[int, ...]
    at: int


def read_c3d(path: Path, described: About, hints: Hints) -> Reading:
    """Read marker positions; see `markers` for the sets that are known.

    Up is what the file's POINT:Y_SCREEN says, unless `hints.up` says otherwise.

    Raises:
        FormbenchError: The file is damaged, or its markers are of no known set.
    """
    markers, fps, up = read_markers(path)
    points, filled, unused = points_of_markers(str(path), markers, fps, hints.names)
    return motion_of_points(
        points,
        fps,
        described,
        where=str(path),
        file_format="c3d",
        up=hints.up or up,
        unused=unused,
        filled=filled,
    )


def is_c3d(data: bytes) -> bool:
    """Whether a file that begins like this is a C3D file."""
    return len(data) > 1 and data[1] == _KEY and 2 <= data[0] <= 127


def read_markers(path: Path) -> tuple[dict[str, np.ndarray], float, str | None]:
    """Read the markers as they are.

    Returns:
        Positions by label, NaN where not seen, (T, 3) each; frames per second; and the axis that
        points up, where the file says so.
    """
    data = read_bytes(path)
    if not is_c3d(data):
        raise FormbenchError(f"{path}: expected a C3D file, whose second byte is 0x50")
    start = (data[0] - 1) * _BLOCK
    processor = _Bytes(str(path), data, _INTEL).take(start + 3, 1)[0]
    if processor not in (_INTEL, _DEC, _SGI):
        raise FormbenchError(f"{path}: expected processor type 84, 85 or 86, got {processor}")
    source = _Bytes(str(path), data, processor)
    parameters = dict(_parameters(source, start))
    positions = _positions(source, parameters)
    labels = _labels(source, parameters)
    if len(labels) < positions.shape[1] or len(set(labels)) < len(labels):
        raise FormbenchError(
            f"{path}: POINT:LABELS: expected {positions.shape[1]} different labels, "
            f"got {len(set(labels))}"
        )
    markers = {labels[at]: positions[:, at] for at in range(positions.shape[1])}
    fps = frame_rate(f"{path}: header", float(source.floating(20)[0]))
    up = (_texts(source, parameters.get("POINT:Y_SCREEN")) or [""])[0].casefold()
    return markers, fps, up if up in AXES else None


def _parameters(source: _Bytes, start: int) -> Iterator[tuple[str, _Parameter]]:
    """Yield the parameters as GROUP:NAME; one may come before its group."""
    groups: dict[int, str] = {}
    found: list[tuple[int, str, _Parameter]] = []
    at = start + 4
    while True:
        length, number = np.frombuffer(source.take(at, 2), np.int8).astype(int)
        if length == 0 or number == 0:
            break
        name = source.take(at + 2, abs(length)).decode("latin-1").strip().upper()
        at += 2 + abs(length)
        if number < 0:
            groups[-number] = name
        else:
            kind, n_sizes = np.frombuffer(source.take(at + 2, 2), np.int8).astype(int)
            sizes = tuple(source.take(at + 4, max(n_sizes, 0)))
            found.append((number, name, _Parameter(kind, sizes, at + 4 + max(n_sizes, 0))))
        step = int(source.whole(at)[0])
        if step == 0:
            break
        at += step
    for number, name, parameter in found:
        yield f"{groups.get(number, '')}:{name}", parameter


def _texts(source: _Bytes, parameter: _Parameter | None) -> list[str]:
    if parameter is None or parameter.kind != -1 or not parameter.sizes:
        return []
    width, *counts = parameter.sizes
    count = int(np.prod(counts, dtype=int))
    texts = source.take(parameter.at, width * count).decode("latin-1")
    return [texts[at * width : (at + 1) * width].strip(" \0") for at in range(count)]


def _labels(source: _Bytes, parameters: Mapping[str, _Parameter]) -> list[str]:
    """Return the markers' labels; over 255 of them go on in LABELS2, LABELS3, ..."""
    labels: list[str] = []
    for more in ("", *map(str, range(2, 10))):
        labels += _texts(source, parameters.get(f"POINT:LABELS{more}"))
    return labels


def _positions(source: _Bytes, parameters: Mapping[str, _Parameter]) -> np.ndarray:
    """Return all positions, NaN where not seen. Shape (T, markers, 3)."""
    n_points, n_analogue, first, last = (int(n) for n in source.whole(2, 4))
    scale = float(source.floating(12)[0])
    data_at = (int(source.whole(16)[0]) - 1) * _BLOCK
    trial = [parameters.get(f"TRIAL:ACTUAL_{end}_FIELD") for end in ("START", "END")]
    if all(p is not None and p.kind == 2 and p.sizes == (2,) for p in trial):
        # Recordings of over 65,535 frames: two halves, the low one first.
        first, last = (int(source.whole(p.at, 2) @ [1, 65536]) for p in trial if p is not None)
    n_frames = last - first + 1
    if not 1 <= n_frames <= MOST_FRAMES or n_points == 0:
        raise FormbenchError(f"{source.where}: header: {n_frames} frames of {n_points} markers")
    width = 4 * n_points + n_analogue
    if scale < 0:
        source.take(data_at, 4 * width * n_frames)
        rows = source.floating(data_at, width * n_frames)
    else:
        source.take(data_at, 2 * width * n_frames)
        rows = source.whole(data_at, width * n_frames, signed=True).astype(np.float64)
    quads = rows.reshape(n_frames, width)[:, : 4 * n_points].reshape(n_frames, n_points, 4)
    positions = quads[..., :3] * (1.0 if scale < 0 else scale)
    unseen = (quads[..., 3] < 0) | (positions == 0).all(axis=-1)
    positions[unseen] = np.nan
    if not (np.abs(np.nan_to_num(positions, nan=0.0, posinf=np.inf)) < LARGEST).all():
        raise FormbenchError(f"{source.where}: expected positions of less than {LARGEST:g}")
    # A position that is no number without being marked as unseen counts as unseen too.
    return positions
