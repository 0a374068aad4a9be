"""What else is in the room: things before the person, and other people who train.

Both are drawn with the plan; their meshes and motions follow from what was drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from motions.geometry import Z_AXIS, about, multiply, rotate
from motions.library import EXERCISES, exercise
from motions.perform import perform
from motions.variation import Style
from simulator.bodies.library import build_body, sample_body
from simulator.cameras.camera import Camera
from simulator.performance import Performance
from simulator.rendering.looks import Mesh, box, cylinder, joined, sample_looks
from simulator.rendering.mesh_file import mesh_of_file
from simulator.rendering.scene import Person, Prop, Rgb, Scene
from simulator.retarget import retarget

OUR_THINGS = dict.fromkeys(("plyo_box", "bench", "post", "rack"), "")
"""What is made in code, under no licence but that of the program."""
_CLEAR_M = 1.4  # from the person to the middle of a thing, so that nothing is run into
_OTHERS_AT_M = (1.9, 2.9)
_FROM_CAMERA_M = 1.0


@dataclass(frozen=True)
class Thing:
    """Something that stands in the room."""

    kind: str
    """One of OUR_THINGS, or the name of a mesh file."""
    at_m: tuple[float, float]
    """Where on the floor."""
    yaw_rad: float
    rgb: Rgb
    licence: str = ""
    """An SPDX expression for what the user brought; "" for ours."""


@dataclass(frozen=True)
class Other:
    """Somebody else in the room."""

    body_values: Mapping[str, float]
    exercise: str
    style: Style
    part_rgb: Mapping[str, Rgb]
    at_m: tuple[float, float]
    yaw_rad: float
    first_frame: int
    """At which frame of the exercise the clip begins; it goes on forth and back."""


def sample_things(
    n: int, kinds: Mapping[str, str], cameras: Sequence[Camera], rng: np.random.Generator
) -> tuple[Thing, ...]:
    """Draw things that each hide a part of the person from one of the cameras.

    Args:
        n: How many.
        kinds: What they can be, with its licence.
        cameras: Who looks.
        rng: Where the draws come from.
    """
    return tuple(_thing(kinds, cameras[int(rng.integers(len(cameras)))], rng) for _ in range(n))


def _thing(kinds: Mapping[str, str], camera: Camera, rng: np.random.Generator) -> Thing:
    to_camera_m = camera.position_m[:2]
    far_m = float(np.linalg.norm(to_camera_m))
    ahead = to_camera_m / far_m
    out_m = max(_CLEAR_M, rng.uniform(0.35, 0.6) * far_m)
    across_m = rng.uniform(-0.3, 0.3) * (1 - out_m / far_m)
    x, y = out_m * ahead + across_m * np.array([-ahead[1], ahead[0]])
    grey = float(rng.uniform(0.08, 0.75))
    tint = rng.uniform(-0.08, 0.08, 3)
    r, g, b = np.clip(grey + tint, 0, 1).tolist()
    kind = str(rng.choice(list(kinds)))
    yaw_rad = float(rng.uniform(0, 2 * np.pi))
    return Thing(kind, (float(x), float(y)), yaw_rad, (r, g, b), kinds[kind])


def thing_prop(thing: Thing, n_frames: int) -> Prop:
    """Make a thing's surface, standing still."""
    mesh = _mesh(thing.kind)
    T_world_prop = np.eye(4)
    cosine, sine = np.cos(thing.yaw_rad), np.sin(thing.yaw_rad)
    T_world_prop[:2, :2] = [[cosine, -sine], [sine, cosine]]
    T_world_prop[:2, 3] = thing.at_m
    still = np.tile(T_world_prop, (n_frames, 1, 1))
    return Prop(thing.kind, mesh.vertices_m, mesh.faces, thing.rgb, still)


