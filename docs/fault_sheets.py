"""Draws docs/fault_sheets.md and its pictures: `python docs/fault_sheets.py [EXERCISE ...]`.

One sheet an exercise, three pictures a fault: clean, mild and severe, all else equal, where the
severe one differs most and from the side on which that shows. What is only a matter of time cannot
be seen in a still picture and is left out.
"""

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from sheets import FPS, SEED, SIDES, arrays_at, cameras_on, moments_of

from motions.library import EXERCISES, exercise
from motions.motion import Motion
from motions.perform import perform
from simulator.bodies.body import Body
from simulator.bodies.library import build_body
from simulator.deliver import deliver
from simulator.faults.injection import Injection
from simulator.faults.library import faults_of
from simulator.faults.spec import FaultSpec
from simulator.performance import Performance
from simulator.rendering.gl import GlRenderer
from simulator.rendering.images import resized, write_image
from simulator.rendering.looks import sample_looks
from simulator.rendering.staging import stage

FOLDER = Path(__file__).parent / "images" / "faults"
PAGE = Path(__file__).parent / "fault_sheets.md"
TIMED = ("tempo_fast", "tempo_slow", "uncontrolled_eccentric", "pause", "bounce", "fatigue_drift")
ACROSS, TILE_PX, GAP_PX = 3, 150, 8
"""How many faults stand beside one another, how large a picture is, and the room between them."""
PERSON = {
    "gender": 0.8, "stature_m": 1.68, "weight": 0.4, "muscle": 0.5, "age": 0.7, "proportions": 0.4,
}  # fmt: skip


@cache
def person(grip: bool) -> Body:
    """Return who shows the faults."""
    return build_body("anny", PERSON, grip=grip)


def seen(exercise_name: str) -> list[FaultSpec]:
    """Return the faults of an exercise that a still picture shows."""
    return [spec for spec in faults_of(exercise_name) if spec.name not in TIMED]


def shown(motion: Motion, spec: FaultSpec, size: float | None) -> Performance:
    """Show a fault at a size, or nothing, in every repetition of a whole set or in the last."""
    body = person(exercise(spec.exercise).grips)
    reps = range(len(motion.reps)) if spec.whole_set else [len(motion.reps) - 1]
    side = "both" if spec.sides == ("both",) else "left"
    put = [] if size is None else [Injection(spec.id, rep, size, side) for rep in reps]
    return deliver(motion, body, put, metrics=False)


def pictures(spec: FaultSpec, renderer: GlRenderer) -> np.ndarray:
    """Return clean, mild and severe side by side, TILE_PX high. uint8."""
    what = exercise(spec.exercise)
    motion = perform(what, what.style(max(1, spec.fewest_reps), np.random.default_rng(SEED)), FPS)
    three = [shown(motion, spec, size) for size in (None, spec.mild, spec.severe)]
    frames = motion.reps[-1].frames(FPS, motion.n_frames)
    off_m = np.linalg.norm(three[2].joints_world_m - three[0].joints_world_m, axis=-1)[frames]
    at = [frames.start + int(off_m.mean(axis=1).argmax())]
    stills = [replace(p, **arrays_at(p, at), motion=moments_of(motion, at)) for p in three]
    cameras = cameras_on(np.concatenate([still.skin()[0].reshape(-1, 3) for still in stills]))
    moved_m = np.abs(stills[2].joints_world_m - stills[0].joints_world_m).sum(axis=(0, 1))
    camera = cameras[list(SIDES).index("side" if moved_m[1] > moved_m[0] else "front")]
    tiles = []
    for still in stills:
        scene = stage(still, sample_looks(np.random.default_rng(SEED)))
        [(frame,)] = renderer.render(scene, [camera])
        tiles.append(_square(frame.rgb))
    return np.concatenate(tiles, axis=1)


def sheet(exercise_name: str, renderer: GlRenderer) -> np.ndarray:
    """Return all faults of an exercise, ACROSS in a row. uint8."""
    threes = [pictures(spec, renderer) for spec in seen(exercise_name)]
    height, width, _ = threes[0].shape
    n_rows = -(-len(threes) // ACROSS)
    page = np.full((n_rows * (height + GAP_PX), ACROSS * (width + GAP_PX), 3), 255, np.uint8)
    for number, three in enumerate(threes):
        row, column = divmod(number, ACROSS)
        top, left = row * (height + GAP_PX), column * (width + GAP_PX)
        page[top : top + height, left : left + width] = three
    return page


def page() -> str:
    """Return the text round the sheets."""
    lines = [
        "<!-- Made by docs/fault_sheets.py. -->", "", "# What the faults look like", "",
        "Three pictures a fault: clean, mild and severe, by one person, all else equal, where the",
        "severe one differs most and from the side on which that shows. Faults of time alone are",
        "not shown. What each is and how large: [faults.md](faults.md).",
    ]  # fmt: skip
    for what in EXERCISES.values():
        names = [f"`{spec.name}`" for spec in seen(what.name)]
        lines += ["", f"## {what.title}", "", f"![{what.title}](images/faults/{what.name}.jpg)", ""]
        for row, first in enumerate(range(0, len(names), ACROSS)):
            lines.append(f"{row + 1}. {', '.join(names[first : first + ACROSS])}")
    return "\n".join(lines) + "\n"


def _square(picture: np.ndarray) -> np.ndarray:
    height, width, _ = picture.shape
    small = resized(picture, min(TILE_PX, round(width * TILE_PX / height)), TILE_PX)
    tile = np.full((TILE_PX, TILE_PX, 3), 255, np.uint8)
    left = (TILE_PX - small.shape[1]) // 2
    tile[:, left : left + small.shape[1]] = small
    return tile


def main(names: list[str]) -> None:
    """Write the sheets of the named exercises, or of all, and the page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    renderer = GlRenderer()
    for name in names or EXERCISES:
        write_image(FOLDER / f"{name}.jpg", sheet(name, renderer))
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
