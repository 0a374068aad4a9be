"""A pose estimator, simulated: truth with the errors that a real one was seen to make.

Errors are measured in the person's own frame, right and up along the trunk as it lies in the image,
in lengths of the trunk as it would look across the view. They depend on the point and the aspect:
from which of eight sides the camera sees the trunk, and whether it is upright in the image. For
each aspect and point there is

* a bias, an offset that lasts for a recording, and jitter that fades over `fade_s`;
* how sure the estimator is, and how often it misses the point alone;

for each aspect how often and for how long left and right of the arms or legs are exchanged, and how
often and for how long nobody is found. Points err together as `correlation` says. Mirror images are
counted too, so that left and right err alike.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from export.files import read_json, write_json
from motions.arrays import frozen
from motions.conventions import COCO_17
from motions.errors import FormbenchError
from scoring.poses import PoseSequence
from simulator.cameras.camera import Camera

SCHEMA = "formbench.noise/1"
N_SIDES = 8
N_ASPECTS = 2 * N_SIDES
"""Counted from in front, towards the person's left; then the same again for trunks that lie."""
UPRIGHT_DEG = 50.0
"""A trunk that is turned farther than this in the image lies, or hangs."""
N_POINTS = len(COCO_17.keypoint_names)
LIMBS = (("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle"))
"""What is exchanged together."""
_AT = COCO_17.keypoint_names.index
_SHAPES = {
    "bias": (N_ASPECTS, N_POINTS, 2), "offset": (N_ASPECTS, N_POINTS, 2),
    "jitter": (N_ASPECTS, N_POINTS, 2), "confidence": (N_ASPECTS, N_POINTS, 2),
    "missing": (N_ASPECTS, N_POINTS), "swapped": (N_ASPECTS, 2), "nobody": (N_ASPECTS,),
    "correlation": (2 * N_POINTS, 2 * N_POINTS), "fade_s": (), "swapped_s": (), "nobody_s": (),
}  # fmt: skip


@dataclass(frozen=True)
class Noise:
    """What `scoring.estimators.noise_fit` finds; shapes are in _SHAPES, right comes before up."""

    source: str
    """The estimator."""
    data_sha256: str
    """Of the dataset that it was shown."""
    bias: np.ndarray
    offset: np.ndarray
    """Standard deviation from recording to recording."""
    jitter: np.ndarray
    """Standard deviation within one."""
    confidence: np.ndarray
    """Mean and standard deviation."""
    missing: np.ndarray
    """Share of frames in which the point alone is missing."""
    swapped: np.ndarray
    """Share of frames, arms and legs."""
    nobody: np.ndarray
    """Share of frames."""
    correlation: np.ndarray
    """Between the errors of points, all right and up in turn."""
    fade_s: np.ndarray
    """After which jitter is down to 1 / e."""
    swapped_s: np.ndarray
    """How long an exchange lasts, on average."""
    nobody_s: np.ndarray

    def __post_init__(self) -> None:
        for name, shape in _SHAPES.items():
            value = frozen(f"noise: {name}", getattr(self, name), shape, {})
            object.__setattr__(self, name, value)

    def see(self, camera: Camera, poses: PoseSequence, rng: np.random.Generator) -> PoseSequence:
        """See COCO-17 points in space, (T, 17, 3) in metres, as the estimator would."""
        n_frames, fps = poses.n_frames, poses.fps
        seen = Aspect.of(camera, poses.keypoints)
        aspect = seen.number
        factor = np.linalg.cholesky(self.correlation + 1e-6 * np.eye(2 * N_POINTS)).T
        offset = (rng.normal(size=2 * N_POINTS) @ factor).reshape(N_POINTS, 2)
        jitter = _fading(n_frames, 2 * N_POINTS, self._keep(fps), rng) @ factor
        error = self.bias[aspect] + self.offset[aspect] * offset
        error += self.jitter[aspect] * jitter.reshape(n_frames, N_POINTS, 2)
        true_px = camera.project(poses.keypoints)[0]
        points_px = true_px + seen.trunk_px[:, None, None] * (error @ seen.axes)
        for limb, names in enumerate(LIMBS):
            on = _spells(self.swapped[aspect, limb], float(self.swapped_s), fps, rng)
            left, right = ([_AT(f"{side}_{name}") for name in names] for side in ("left", "right"))
            frames = np.flatnonzero(on)[:, None]
            points_px[frames, left + right] = points_px[frames, right + left]
        sure = _fading(n_frames, N_POINTS, self._keep(fps), rng)
        sure = self.confidence[aspect, :, 0] + self.confidence[aspect, :, 1] * sure
        size_px = (camera.width_px, camera.height_px)
        unseen = ~np.all((points_px >= 0) & (points_px <= size_px), axis=-1)
        unseen |= rng.random((n_frames, N_POINTS)) < self.missing[aspect]
        unseen |= _spells(self.nobody[aspect], float(self.nobody_s), fps, rng)[:, None]
        return replace(
            poses,
            keypoints=np.where(unseen[..., None], np.nan, points_px),
            confidence=np.where(unseen, 0.0, np.clip(sure, 0.01, 1.0)),
            source=f"simulated {self.source}",
            unit="px",
            view=camera.name,
        )

    def _keep(self, fps: float) -> float:
        """Return what is left of jitter from one frame to the next."""
        return float(np.exp(-1 / (max(float(self.fade_s), 1e-3) * fps)))


