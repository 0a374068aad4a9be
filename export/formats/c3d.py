"""C3D, as laboratories and motion capture software read it: one file a clip.

    <side>/<clip_id>.c3d

The 22 joint centres as markers, in millimetres, in our world: +X the person's left, +Z up, which
POINT:Y_SCREEN says. Numbers are of single precision, in the byte order of Intel processors. Layout:
C3D.ORG, "The C3D File Format User Guide", 2008.
"""

import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from export.formats.format import Format, Request, clip_files
from motions.errors import FormbenchError
from motions.skeleton import SMPL22

_BLOCK = 512
_INTEL = 84
_MOST_FRAMES = 2**15 - 1
"""What readers of signed numbers can count."""
_TEXT, _WHOLE, _FLOATING = -1, 2, 4


def write_c3d(request: Request, out: Path) -> None:
    """Write one file a clip."""
    for row, clip, path in clip_files(request, out, ".c3d"):
        joints_m = clip.joints_world_m[request.frames(row)]
        if len(joints_m) > _MOST_FRAMES:
            raise FormbenchError(
                f"clip {row.clip_id}: c3d carries at most {_MOST_FRAMES} frames, "
                f"got {len(joints_m)}; export fewer of them"
            )
        path.write_bytes(_file(1000 * joints_m, row.fps / request.every))


def _file(points_mm: np.ndarray, fps: float) -> bytes:
    n_frames, n_points = points_mm.shape[:2]
    # The parameters say where the data begin, and their own length decides it.
    n_blocks = -(-len(_parameters(n_points, n_frames, fps, 0)) // _BLOCK)
    data_block = 2 + n_blocks
    parameters = _parameters(n_points, n_frames, fps, data_block)
    header = struct.pack(
        "<BBHHHHHfHHf", 2, 0x50, n_points, 0, 1, n_frames, 0, -1.0, data_block, 0, fps
    )
    quads = np.concatenate([points_mm, np.zeros((n_frames, n_points, 1))], axis=-1)
    data = quads.astype("<f4").tobytes()
    return b"".join(part + b"\0" * (-len(part) % _BLOCK) for part in (header, parameters, data))


def _parameters(n_points: int, n_frames: int, fps: float, data_block: int) -> bytes:
    names = SMPL22.joint_names
    records = [
        _group(1, "POINT"),
        _parameter(1, "USED", _WHOLE, (), struct.pack("<h", n_points)),
        _parameter(1, "FRAMES", _WHOLE, (), struct.pack("<h", n_frames)),
        _parameter(1, "DATA_START", _WHOLE, (), struct.pack("<h", data_block)),
        _parameter(1, "SCALE", _FLOATING, (), struct.pack("<f", -1.0)),
        _parameter(1, "RATE", _FLOATING, (), struct.pack("<f", fps)),
        _texts(1, "UNITS", ["mm"]),
        _texts(1, "X_SCREEN", ["+X"]),
        _texts(1, "Y_SCREEN", ["+Z"]),
        _texts(1, "LABELS", names),
        _texts(1, "DESCRIPTIONS", [name.replace("_", " ") for name in names]),
        _group(2, "ANALOG"),
        _parameter(2, "USED", _WHOLE, (), struct.pack("<h", 0)),
        _parameter(2, "RATE", _FLOATING, (), struct.pack("<f", 0.0)),
        _parameter(2, "GEN_SCALE", _FLOATING, (), struct.pack("<f", 1.0)),
    ]
    body = b"".join(records) + b"\0\0"
    n_blocks = -(-(4 + len(body)) // _BLOCK)
    return struct.pack("<BBBB", 1, 0x50, n_blocks, _INTEL) + body


def _group(number: int, name: str) -> bytes:
    # Two bytes to the next record, one for the length of a description that is not there.
    return struct.pack("<bb", len(name), -number) + name.encode() + struct.pack("<hB", 3, 0)


def _parameter(group: int, name: str, kind: int, sizes: tuple[int, ...], data: bytes) -> bytes:
    content = struct.pack("<bB", kind, len(sizes)) + bytes(sizes) + data + b"\0"
    head = struct.pack("<bb", len(name), group) + name.encode()
    return head + struct.pack("<h", 2 + len(content)) + content


def _texts(group: int, name: str, texts: Iterable[str]) -> bytes:
    raw = [text.encode("ascii") for text in texts]
    width = max(map(len, raw))
    data = b"".join(text.ljust(width) for text in raw)
    return _parameter(group, name, _TEXT, (width, len(raw)), data)


C3D = Format(
    name="c3d",
    title="C3D markers",
    kept=("22 joint centres in 3D", "the frame rate"),
    lost=(
        "image points, cameras, boxes, masks, repetitions, faults, subjects and exercises",
        "single precision",
    ),
    read_by="c3d and ezc3d",
    write=write_c3d,
    parted=True,
    simulated_only=True,
)
