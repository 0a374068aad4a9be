"""Draws the pictures of docs/exercises.md: `python docs/sheets.py [EXERCISE ...]`.

One sheet an exercise: a row for each of three bodies, and in it the first repetition from the front
and from the person's left, at rest, half way out, at the far end and half way back.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from motions.exercise import Exercise
from motions.library import EXERCISES, exercise
from motions.motion import Motion
from motions.perform import perform
from simulator.bodies.library import build_body
from simulator.cameras.camera import Camera, look_at
from simulator.performance import Performance
from simulator.putting_down import put_down
from simulator.rendering.gl import GlRenderer
from simulator.rendering.images import resized, write_image
from simulator.rendering.looks import sample_looks
from simulator.rendering.staging import stage
from simulator.retarget import retarget

FOLDER = Path(__file__).parent / "images" / "exercises"
FPS = 30.0
SEED = 5
TILE_PX, DRAWN_PX = 144, 288
AWAY = 6.0
"""How far the cameras are, in sizes of what they show."""
SIDES = {"front": (0.0, -1.0, 0), "side": (1.0, 0.0, 1)}
"""Where each camera is, and the axis across its picture."""
MARGIN, NARROWEST = 1.12, 0.55
"""How much more is shown than bodies fill, and the least width of a picture as a share."""
PEOPLE = {
    "small light woman": (1.0, 1.50, 0.15, 0.3),
    "average man": (0.05, 1.76, 0.5, 0.5),
    "tall heavy man": (0.0, 1.98, 0.85, 0.7),
}
"""Gender, stature in metres, weight and muscle of each body."""


def draw(what: Exercise, renderer: GlRenderer, bench_m: float = 0.0) -> np.ndarray:
    """Return the sheet of one exercise, 3 TILE_PX high and as wide as it needs. uint8."""
    style = replace(what.style(1, np.random.default_rng(SEED)), bench_m=bench_m)
    motion = perform(what, style, FPS)
    shown = moments_of(motion, _moments(motion))
    performances = [
        replace(whole, **arrays_at(whole, _moments(motion)), motion=shown)
        for gender, stature_m, weight, muscle in PEOPLE.values()
        for body in [
            build_body(
                "anny",
                {
                    "gender": gender, "stature_m": stature_m, "weight": weight,
                    "muscle": muscle, "age": 0.7, "proportions": 0.4,
                },
                grip=what.grips,
            )
        ]
        for own in [put_down(what, style, body, FPS) if what.puts_down else style]
        for whole in [retarget(perform(what, own, FPS), body)]
    ]  # fmt: skip
    cameras = cameras_on(np.concatenate([p.skin()[0].reshape(-1, 3) for p in performances]))
    rows = []
    for number, performance in enumerate(performances):
        scene = stage(performance, sample_looks(np.random.default_rng(SEED + number)))
        pictures = [[frame.rgb for frame in frames] for frames in renderer.render(scene, cameras)]
        by_camera = [picture for views in zip(*pictures, strict=True) for picture in views]
        rows.append(np.concatenate([_small(p) for p in by_camera], axis=1))
    return np.concatenate(rows)


def _small(picture: np.ndarray) -> np.ndarray:
    return resized(picture, round(picture.shape[1] * TILE_PX / DRAWN_PX), TILE_PX)


def _moments(motion: Motion) -> list[int]:
    frames = motion.reps[0].frames(motion.fps, motion.n_frames)
    phase = motion.phase[frames]
    top = int(phase.argmax())
    out = int(np.abs(phase[:top] - 0.5).argmin())
    back = top + int(np.abs(phase[top:] - 0.5).argmin())
    return [frames.start + at for at in (0, out, top, back)]


def moments_of(motion: Motion, moments: list[int]) -> Motion:
    """Return a motion of these frames alone."""
    return replace(
        motion,
        root_position_m=motion.root_position_m[moments],
        joint_rotations_wxyz=motion.joint_rotations_wxyz[moments],
        contacts=motion.contacts[moments],
        phase=motion.phase[moments],
        reps=(),
    )


def arrays_at(whole: Performance, moments: list[int]) -> dict[str, object]:
    """Return what a performance of these frames alone has in place of its own."""
    return {
        "root_m": whole.root_m[moments],
        "world_wxyz": whole.world_wxyz[moments],
        "props": {name: T[moments] for name, T in whole.props.items()},
    }


def cameras_on(points_m: np.ndarray) -> list[Camera]:
    """Look from far away at all that a body ever fills; narrow where that is narrow."""
    low, high = points_m.min(axis=0), points_m.max(axis=0)
    middle, extent_m = (low + high) / 2, (high - low) * MARGIN
    size_m = float(extent_m.max())
    return [
        Camera(
            name,
            2 * round(DRAWN_PX / 2 * max(float(extent_m[across]) / size_m, NARROWEST)),
            DRAWN_PX,
            AWAY * DRAWN_PX,
            look_at(middle + AWAY * size_m * np.array([x, y, 0.06]), middle),
        )
        for name, (x, y, across) in SIDES.items()
    ]


def main(names: list[str]) -> None:
    """Write the sheets of the named exercises, or of all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    renderer = GlRenderer()
    for what in [exercise(name) for name in names] or EXERCISES.values():
        write_image(FOLDER / f"{what.name}.jpg", draw(what, renderer))
        if what.bench_m:
            on_bench = draw(what, renderer, what.bench_m.high)
            write_image(FOLDER / f"{what.name}_bench.jpg", on_bench)


if __name__ == "__main__":
    main(sys.argv[1:])
