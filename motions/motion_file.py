"""Motions on disk, in our own format: an .npz file with every field, no pickles.

What is read back equals what was written, in every value; the same motion gives the same bytes.
"""

from pathlib import Path

import numpy as np

from motions.errors import FormbenchError
from motions.formats.npy import read_npz
from motions.motion import Motion, Span

SCHEMA = "formbench.motion/2"
_ARRAYS = ("root_position_m", "joint_rotations_wxyz", "contacts", "phase")
_TEXTS = ("exercise", "source", "licence")


def write_motion(motion: Motion, path: Path) -> None:
    """Write a motion; the file's name should end in .npz."""
    fields = {name: getattr(motion, name) for name in _ARRAYS}
    fields |= {name: np.array(getattr(motion, name)) for name in _TEXTS}
    reps = np.array([[rep.start_s, rep.end_s] for rep in motion.reps]).reshape(-1, 2)
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            allow_pickle=False,
            schema=np.array(SCHEMA),
            fps=np.array(motion.fps),
            bench_m=np.array(motion.bench_m),
            reps_s=reps,
            **fields,
        )


def load_motion(path: Path) -> Motion:
    """Read a motion that `write_motion` wrote.

    Raises:
        FormbenchError: It is no such file, or damaged.
    """
    names = ("schema", "fps", "bench_m", "reps_s", *_ARRAYS, *_TEXTS)
    held = read_npz(path, names)
    schema = str(held.get("schema", "none"))
    if schema != SCHEMA:
        raise FormbenchError(
            f"{path}: expected a motion of schema {SCHEMA}, got {schema}; import it again"
        )
    missing = [name for name in names if name not in held]
    if missing:
        raise FormbenchError(f"{path}: damaged: no {', '.join(missing)}")
    try:
        return Motion(
            exercise=str(held["exercise"]),
            fps=float(held["fps"]),
            root_position_m=held["root_position_m"],
            joint_rotations_wxyz=held["joint_rotations_wxyz"],
            contacts=held["contacts"],
            reps=tuple(Span(float(start), float(end)) for start, end in held["reps_s"]),
            phase=held["phase"],
            source=str(held["source"]),
            licence=str(held["licence"]),
            bench_m=float(held["bench_m"]),
        )
    except (ValueError, TypeError, FormbenchError) as error:
        raise FormbenchError(f"{path}: damaged: {error}") from error
