"""Counterfactual flips: the same performances with one attribute changed, and what that changes.

Only a simulator can ask this: nothing but the attribute differs, so whatever changes in a verdict
is due to it. Most need no pixels and are made on true points: the camera is moved and looks again
at the same points in the world, points and frames are left out, or the plan is performed by another
body while the cameras stay. Light, skin and clothes change pixels alone: the clip is drawn again,
and an estimator looks at it.

Flipped are clean repetitions without a variation and those with a fault near its highest dose.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from export.dataset import Dataset
from export.rows import ClipRow
from motions.errors import FormbenchError
from motions.geometry import Z_AXIS, about, rotation
from scoring.evaluation.material import Filmed, filmed
from scoring.evaluation.pose_sources import TRUTH, pose_source
from scoring.evaluation.repetitions import truths_of
from scoring.poses import PoseSequence, from_clip
from simulator.cameras.camera import Camera
from simulator.clip import Clip
from simulator.config import read_config
from simulator.make import make_clip, performance_of
from simulator.plan import ClipPlan, plan
from simulator.rendering.looks import other_skin
from simulator.rendering.renderer import Renderer
from simulator.rendering.scene import Looks, Rgb

TURN_RAD = np.deg2rad(15.0)
FARTHER = 1.5
SHORTER_M = 0.15
HIDDEN = "left_wrist"
HIGH_DOSE = 0.9


def _turned(camera: Camera, person_m: np.ndarray) -> Camera:
    return _moved(camera, person_m, rotation(about(Z_AXIS, TURN_RAD)).as_matrix(), 1.0)


def _farther(camera: Camera, person_m: np.ndarray) -> Camera:
    return _moved(camera, person_m, np.eye(3), FARTHER)


def _moved(camera: Camera, person_m: np.ndarray, turn: np.ndarray, scale: float) -> Camera:
    """Turn a camera about the upright through the person, and move it away from there."""
    T = camera.T_world_cam.copy()
    away_m = (turn @ (T[:3, 3] - person_m)) * [scale, scale, 1]
    T[:3] = np.column_stack([turn @ T[:3, :3], person_m + away_m])
    return replace(camera, T_world_cam=T)


def _fewer_frames(sequence: PoseSequence) -> PoseSequence:
    return replace(
        sequence,
        keypoints=sequence.keypoints[::2],
        confidence=sequence.confidence[::2],
        fps=sequence.fps / 2,
    )


def _without_wrist(sequence: PoseSequence) -> PoseSequence:
    hidden = np.array([name == HIDDEN for name in sequence.convention.keypoint_names])
    return replace(
        sequence,
        keypoints=np.where(hidden[:, None], np.nan, sequence.keypoints),
        confidence=np.where(hidden, 0, sequence.confidence),
    )


def _lit_from_the_other_side(looks: Looks) -> Looks:
    x, y, z = looks.light_direction
    return replace(looks, light_direction=(-x, y, z), light_strength=1.0)


def _painted(looks: Looks, **rgb: Rgb) -> Looks:
    return replace(looks, part_rgb={**looks.part_rgb, **rgb})


def _inverted(rgb: Rgb) -> Rgb:
    red, green, blue = rgb
    return 1 - red, 1 - green, 1 - blue


CAMERAS: dict[str, Callable[[Camera, np.ndarray], Camera]] = {"view": _turned, "distance": _farther}
SEQUENCES: dict[str, Callable[[PoseSequence], PoseSequence]] = {
    "fps": _fewer_frames,
    "occlusion": _without_wrist,
}
BODIES: dict[str, Callable[[Mapping[str, float]], dict[str, float]]] = {
    "height": lambda body: {"stature_m": body["stature_m"] - SHORTER_M},
    "weight": lambda body: {"weight": 1 - body["weight"]},
    "gender": lambda body: {"gender": 1 - body["gender"]},
}
LOOKS: dict[str, Callable[[Looks], Looks]] = {
    "light": _lit_from_the_other_side,
    "skin": lambda looks: _painted(looks, skin=other_skin(looks.part_rgb["skin"])),
    "clothes": lambda looks: _painted(
        looks, **{part: _inverted(looks.part_rgb[part]) for part in ("shirt", "shorts", "shoes")}
    ),
}
ATTRIBUTES = {
    "view": "the camera stands 15 degrees farther round",
    "distance": "the camera stands half as far away again",
    "fps": "every second frame",
    "occlusion": "the left wrist is hidden",
    "height": "15 cm shorter",
    "weight": "light for heavy and heavy for light, as far from the middle",
    "gender": "a man's body for a woman's and a woman's for a man's",
    "light": "harsh light from the other side",
    "skin": "dark skin for light and light for dark",
    "clothes": "dark clothes for light and light for dark",
}
"""What is changed, by attribute."""
CHEAP = ("view", "distance", "fps", "occlusion")
"""Those for which nothing is performed again."""
SEEN_BY = "mediapipe"
"""The source of poses that looks at pixels."""


@dataclass(frozen=True)
class Flips:
    """Makes the flipped sides of a dataset's clips."""

    dataset: Dataset
    convention_name: str
    poses: str = TRUTH
    """Where the keypoints come from."""

    def why_not(self, attribute: str, row: ClipRow) -> str:
        """Return why an attribute cannot be flipped, empty where it can."""
        source = SEEN_BY if attribute in LOOKS else TRUTH
        if self.poses != source:
            return f"is made on poses by {source}"
        if attribute not in BODIES and attribute not in LOOKS:
            return ""
        if not (self.dataset.folder / "config.yaml").exists():
            return "the dataset does not say how it was made: it has no config.yaml"
        if attribute in LOOKS:
            return ""
        values = self.dataset.clip(row.clip_id).body["values"]
        needed = {"height": "stature_m"}.get(attribute, attribute)
        return "" if needed in values else f"the dataset's bodies have no {needed}"

    def flipped(self, clip: Clip, attempt: int, attribute: str) -> Iterator[Filmed]:
        """Yield a clip with an attribute changed, from each of its cameras."""
        if attribute in LOOKS:
            yield from self._drawn_again(clip, attempt, LOOKS[attribute])
            return
        points = clip.keypoints_world_m[self.convention_name]
        if attribute in BODIES:
            points = self._on_another_body(clip, attempt, BODIES[attribute])
        # The upright through where the person is on average.
        person_m = np.array([*points[..., :2].mean(axis=(0, 1)), 0.0])
        for view in clip.views:
            name = view.camera.name
            whole = from_clip(clip, name, self.convention_name)
            if attribute in SEQUENCES:
                whole = SEQUENCES[attribute](whole)
            else:
                move = CAMERAS.get(attribute)
                camera = move(view.camera, person_m) if move else view.camera
                whole = _as_seen(camera, points, whole)
            yield Filmed(clip, name, whole)

    def _drawn_again(
        self, clip: Clip, attempt: int, change: Callable[[Looks], Looks]
    ) -> Iterator[Filmed]:
        planned = self._planned(clip, attempt)
        planned = replace(planned, looks=change(planned.looks), passes=())
        with TemporaryDirectory() as name:
            again = make_clip(planned, _renderer(), Path(name))
            _check_frames(clip, again.n_frames)
            yield from filmed(again, Path(name), pose_source(self.poses), self.convention_name)

    def _on_another_body(
        self, clip: Clip, attempt: int, change: Callable[[Mapping[str, float]], dict[str, float]]
    ) -> np.ndarray:
        """Return the points in the world of the same plan on another body. Shape (T, K, 3)."""
        planned = self._planned(clip, attempt)
        values: dict[str, Any] = {**planned.body_values, **change(planned.body_values)}
        performance = performance_of(replace(planned, body_values=values))
        _check_frames(clip, performance.n_frames)
        world = performance.body.keypoints_world_m(performance.root_m, performance.world_wxyz)
        return world[self.convention_name]

    def _planned(self, clip: Clip, attempt: int) -> ClipPlan:
        config = read_config(self.dataset.folder / "config.yaml")
        return plan(config, int(clip.clip_id.rpartition("_")[2]), attempt)


@cache
def _renderer() -> Renderer:
    """Return one for all: contexts of OpenGL are few."""
    from simulator.rendering.gl import GlRenderer

    return GlRenderer()


def _check_frames(clip: Clip, n_frames: int) -> None:
    if n_frames != clip.n_frames:
        raise FormbenchError(
            f"clip {clip.clip_id}: expected {clip.n_frames} frames of its config, got "
            f"{n_frames}; was it made by another version of formbench?"
        )


def is_flipped(clip: Clip) -> bool:
    """Whether a clip is among those that are flipped; see the module's first lines."""
    return any(
        (truth.clean and truth.plain)
        or any(truth.dose(name) >= HIGH_DOSE for name in truth.present)
        for truth in truths_of(clip)
    )


def _as_seen(camera: Camera, points_m: np.ndarray, like: PoseSequence) -> PoseSequence:
    """Return points in the world as a camera sees them; those outside the image are missing."""
    points_px, _ = camera.project(points_m)
    size_px = np.array([camera.width_px, camera.height_px])
    inside = np.all((points_px >= 0) & (points_px < size_px), axis=-1)
    return replace(
        like, keypoints=np.where(inside[..., None], points_px, np.nan), confidence=inside
    )
