"""Acclaim skeleton and motion: an ASF file with the bones, an AMC file with their angles.

An ASF bone has a direction and a length in the file's frame, and an axis frame in which its angles
are given. Rotations, of the axis and of the angles, are about fixed axes in the order that the file
names them. With all angles zero the bones point in their directions: the rest pose (M. Schafer
1995, "Acclaim Skeleton File Definition V1.10"). Files are latin-1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from motions.errors import FormbenchError
from motions.formats.names import find_names
from motions.formats.reading import About, Hints, Reading, read_text
from motions.formats.rig import Recording, motion_of
from motions.formats.text import MOST_FRAMES, Line, frame_rate, lines_of, number, numbers
from motions.geometry import multiply, rotate, to_wxyz
from motions.skeleton import Skeleton

_ROOT = "root"
_CHANNELS = ("tx", "ty", "tz", "rx", "ry", "rz")


@dataclass(frozen=True)
class Bone:
    """One bone of an ASF; the root is one without length."""

    name: str
    vector: np.ndarray
    """From its start to its end at rest, in the file's frame and unit. Shape (3,)."""
    axis: Rotation
    """From the bone's own frame to the file's frame."""
    channels: tuple[str, ...]
    """What an AMC gives for it, in order, of tx ty tz rx ry rz."""


@dataclass(frozen=True)
class Acclaim:
    """What an ASF file holds."""

    bones: tuple[Bone, ...]
    """The root first, each parent before its children."""
    parents: tuple[int, ...]
    """Index of each bone's parent; -1 for the root."""
    degrees: bool
    """Whether angles are in degrees."""


def read_amc(path: Path, described: About, hints: Hints) -> Reading:
    """Read an AMC file with the ASF file that goes with it.

    The ASF is `hints.skeleton`, or else the one in the same folder whose name the AMC's begins
    with. AMC files do not say their frame rate: `hints.fps` must.

    Raises:
        FormbenchError: A file is damaged, or the ASF or the frame rate is missing.
    """
    skeleton_path = hints.skeleton or _skeleton_beside(path)
    acclaim = read_asf(skeleton_path)
    if hints.fps is None:
        raise FormbenchError(f"{path}: an AMC file does not say its frame rate: give fps")
    fps = frame_rate(str(path), hints.fps)
    recording = _recording(acclaim, _channels(path, acclaim), fps)
    names = find_names(str(skeleton_path), recording.skeleton.joint_names, hints.names)
    return motion_of(recording, names, described, where=str(path), file_format="amc", up=hints.up)


def read_asf(path: Path) -> Acclaim:
    """Read a skeleton.

    Raises:
        FormbenchError: The file is damaged, or its hierarchy is not one tree under the root.
    """
    sections = _sections(path)
    degrees = _uses_degrees(sections.get("units", []))
    root = _root(path, sections.get("root", []), degrees)
    bones = {_ROOT: root} | _bones(path, sections.get("bonedata", []), degrees)
    parents = _hierarchy(path, sections.get("hierarchy", []), bones)
    order = [_ROOT]
    for name in order:
        order += [child for child, parent in parents.items() if parent == name]
    return Acclaim(
        bones=tuple(bones[name] for name in order),
        parents=(-1, *(order.index(parents[name]) for name in order[1:])),
        degrees=degrees,
    )


def _skeleton_beside(path: Path) -> Path:
    beside = sorted(path.parent.glob("*.[aA][sS][fF]"))
    fitting = [p for p in beside if path.stem.casefold().startswith(p.stem.casefold())]
    if not fitting:
        raise FormbenchError(
            f"{path}: no ASF file beside it whose name this one's begins with: give skeleton"
        )
    return max(fitting, key=lambda p: len(p.stem))


def _sections(path: Path) -> dict[str, list[Line]]:
    sections: dict[str, list[Line]] = {}
    rows: list[Line] = []
    for line in lines_of(path, read_text(path, "latin-1"), drop="(),"):
        if line.words[0].startswith(":"):
            rows = sections.setdefault(line.words[0][1:].casefold(), [])
        else:
            rows.append(line)
    for needed in ("root", "bonedata", "hierarchy"):
        if needed not in sections:
            raise FormbenchError(f"{path}: expected an ASF file, found no section :{needed}")
    return sections


