"""Recorded motions by name, for configs.

A name is either the path of a file that `workbench motions import` wrote, or `pybullet:NAME` for
one of the DeepMimic clips that come with PyBullet (real motion capture, MIT licence).
"""

from functools import lru_cache
from pathlib import Path

from motions.errors import unknown_name
from motions.formats.deepmimic import pybullet_clips, read_deepmimic
from motions.formats.reading import About
from motions.motion import Motion
from motions.motion_file import load_motion

PYBULLET = "pybullet:"


@lru_cache(maxsize=16)
def recording(name: str) -> Motion:
    """Return a recorded motion at its own frame rate.

    Raises:
        FormbenchError: There is no such clip or file, or the file is damaged.
    """
    if not name.startswith(PYBULLET):
        return load_motion(Path(name))
    clips, clip = pybullet_clips(), name.removeprefix(PYBULLET)
    if clip not in clips:
        raise unknown_name("PyBullet clip", clip, clips)
    about = About(exercise=clip, source=f"pybullet_data/{clips[clip].name}", licence="MIT")
    return read_deepmimic(clips[clip], about).motion


def short_name(name: str) -> str:
    """Return what a recording is called in ids: the clip's name, or the file's without ending.

    >>> short_name("pybullet:jump"), short_name("takes/ann_squat.npz")
    ('jump', 'ann_squat')
    """
    return name.removeprefix(PYBULLET) if name.startswith(PYBULLET) else Path(name).stem
