"""Any motion file to a motion: the table of formats, and the reader that chooses by content."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from motions.errors import FormbenchError
from motions.formats.amass import read_amass
from motions.formats.asfamc import read_amc
from motions.formats.bvh import read_bvh
from motions.formats.c3d import is_c3d, read_c3d
from motions.formats.deepmimic import read_deepmimic
from motions.formats.keypoints import read_keypoints
from motions.formats.npy import is_npy
from motions.formats.opensim import read_mot
from motions.formats.reading import About, Hints, Reading, read_head
from motions.formats.trc import read_trc


@dataclass(frozen=True)
class Format:
    """One format of motion files."""

    title: str
    recognises: Callable[[bytes], bool]
    """Whether a file with these first bytes, 64 KiB at most, is of this format."""
    read: Callable[[Path, About, Hints], Reading]
    hints: tuple[str, ...]
    """The fields of Hints that its files leave open."""


def _starts(*words: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(words)


def _is_json(head: bytes) -> bool:
    return _starts(b"{")(head)


FORMATS = {
    "bvh": Format("Biovision BVH", _starts(b"hierarchy"), read_bvh, ("up", "names")),
    "amc": Format(
        "Acclaim ASF/AMC",
        lambda head: b":fully-specified" in head.lower() or b":degrees" in head.lower(),
        read_amc,
        ("up", "fps", "names", "skeleton"),
    ),
    "amass": Format(
        "AMASS (SMPL, SMPL-H, SMPL-X)",
        lambda head: head.startswith(b"PK") and b"keypoints.npy" not in head,
        read_amass,
        ("up", "fps"),
    ),
    "deepmimic": Format(
        "DeepMimic",
        lambda head: _is_json(head) and b'"Frames"' in head,
        lambda path, described, _: read_deepmimic(path, described),
        (),
    ),
    "c3d": Format("C3D markers", is_c3d, read_c3d, ("up", "names")),
    "trc": Format("TRC markers", _starts(b"pathfiletype"), read_trc, ("up", "names")),
    "opensim": Format("OpenSim motion", lambda head: b"endheader" in head.lower(), read_mot, ()),
    "keypoints": Format(
        "3D keypoints (.npz, .npy, JSON)",
        lambda head: is_npy(head) or head.startswith(b"PK") or _is_json(head),
        read_keypoints,
        ("up", "fps", "convention"),
    ),
}
"""In the order in which they are tried."""


def read_motion(path: Path, described: About, hints: Hints | None = None) -> Reading:
    """Read a motion file of whatever format it is.

    Args:
        path: The file.
        described: What is done in it, where it is from, and its licence.
        hints: What the file leaves open; see `Hints`.

    Raises:
        FormbenchError: The file is of no known format, is damaged, leaves something open, or a
            hint is given that its format has no use for.
    """
    hints = hints or Hints()
    kind = format_of(path)
    for field in fields(hints):
        if getattr(hints, field.name) is not None and field.name not in FORMATS[kind].hints:
            raise FormbenchError(
                f"{path}: {field.name}: a file of format {kind} says that itself; leave it out"
            )
    return FORMATS[kind].read(path, described, hints)


def format_of(path: Path) -> str:
    """Return the name in FORMATS of a file's format, by its content."""
    head = read_head(path)
    for name, kind in FORMATS.items():
        if kind.recognises(head):
            return name
    titles = ", ".join(kind.title for kind in FORMATS.values())
    raise FormbenchError(f"{path}: expected a motion file ({titles}), got something else")