def _uses_degrees(units: Sequence[Line]) -> bool:
    unit = "deg"
    for line in units:
        if line.words[0] == "angle":
            unit = " ".join(line.words[1:])
            if unit not in ("deg", "rad"):
                raise FormbenchError(f"{line.where}: expected deg or rad, got {unit!r}")
    return unit == "deg"


def _root(path: Path, rows: Sequence[Line], degrees: bool) -> Bone:
    channels: tuple[str, ...] = ()
    axis, angles = "xyz", [0.0, 0.0, 0.0]
    for line in rows:
        if line.words[0] == "order":
            channels = _checked_channels(line, line.words[1:])
        elif line.words[0] == "axis":
            axis = _checked_order(line, "".join(line.words[1:]))
        elif line.words[0] == "orientation":
            angles = numbers(line.where, line.words[1:], 3)
    if not channels:
        raise FormbenchError(f"{path}: :root: expected a line 'order'")
    return Bone(_ROOT, np.zeros(3), Rotation.from_euler(axis, angles, degrees=degrees), channels)


def _bones(path: Path, rows: Sequence[Line], degrees: bool) -> dict[str, Bone]:
    bones: dict[str, Bone] = {}
    begun: Line | None = None
    fields: dict[str, Line] = {}
    for line in rows:
        key = line.words[0].casefold()
        if key == "begin":
            begun, fields = line, {}
        elif key == "end" and begun is not None:
            bone = _bone(begun, fields, degrees)
            if bone.name in bones or bone.name == _ROOT:
                raise FormbenchError(f"{begun.where}: a second bone called {bone.name!r}")
            bones[bone.name], begun = bone, None
        elif begun is not None:
            fields.setdefault(key, line)
        else:
            raise FormbenchError(f"{line.where}: expected 'begin', got {line.words[0]!r}")
    if begun is not None:
        raise FormbenchError(f"{begun.where}: a bone without 'end': the file was cut short")
    return bones


def _bone(begun: Line, fields: Mapping[str, Line], degrees: bool) -> Bone:
    for needed in ("name", "direction", "length", "axis"):
        if needed not in fields or len(fields[needed].words) < 2:
            raise FormbenchError(f"{begun.where}: a bone without {needed!r}")
    direction, length, axis = fields["direction"], fields["length"], fields["axis"]
    dof = fields.get("dof")
    *angles, order = axis.words[1:]
    return Bone(
        name=fields["name"].words[1],
        vector=np.array(numbers(direction.where, direction.words[1:], 3))
        * number(length.where, length.words[1]),
        axis=Rotation.from_euler(
            _checked_order(axis, order), numbers(axis.where, angles, 3), degrees=degrees
        ),
        channels=_checked_channels(dof, dof.words[1:]) if dof else (),
    )


def _checked_order(line: Line, order: str) -> str:
    if sorted(order.casefold()) != ["x", "y", "z"]:
        raise FormbenchError(f"{line.where}: expected an order such as XYZ, got {order!r}")
    return order.casefold()


def _checked_channels(line: Line, words: Sequence[str]) -> tuple[str, ...]:
    channels = tuple(word.casefold() for word in words)
    # "l" stretches a bone in the specification; no capture system writes it.
    if not set(channels) <= set(_CHANNELS) or len(set(channels)) < len(channels):
        raise FormbenchError(
            f"{line.where}: expected some of {' '.join(_CHANNELS)}, got {' '.join(words)!r}"
        )
    return channels


