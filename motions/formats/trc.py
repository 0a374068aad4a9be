"""TRC: marker positions over time, tab-separated, as Motion Analysis, OpenSim and Pose2Sim write.

Two lines of names and values give rate, counts and unit; then come the marker names, one to three
columns, the axes, and one row a frame: number, time, positions. A blank cell is a missing marker,
and so are NaN and a marker at exactly 0 0 0.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from motions.errors import FormbenchError
from motions.formats.axes import upright_wxyz
from motions.formats.markers import points_of_markers
from motions.formats.points import motion_of_points
from motions.formats.reading import About, Hints, Reading, read_text
from motions.formats.text import MOST_FRAMES, frame_rate, number, whole_number
from motions.geometry import inverse, rotate
from motions.motion import Motion
from motions.skeleton import SMPL22

_UNITS = ("m", "mm", "cm", "meters", "millimeters")
_MOST_MARKERS = 1000


def read_trc(path: Path, described: About, hints: Hints) -> Reading:
    """Read marker positions; see `markers` for the sets that are known.

    Raises:
        FormbenchError: The file is damaged, or its markers are of no known set.
    """
    markers, fps = read_markers(path)
    points, filled, unused = points_of_markers(str(path), markers, fps, hints.names)
    return motion_of_points(
        points,
        fps,
        described,
        where=str(path),
        file_format="trc",
        up=hints.up,
        unused=unused,
        filled=filled,
    )


def read_markers(path: Path) -> tuple[dict[str, np.ndarray], float]:
    """Read the markers as they are, NaN where missing, (T, 3) each; and the frame rate."""
    lines = read_text(path, "latin-1").splitlines()
    if len(lines) < 6 or not lines[0].startswith("PathFileType"):
        raise FormbenchError(f"{path}: expected a TRC file, which begins with PathFileType")
    header = _header(path, lines[1], lines[2])
    fps = frame_rate(f"{path}:3", number(f"{path}:3", header["DataRate"]))
    n_frames = whole_number(f"{path}:3", header["NumFrames"], least=1, most=MOST_FRAMES)
    count = whole_number(f"{path}:3", header["NumMarkers"], least=1, most=_MOST_MARKERS)
    names = [name.strip() for name in lines[3].split("\t")[2:] if name.strip()]
    if len(names) != count or len(set(names)) != count:
        raise FormbenchError(
            f"{path}:4: expected {count} different marker names, got {len(names)}: "
            f"{', '.join(names)}"
        )
    rows = [(at, line) for at, line in enumerate(lines[5:], start=6) if line.strip()]
    if len(rows) != n_frames:
        raise FormbenchError(f"{path}:3: says {n_frames} frames, the file has {len(rows)}")
    table = np.array([_row(f"{path}:{at}", line, count) for at, line in rows])
    _check_times(f"{path}:3", table[:, 0], fps)
    values = table[:, 1:].reshape(n_frames, count, 3)
    return {name: values[:, at] for at, name in enumerate(names)}, fps


def write_trc(motion: Motion, path: Path) -> None:
    """Write the canonical joints as markers: millimetres, +y up, the person facing +z.

    What bones do about their own axes is lost, and what `write_bvh` leaves out too.
    """
    at_mm = rotate(inverse(upright_wxyz("+y")), motion.joints_world_m) * 1000
    names, count = SMPL22.joint_names, len(SMPL22.joint_names)
    rate = repr(float(motion.fps))
    axes = [f"{axis}{at}" for at in range(1, count + 1) for axis in "XYZ"]
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame"
        "\tOrigNumFrames",
        f"{rate}\t{rate}\t{motion.n_frames}\t{count}\tmm\t{rate}\t1\t{motion.n_frames}",
        "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t",
        "\t\t" + "\t".join(axes),
        "",
    ]
    for frame, row in enumerate(at_mm):
        cells = [str(frame + 1), f"{frame / motion.fps:.6f}", *(f"{x:.6f}" for x in row.ravel())]
        lines.append("\t".join(cells))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _header(path: Path, names: str, values: str) -> Mapping[str, str]:
    header = dict(zip(names.split(), values.split(), strict=False))
    for name in ("DataRate", "NumFrames", "NumMarkers", "Units"):
        if name not in header:
            raise FormbenchError(f"{path}:3: no value for {name}")
    if header["Units"].casefold() not in _UNITS:
        raise FormbenchError(f"{path}:3: expected a unit of {_UNITS}, got {header['Units']!r}")
    return header


def _row(where: str, line: str, count: int) -> np.ndarray:
    """Return a row's time, then its marker coordinates, NaN where missing. Shape (1 + 3 count,)."""
    cells = [cell.strip() for cell in line.split("\t")]
    width = 2 + 3 * count
    if len(cells) == width + 1 and not cells[-1]:
        cells.pop()
    if len(cells) != width:
        raise FormbenchError(f"{where}: expected {width} cells, got {len(cells)}")
    missing = ("", "nan")
    at = [np.nan if cell.casefold() in missing else number(where, cell) for cell in cells[2:]]
    markers = np.array(at).reshape(count, 3)
    markers[(markers == 0).all(axis=1)] = np.nan
    return np.concatenate([[number(where, cells[1])], markers.ravel()])


def _check_times(where: str, times_s: np.ndarray, fps: float) -> None:
    """Raise where the times of the frames do not go with the frame rate."""
    steps = np.diff(times_s) * fps
    if len(steps) and not (abs(steps.mean() - 1) < 0.01 and (steps > 0).all()):
        raise FormbenchError(
            f"{where}: says {fps:g} frames a second, but its times go by {1 / steps.mean() * fps:g}"
        )
