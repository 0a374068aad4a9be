"""What goes into a reader besides the file, and what comes out besides the motion."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from motions.errors import FormbenchError
from motions.motion import Motion

LARGEST_BYTES = 1 << 30
"""Files over one gibibyte are refused: an hour of motion capture is a tenth of that."""


@dataclass(frozen=True)
class About:
    """What a file does not say of itself: what is done in it, where it is from, who may use it."""

    exercise: str
    source: str
    licence: str
    """SPDX identifier, or LicenseRef-... for one that SPDX does not list."""

    def __post_init__(self) -> None:
        for name in ("exercise", "source", "licence"):
            if not getattr(self, name).strip():
                raise FormbenchError(f"{name}: expected a text, got nothing")


@dataclass(frozen=True)
class Hints:
    """What a reader cannot know from some files; None where the file says it or it can be found.

    A hint that a format has no use for is an error, so that none is given in vain.
    """

    up: str | None = None
    """The file's axis that points up, such as "+y"."""
    fps: float | None = None
    """Frames per second."""
    names: Mapping[str, str] | None = None
    """The file's name of each canonical joint."""
    convention: str | None = None
    """What the keypoints or markers are, in their order."""
    skeleton: Path | None = None
    """The ASF file of an AMC file."""


@dataclass(frozen=True)
class Reading:
    """A motion, and how it came out of its file."""

    motion: Motion
    format: str
    up: str
    """The file's axis that points up: "+y", "+z", ..."""
    floor_height: float
    """Height of the floor that was found, in the file's own frame and unit."""
    scale: float
    """Metres on the canonical skeleton for one unit of the file, by the length of the legs."""
    unused: tuple[str, ...] = ()
    """Names in the file that no joint was made from: fingers, props, spare markers."""
    assumed: Mapping[str, str] = field(default_factory=dict)
    """Canonical joints that the file says nothing of, and what was assumed for each."""
    filled: Mapping[str, float] = field(default_factory=dict)
    """For each keypoint or marker with gaps the fraction of frames that were filled."""
    doubts: tuple[str, ...] = ()
    """What a person should look at before trusting the motion."""


def read_text(path: Path, encoding: str = "utf-8") -> str:
    """Read a text file whole, or say what is wrong with it."""
    data = read_bytes(path).removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormbenchError(
            f"{path}:{line}: expected {encoding} text, got byte 0x{data[error.start]:02x}"
        ) from error


def read_bytes(path: Path) -> bytes:
    """Read a file whole, or say why it cannot be read."""
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise FormbenchError(
                f"{path}: expected a file of at most {LARGEST_BYTES >> 20} MiB, got {size >> 20}"
            )
        return path.read_bytes()
    except OSError as error:
        raise FormbenchError(f"{path}: cannot be read: {error.strerror}") from error


def read_head(path: Path, size: int = 1 << 16) -> bytes:
    """Read the first bytes of a file, or say why it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise FormbenchError(f"{path}: cannot be read: {error.strerror}") from error