def _hierarchy(path: Path, rows: Sequence[Line], bones: Mapping[str, Bone]) -> dict[str, str]:
    """Return each bone's parent, after checking that all hang on the root without a circle."""
    parents: dict[str, str] = {}
    for line in rows:
        if line.words in (["begin"], ["end"]):
            continue
        for name in line.words:
            if name not in bones:
                raise FormbenchError(f"{line.where}: no bone {name!r} in :bonedata")
        for child in line.words[1:]:
            if child in parents or child == _ROOT:
                raise FormbenchError(f"{line.where}: {child!r} has a second parent")
            parents[child] = line.words[0]
    for name in bones:
        above = name
        for _ in bones:
            above = parents.get(above, _ROOT) if above in parents else above
        if above != _ROOT:
            raise FormbenchError(f"{path}: :hierarchy: {name!r} does not hang on the root")
    return parents


def _channels(path: Path, acclaim: Acclaim) -> dict[str, np.ndarray]:
    """Read the AMC: for each bone that has channels, its values over time. Shape (T, n) each."""
    wanted = {bone.name: len(bone.channels) for bone in acclaim.bones if bone.channels}
    values: dict[str, list[list[float]]] = {name: [] for name in wanted}
    n_frames = 0
    for line in lines_of(path, read_text(path, "latin-1")):
        first = line.words[0]
        if first.startswith(":"):
            if first.casefold() == ":radians" and acclaim.degrees:
                raise FormbenchError(f"{line.where}: radians, but the ASF says degrees")
        elif len(line.words) == 1 and first.isascii() and first.isdigit():
            _check_complete(path, values, n_frames)
            n_frames += 1
            if int(first[:9]) != n_frames or n_frames > MOST_FRAMES:
                raise FormbenchError(f"{line.where}: expected frame {n_frames}, got {first}")
        elif first not in wanted or len(values[first]) != n_frames - 1:
            what = "twice in a frame" if first in wanted else "not in the ASF"
            raise FormbenchError(f"{line.where}: bone {first!r} is {what}")
        else:
            values[first].append(numbers(line.where, line.words[1:], wanted[first]))
    _check_complete(path, values, n_frames)
    if n_frames == 0:
        raise FormbenchError(f"{path}: expected an AMC file, found no frame")
    return {name: np.array(rows) for name, rows in values.items()}


def _check_complete(path: Path, values: Mapping[str, Sequence[object]], n_frames: int) -> None:
    for name, rows in values.items():
        if len(rows) != n_frames:
            raise FormbenchError(f"{path}: frame {n_frames} has no values for {name!r}")


def _recording(acclaim: Acclaim, values: Mapping[str, np.ndarray], fps: float) -> Recording:
    n_frames = len(values[_ROOT])
    world = np.zeros((n_frames, len(acclaim.bones), 4))
    starts = np.zeros((n_frames, len(acclaim.bones), 3))
    offsets = np.zeros((len(acclaim.bones), 3))
    for at, (bone, parent) in enumerate(zip(acclaim.bones, acclaim.parents, strict=True)):
        turned, moved = _local(bone, values.get(bone.name), n_frames, acclaim.degrees)
        if parent < 0:
            world[:, at], starts[:, at] = turned, moved
        else:
            offsets[at] = acclaim.bones[parent].vector
            world[:, at] = multiply(world[:, parent], turned)
            starts[:, at] = starts[:, parent] + rotate(world[:, parent], offsets[at])
    names = tuple(bone.name for bone in acclaim.bones)
    return Recording(Skeleton(names, acclaim.parents, offsets), fps, starts, world)


def _local(
    bone: Bone, values: np.ndarray | None, n_frames: int, degrees: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return a bone's rotation to its parent (T, 4), in the file's frame, and its shift (T, 3)."""
    by_channel = {
        channel: np.zeros(n_frames) if values is None else values[:, column]
        for column, channel in enumerate(bone.channels)
    }
    order = [channel[1] for channel in bone.channels if channel[0] == "r"]
    turned = Rotation.identity(n_frames)
    if order:
        angles = np.stack([by_channel[f"r{axis}"] for axis in order], axis=-1)
        turned = Rotation.from_euler("".join(order), angles, degrees=degrees)
    shift = [by_channel.get(f"t{axis}", np.zeros(n_frames)) for axis in "xyz"]
    return to_wxyz(bone.axis * turned * bone.axis.inv()), np.stack(shift, axis=-1)
