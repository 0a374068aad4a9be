"""A file from outside becomes a reference motion of an exercise: read, checked and segmented."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from motions.errors import FormbenchError
from motions.exercise import Exercise
from motions.floor import grips
from motions.formats.read import read_motion
from motions.formats.reading import About, Hints, Reading
from motions.library import exercise
from motions.motion import CONTACT_POINTS, Motion
from motions.motion_file import write_motion
from motions.segment import segment


def import_motion(path: Path, described: About, hints: Hints | None = None) -> Reading:
    """Read a recording of a known exercise, and mark its repetitions.

    Args:
        path: A file of any format in `formats.read.FORMATS`.
        described: Which exercise it is, where it is from, and its licence.
        hints: What the file leaves open.

    Raises:
        FormbenchError: The file cannot be read, the exercise is unknown, or the recording is none
            of it: its contacts are never made or there is no repetition.
    """
    wanted = exercise(described.exercise)
    reading = read_motion(path, described, hints)
    motion = _with_contacts(path, reading.motion, wanted)
    try:
        return replace(reading, motion=segment(motion, wanted))
    except FormbenchError as error:
        raise FormbenchError(f"{path}: {error}") from error


def import_all(
    paths: Sequence[Path],
    described: About,
    hints: Hints | None,
    folder: Path,
    on_file: Callable[[int, int], None] = lambda done, total: None,
) -> dict[Path, Reading]:
    """Import recordings and write each as NAME.npz into a folder; all of them, or none.

    Args:
        paths: Files of any format, each with another name.
        described: What all of them are.
        hints: What the files leave open.
        folder: Where the motions go; made if it is not there.
        on_file: Called with files done and files in all after each file.

    Returns:
        What was read, by the path that was written.

    Raises:
        FormbenchError: As `import_motion`; or two files have one name, or a motion is there.
    """
    targets = [folder / f"{path.stem}.npz" for path in paths]
    for target in targets:
        if targets.count(target) > 1 or target.exists():
            raise FormbenchError(f"{target}: expected a new name, but there is such a motion")
    read = {}
    for path, target in zip(paths, targets, strict=True):
        read[target] = import_motion(path, described, hints)
        on_file(len(read), len(paths))
    folder.mkdir(parents=True, exist_ok=True)
    for target, reading in read.items():
        temporary = target.with_name(f".{target.name}")
        write_motion(reading.motion, temporary)
        temporary.rename(target)
    return read


def _with_contacts(path: Path, motion: Motion, wanted: Exercise) -> Motion:
    """Add hands on a fixed bar, which only the exercise tells of; check what carries the body."""
    contacts = np.array(motion.contacts)
    if wanted.hangs:
        held = grips(motion.joints_world_m, motion.fps)
        # Where the lowest that hanging feet get was taken for the floor, they do not stand on it.
        contacts[held.all(axis=1), :2] = False
        contacts[:, 2:] |= held
    missing = [
        point for point in wanted.contacts if not contacts[:, CONTACT_POINTS.index(point)].any()
    ]
    if missing:
        where = "still overhead" if wanted.hangs else "on the floor"
        raise FormbenchError(
            f"{path}: {wanted.name} stands on {', '.join(wanted.contacts)}, but the recording "
            f"never has {', '.join(missing)} {where}"
        )
    return replace(motion, contacts=contacts)
