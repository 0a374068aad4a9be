"""Biovision hierarchy: a tree of joints with offsets, then one line of channel values a frame.

A joint's rotation channels turn it about its own moving axes in the order that they are listed, in
degrees; position channels replace its offset, as Blender and bvhio have it. The rest pose is the
one with all rotations zero. Unit and axes are nowhere said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from motions.errors import FormbenchError
from motions.formats.axes import upright_wxyz
from motions.formats.names import find_names
from motions.formats.reading import About, Hints, Reading, read_text
from motions.formats.rig import Recording, motion_of
from motions.formats.text import (
    MOST_FRAMES,
    Line,
    lines_of,
    numbers,
    rate_of_period,
    whole_number,
)
from motions.geometry import IDENTITY_WXYZ, about, inverse, multiply, rotate, rotation
from motions.motion import Motion
from motions.skeleton import SMPL22, Skeleton

_AXES = dict(zip("xyz", np.eye(3), strict=True))
_MOST_CHANNELS = 10_000


@dataclass
class _Node:
    """A joint or end site while its block is read; `offset` is None until its line has come."""

    name: str
    where: str
    parent: int
    offset: np.ndarray | None = None
    channels: tuple[str, ...] = ()


def read_bvh(path: Path, described: About, hints: Hints) -> Reading:
    """Read a BVH file; its first root is the person, further ones are reported as unused.

    Raises:
        FormbenchError: The file is damaged, or its joints do not make a person.
    """
    recording, others = read_recording(path)
    ours = set(SMPL22.joint_names) <= set(recording.skeleton.joint_names)
    return motion_of(
        recording,
        find_names(str(path), recording.skeleton.joint_names, hints.names),
        described,
        where=str(path),
        file_format="bvh",
        up=hints.up,
        unused=others,
        spine_is_straight=ours,
    )


def read_recording(path: Path) -> tuple[Recording, tuple[str, ...]]:
    """Read the first tree of a BVH file as it is, and the names of the joints in further trees.

    An end site becomes a joint called after its parent with "_end".
    """
    lines = list(lines_of(path, read_text(path, "latin-1")))
    starts = [at for at, line in enumerate(lines) if line.words[0].casefold() == "motion"]
    if not starts or lines[0].words[0].casefold() != "hierarchy":
        raise FormbenchError(f"{path}: expected a BVH file, with HIERARCHY and MOTION")
    nodes = _hierarchy(path, lines[1 : starts[0]])
    fps, rows = _frames(path, lines[starts[0] + 1 :], sum(len(n.channels) for n in nodes))
    roots = [at for at, node in enumerate(nodes) if node.parent < 0]
    person = nodes[: roots[1]] if len(roots) > 1 else nodes
    return _recording(person, fps, rows), tuple(node.name for node in nodes[len(person) :])


def write_bvh(motion: Motion, path: Path, skeleton: Skeleton = SMPL22) -> None:
    """Write a motion on a skeleton of the canonical joints: centimetres, +y up, facing +z.

    Joints have their canonical names. What a BVH has no place for is not written: contacts,
    repetitions, phase, source and licence.
    """
    turn = inverse(upright_wxyz("+y"))
    offsets_cm = rotate(turn, skeleton.offsets_m) * 100
    lines = ["HIERARCHY"]
    order = _write_joint(0, 0, offsets_cm, lines)
    local = multiply(multiply(turn, motion.joint_rotations_wxyz), inverse(turn))
    euler_deg = rotation(local).as_euler("ZXY", degrees=True)
    root_cm = rotate(turn, motion.root_position_m) * 100
    lines += ["MOTION", f"Frames: {motion.n_frames}", f"Frame Time: {1 / motion.fps:.9f}"]
    for position, angles in zip(root_cm, euler_deg[:, order], strict=True):
        lines.append(" ".join(f"{x:.9g}" for x in (*position, *angles.ravel())))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_joint(joint: int, depth: int, offsets_cm: np.ndarray, lines: list[str]) -> list[int]:
    """Append a joint's block and those below; return the joints in the order of their blocks."""
    indent = "  " * depth
    rotations = "Zrotation Xrotation Yrotation"
    first = joint == 0
    lines += [
        f"{indent}{'ROOT' if first else 'JOINT'} {SMPL22.joint_names[joint]}",
        f"{indent}{{",
        f"{indent}  OFFSET " + " ".join(f"{x:.9g}" for x in offsets_cm[joint]),
        f"{indent}  CHANNELS "
        + (f"6 Xposition Yposition Zposition {rotations}" if first else f"3 {rotations}"),
    ]
    order = [joint]
    children = [child for child, parent in enumerate(SMPL22.parents) if parent == joint]
    for child in children:
        order += _write_joint(child, depth + 1, offsets_cm, lines)
    if not children:
        lines += [
            f"{indent}  End Site",
            f"{indent}  {{",
            f"{indent}    OFFSET 0 0 0",
            f"{indent}  }}",
        ]
    lines.append(f"{indent}}}")
    return order