def write_noise(noise: Noise, path: Path) -> None:
    """Write noise as JSON, which `read_noise` reads back, equal in every value."""
    arrays = {name: getattr(noise, name).tolist() for name in _SHAPES}
    about = {"source": noise.source, "data_sha256": noise.data_sha256}
    write_json({"schema": SCHEMA, **about, **arrays}, path)


def read_noise(path: Path) -> Noise:
    """Read what `write_noise` wrote.

    Raises:
        FormbenchError: There is no such file, or it is no noise.
    """
    if not path.is_file():
        raise FormbenchError(f"{path}: expected what `workbench train noise` wrote, got no file")
    about = read_json(path, SCHEMA, ("source", "data_sha256", *_SHAPES))
    return Noise(**{name: value for name, value in about.items() if name != "schema"})


@dataclass(frozen=True)
class Aspect:
    """How a camera sees a person at each frame."""

    number: np.ndarray
    """Which of N_ASPECTS. Shape (T,), int."""
    trunk_px: np.ndarray
    """How long the trunk would look across the view. Shape (T,)."""
    axes: np.ndarray
    """Right and up of the person, unit vectors in the image. Shape (T, 2, 2)."""

    @classmethod
    def of(cls, camera: Camera, points_m: np.ndarray) -> "Aspect":
        """Look at COCO-17 points in the world. Shape (T, 17, 3)."""
        points = camera.to_camera(points_m)
        left, right_ = (
            [points[:, _AT(f"{side}_{name}")] for name in ("hip", "shoulder")]
            for side in ("left", "right")
        )
        hips, shoulders = ((a + b) / 2 for a, b in zip(left, right_, strict=True))
        trunk = shoulders - hips
        across = left[0] - right_[0] + left[1] - right_[1]
        depth_m = hips[:, 2]
        length_m = np.median(np.linalg.norm(trunk, axis=1))
        up = trunk[:, :2] / np.maximum(np.linalg.norm(trunk[:, :2], axis=1, keepdims=True), 1e-6)
        right = np.stack([-up[:, 1], up[:, 0]], axis=1)  # up is (0, -1) for who stands
        lies = np.degrees(np.arccos(np.clip(-up[:, 1], -1, 1))) > UPRIGHT_DEG
        turned_deg = np.degrees(np.arctan2(-across[:, 2], np.sum(across[:, :2] * right, axis=1)))
        side = np.round(turned_deg * N_SIDES / 360).astype(int) % N_SIDES
        return cls(
            number=side + N_SIDES * lies,
            trunk_px=camera.focal_px * length_m / depth_m,
            axes=np.stack([right, up], axis=1),
        )


def _fading(n_frames: int, n: int, keep: float, rng: np.random.Generator) -> np.ndarray:
    """Draw n series of standard deviation 1 of which `keep` is left a frame later. (T, n)."""
    series = rng.normal(size=(n_frames, n))
    for frame in range(1, n_frames):
        series[frame] = keep * series[frame - 1] + np.sqrt(1 - keep**2) * series[frame]
    return series


def _spells(share: np.ndarray, lasts_s: float, fps: float, rng: np.random.Generator) -> np.ndarray:
    """Draw when something that is so for a share of time (T,) is so. Shape (T,), bool."""
    leave = min(1.0, 1 / max(lasts_s * fps, 1.0))
    drawn = rng.random(len(share))
    on = np.zeros(len(share), dtype=bool)
    for frame, p in enumerate(np.minimum(share, 0.95)):
        enter = p if frame == 0 else min(1.0, leave * p / (1 - p))
        on[frame] = drawn[frame] < (1 - leave if frame and on[frame - 1] else enter)
    return on