def _mesh(kind: str) -> Mesh:
    if kind not in OUR_THINGS:
        return mesh_of_file(kind)
    if kind == "plyo_box":
        return box((0.5, 0.6, 0.75), (0, 0, 0.375))
    if kind == "bench":
        legs = [box((0.06, 0.4, 0.42), (x, 0, 0.21)) for x in (-0.35, 0.35)]
        return joined(box((1.0, 0.28, 0.08), (0, 0, 0.46)), *legs)
    if kind == "post":
        return joined(cylinder(0.05, 2.2, 2, (0, 0, 1.1)), cylinder(0.25, 0.03, 2, (0, 0, 0.015)))
    posts = [box((0.06, 0.06, 1.1), (x, 0, 0.55)) for x in (-0.45, 0.45)]
    shelves = [box((0.9, 0.3, 0.04), (0, 0, z)) for z in (0.3, 0.7, 1.08)]
    return joined(*posts, *shelves)


def sample_others(
    n: int, body_model: str, cameras: Sequence[Camera], rng: np.random.Generator
) -> tuple[Other, ...]:
    """Draw people who do exercises of their own about the person, none close before a camera."""
    free = sorted(name for name, e in EXERCISES.items() if not e.props and not e.hangs)
    others: list[Other] = []
    for _ in range(n):
        name = str(rng.choice(free))
        others.append(
            Other(
                body_values=sample_body(body_model, rng),
                exercise=name,
                style=exercise(name).style(2, rng),
                part_rgb=sample_looks(rng).part_rgb,
                at_m=_place([other.at_m for other in others], cameras, rng),
                yaw_rad=float(rng.uniform(-np.pi, np.pi)),
                first_frame=int(rng.integers(60)),
            )
        )
    return tuple(others)


def _place(
    taken_m: Sequence[tuple[float, float]], cameras: Sequence[Camera], rng: np.random.Generator
) -> tuple[float, float]:
    """Draw places and take the first that keeps off the others and the cameras."""
    angle, far_m = rng.uniform(0, 2 * np.pi, 16), rng.uniform(*_OTHERS_AT_M, 16)
    places_m = np.stack([far_m * np.cos(angle), far_m * np.sin(angle)], axis=1)
    keep_off_m = np.array([*taken_m, *(camera.position_m[:2] for camera in cameras)])
    off_m = np.linalg.norm(places_m[:, None] - keep_off_m, axis=-1).min(axis=1)
    is_free = off_m > _FROM_CAMERA_M
    x, y = places_m[is_free.argmax() if is_free.any() else off_m.argmax()].tolist()
    return x, y


def other_person(other: Other, body_model: str, fps: float, n_frames: int) -> Person:
    """Let somebody do their exercise where they are, for as long as the clip lasts."""
    body = build_body(body_model, other.body_values, grip=False)
    motion = perform(exercise(other.exercise), other.style, fps)
    alone = retarget(motion, body, metrics=False)
    turn = about(Z_AXIS, other.yaw_rad)
    last = max(alone.n_frames - 1, 1)
    to_and_fro = last - np.abs(last - (np.arange(n_frames) + other.first_frame) % (2 * last))
    frames = np.minimum(to_and_fro, alone.n_frames - 1)
    root_m = rotate(turn, alone.root_m[frames]) + np.array([*other.at_m, 0.0])
    world_wxyz = multiply(turn, alone.world_wxyz[frames])
    return Person(_lasting(alone, frames, root_m, world_wxyz), other.part_rgb)


def furnished(
    scene: Scene, things: Sequence[Thing], others: Sequence[Other], body_model: str
) -> Scene:
    """Return a scene with what else is there."""
    fps, n_frames = scene.performance.fps, scene.performance.n_frames
    return replace(
        scene,
        props=(*scene.props, *(thing_prop(thing, n_frames) for thing in things)),
        others=tuple(other_person(other, body_model, fps, n_frames) for other in others),
    )


def _lasting(
    alone: Performance, frames: np.ndarray, root_m: np.ndarray, world_wxyz: np.ndarray
) -> Performance:
    motion = replace(
        alone.motion,
        root_position_m=alone.motion.root_position_m[frames],
        joint_rotations_wxyz=alone.motion.joint_rotations_wxyz[frames],
        contacts=alone.motion.contacts[frames],
        phase=alone.motion.phase[frames],
        reps=(),
    )
    return replace(alone, motion=motion, root_m=root_m, world_wxyz=world_wxyz, props={})