def _hierarchy(path: Path, lines: Sequence[Line]) -> list[_Node]:
    nodes: list[_Node] = []
    open_nodes: list[int] = []
    announced: _Node | None = None
    for line in lines:
        key = line.words[0].casefold()
        parent = open_nodes[-1] if open_nodes else -1
        if announced is not None:
            if line.words != ["{"]:
                raise FormbenchError(f"{line.where}: expected '{{', got {line.words[0]!r}")
            open_nodes.append(len(nodes))
            nodes.append(announced)
            announced = None
        elif key in ("root", "joint") and len(line.words) > 1 and (key == "root") == (parent < 0):
            announced = _Node(" ".join(line.words[1:]), line.where, parent)
        elif key == "end" and parent >= 0:
            announced = _Node(f"{nodes[parent].name}_end", line.where, parent)
        elif key == "offset" and parent >= 0:
            nodes[parent].offset = np.array(numbers(line.where, line.words[1:], 3))
        elif key == "channels" and parent >= 0:
            nodes[parent].channels = _channels(line)
        elif line.words == ["}"] and parent >= 0:
            open_nodes.pop()
        else:
            raise FormbenchError(f"{line.where}: {' '.join(line.words)!r} has no place here")
    if open_nodes or announced is not None or not nodes:
        where = nodes[open_nodes[-1]].where if open_nodes else str(path)
        raise FormbenchError(f"{where}: a joint that is not closed: the file was cut short")
    _check_nodes(nodes)
    return nodes


def _channels(line: Line) -> tuple[str, ...]:
    names = tuple(word.casefold() for word in line.words[2:])
    known = {f"{axis}{kind}" for axis in _AXES for kind in ("position", "rotation")}
    if not set(names) <= known or len(set(names)) < len(names):
        raise FormbenchError(
            f"{line.where}: expected channels such as Xposition or Zrotation, each once, "
            f"got {' '.join(line.words[2:])!r}"
        )
    whole_number(
        line.where, line.words[1] if len(line.words) > 1 else "", least=len(names), most=len(names)
    )
    return names


def _check_nodes(nodes: Sequence[_Node]) -> None:
    seen: set[str] = set()
    for node in nodes:
        if node.offset is None:
            raise FormbenchError(f"{node.where}: joint {node.name!r} has no OFFSET")
        if node.name in seen:
            raise FormbenchError(f"{node.where}: a second joint called {node.name!r}")
        seen.add(node.name)
    if sum(len(node.channels) for node in nodes) > _MOST_CHANNELS:
        raise FormbenchError(f"{nodes[0].where}: expected at most {_MOST_CHANNELS} channels")


def _frames(path: Path, lines: Sequence[Line], n_channels: int) -> tuple[float, np.ndarray]:
    if len(lines) < 2 or [w.casefold() for w in lines[0].words[:1]] != ["frames:"]:
        raise FormbenchError(f"{path}: expected 'Frames:' and 'Frame Time:' after MOTION")
    count, period = lines[0], lines[1]
    if [w.casefold() for w in period.words[:2]] != ["frame", "time:"] or len(period.words) != 3:
        raise FormbenchError(f"{period.where}: expected 'Frame Time:' and seconds")
    n_frames = whole_number(count.where, " ".join(count.words[1:]), least=1, most=MOST_FRAMES)
    fps = rate_of_period(period.where, period.words[2])
    rows = lines[2:]
    if len(rows) != n_frames:
        raise FormbenchError(f"{count.where}: says {n_frames} frames, the file has {len(rows)}")
    return fps, np.array([numbers(row.where, row.words, n_channels) for row in rows])


def _recording(nodes: Sequence[_Node], fps: float, rows: np.ndarray) -> Recording:
    offsets = np.stack([node.offset for node in nodes if node.offset is not None])
    world = np.zeros((len(rows), len(nodes), 4))
    positions = np.zeros((len(rows), len(nodes), 3))
    column = 0
    for at, node in enumerate(nodes):
        turned = np.tile(IDENTITY_WXYZ, (len(rows), 1))
        moved = np.tile(offsets[at], (len(rows), 1))
        for channel in node.channels:
            axis, values = channel[0], rows[:, column]
            column += 1
            if channel.endswith("position"):
                moved[:, "xyz".index(axis)] = values
            else:
                turned = multiply(turned, about(_AXES[axis], np.deg2rad(values)))
        if node.parent < 0:
            world[:, at], positions[:, at] = turned, moved
        else:
            world[:, at] = multiply(world[:, node.parent], turned)
            positions[:, at] = positions[:, node.parent] + rotate(world[:, node.parent], moved)
    names = tuple(node.name for node in nodes)
    return Recording(
        Skeleton(names, tuple(n.parent for n in nodes), offsets), fps, positions, world
    )
