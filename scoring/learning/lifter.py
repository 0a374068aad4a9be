"""From points in an image to points in space, learnt: a temporal convolution network of our own.

The idea is that of Pavllo et al. 2019, "3D human pose estimation in video with temporal
convolutions": each frame's pose in space follows from the points of the frames around it, here
RECEPTIVE_FRAMES of them at FPS. It learns from this project's bodies seen by virtual cameras alone.

What goes in are COCO-17 points from the middle of the hips, over how large the person looks, their
confidence, and where in the image and how large the person is, over its diagonal, which stands for
an unknown focal length. What comes out are metres from the middle of the hips along the camera's
axes. How tall a person is, a single camera cannot know: where it is told, lengths follow.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from motions.conventions import COCO_17
from motions.errors import FormbenchError
from scoring.learning.examples import (
    CONVENTION,
    See,
    Take,
    at_rate,
    from_anywhere,
    in_convention,
    mirrored,
    truly,
)
from scoring.learning.model_file import Model, read_model
from scoring.learning.network import Network
from scoring.learning.network_spec import Example, Head, NetworkSpec, Unlabelled, spec_from
from scoring.learning.reprojection import USUAL_FOCAL, disagreement, mean_lengths
from scoring.learning.training import Task, learn
from scoring.poses import PoseSequence, filled, mid_hip
from simulator.cameras.camera import Camera

KIND = "lifter"
FPS = 10.0
_K = len(COCO_17.keypoint_names)
HEADS = (Head("points", 3 * _K, "l1"), Head("root", 3, "l1", weight=0.1))
SPEC = NetworkSpec("conv", 3 * _K + 3, HEADS, width=192, n_layers=4, dropout=0.0)
RECEPTIVE_FRAMES = 2 * (2**SPEC.n_layers - 1) + 1
PIECE_FRAMES = 64
"""How much of a take is learnt from at once."""
UNLABELLED_WEIGHT = 0.1
"""Of what is not known to be true, beside metres."""
_PACES = (0.75, 1.33)
_STATURE = (("ankle", "knee"), ("knee", "hip"), ("hip", "shoulder"))
STATURE_SHARE = 0.742
"""Of a person's height: shin, thigh and trunk between these points, on average over Anny people."""
_FAR = 8.0


class Lifter:
    """Lifts with a trained network.

    Args:
        model: What `train` gave, or `read_model` of kind KIND.
    """

    def __init__(self, model: Model) -> None:
        self._network = Network(spec_from(model.config["network"]), model.weights)

    def lift(
        self,
        sequence: PoseSequence,
        width_px: int,
        height_px: int,
        stature_m: float | None = None,
    ) -> PoseSequence:
        """Put a person into space.

        Args:
            sequence: Image points in pixels, of any convention that has COCO-17's.
            width_px: Width of the image.
            height_px: Height of the image.
            stature_m: How tall the person is, where it is known.

        Returns:
            COCO-17 in metres from the middle of the hips: X to the picture's right, Y away from
            the camera, Z up for a level camera. Points that were not seen are guessed, with
            confidence 0; frames that show nobody are missing.

        Raises:
            FormbenchError: The points are not in pixels, or no frame shows both hips.
        """
        coco = _in_pixels(sequence)
        given = features(coco, width_px, height_px)
        # The network knows FPS: at three times that, three sequences are interleaved.
        stride = max(1, round(sequence.fps / FPS))
        phases = [given[phase::stride] for phase in range(min(stride, len(given)))]
        found = np.zeros((len(given), _K, 3))
        for phase, answered in enumerate(self._network.predict(phases)):
            found[phase::stride] = answered[:, : 3 * _K].reshape(-1, _K, 3)
        if stature_m is not None:
            found *= stature_m / stature(found)
        nobody = np.all(coco.missing, axis=1)
        x, y, z = np.moveaxis(found, -1, 0)
        points_m = np.stack([x, z, -y], axis=-1)
        return replace(
            coco,
            keypoints=np.where(nobody[:, None, None], np.nan, points_m),
            source=f"lifted {sequence.source}",
            unit="m",
        )


def read_lifter(folder: Path) -> Lifter:
    """Read a model of `workbench train lifter`.

    Raises:
        FormbenchError: It is no such model.
    """
    return Lifter(read_model(folder, KIND))


def _in_pixels(sequence: PoseSequence) -> PoseSequence:
    """Return COCO-17 points in pixels, or refuse others."""
    if sequence.unit != "px" or sequence.keypoints.shape[-1] != 2:
        raise FormbenchError(
            f"lifter: expected image points in pixels, got {sequence.keypoints.shape[-1]} "
            f"coordinates in {sequence.unit}"
        )
    return in_convention(sequence, CONVENTION)


def features(coco: PoseSequence, width_px: int, height_px: int) -> np.ndarray:
    """Return what the network sees of each frame of COCO-17 points in pixels. Shape (T, 54).

    Raises:
        FormbenchError: No frame shows both hips.
    """
    whole = filled(coco)
    hips = mid_hip(whole)
    off = whole.keypoints - hips[:, None]
    apart_px = np.linalg.norm(off, axis=-1)
    if np.isnan(apart_px).all():
        raise FormbenchError("lifter: expected a frame with both hips, found none")
    reach_px = max(1.0, float(np.nanmedian(apart_px)))
    diagonal_px = np.hypot(width_px, height_px)
    place = (hips - np.array([width_px, height_px]) / 2) / diagonal_px
    columns = [
        np.clip(off / reach_px, -_FAR, _FAR).reshape(len(off), -1),
        coco.confidence,
        place,
        np.full((len(off), 1), reach_px / diagonal_px),
    ]
    found: np.ndarray = np.nan_to_num(np.concatenate(columns, axis=1), nan=0.0)
    return found


def stature(points_m: np.ndarray) -> float:
    """Return how tall a person is, from shins, thighs and trunk. Shape (T, 17, 3)."""
    at = COCO_17.keypoint_names.index
    sides = ("left", "right")
    lengths = [
        np.linalg.norm(points_m[:, at(f"{s}_{a}")] - points_m[:, at(f"{s}_{b}")], axis=-1)
        for a, b in _STATURE
        for s in sides
    ]
    return float(np.median(np.sum(lengths, axis=0) / len(sides)) / STATURE_SHARE)


def train(
    takes: Sequence[Take],
    data_sha256: str,
    *,
    see: See = truly,
    unlabelled: Sequence[np.ndarray] = (),
    seed: int = 0,
    epochs: int = 100,
    on_epoch: Callable[[int, int], None] = lambda done, total: None,
) -> Model:
    """Train a network on takes, seen from elsewhere in every epoch.

    Args:
        takes: Of at least two people; a fifth of these is held back to say when to stop.
        data_sha256: Of the dataset that they are from.
        see: How a camera sees a take; by default as it is, and every other time in any case.
        unlabelled: Of `unlabelled_inputs`: recordings whose truth nobody knows. What is lifted from
            them must look as they do and have bones as takes have, as
            `scoring.learning.reprojection` says.
        seed: Decides cameras and weights.
        epochs: At most so many.
        on_epoch: Told how many epochs of how many are done.

    Returns:
        The model; its metrics are mean errors on the people held back, in millimetres.
    """

    def shown(take: Take, rng: np.random.Generator) -> Example:
        return _example(take, see if rng.random() < 0.5 else truly, rng)

    def on_strangers(
        model: Model, held: Sequence[Take], rng: np.random.Generator
    ) -> dict[str, float]:
        return {
            "mpjpe_truth_mm": measured_mm(Lifter(model), held, truly, rng),
            "mpjpe_seen_mm": measured_mm(Lifter(model), held, see, rng),
        }

    wishes: dict[str, Any] = {}
    if unlabelled:
        usual_m = mean_lengths([take.poses.keypoints for take in takes])
        wishes["unlabelled"] = Unlabelled(unlabelled, disagreement(usual_m), UNLABELLED_WEIGHT)
    task = Task(KIND, SPEC, FPS, shown, on_strangers)
    return learn(
        task, takes, data_sha256, seed=seed, epochs=epochs, on_epoch=on_epoch,
        patience=epochs, batch_size=32, **wishes,
    )  # fmt: skip


def unlabelled_inputs(
    sequences: Sequence[PoseSequence], width_px: int, height_px: int
) -> list[np.ndarray]:
    """Cut recordings whose truth nobody knows to pieces that the network can be given.

    Args:
        sequences: Image points in pixels, of any convention that has COCO-17's.
        width_px: Width of all images.
        height_px: Height of all images.

    Raises:
        FormbenchError: The points are not in pixels, or no frame shows both hips.
    """
    pieces = []
    for sequence in sequences:
        given = features(at_rate(_in_pixels(sequence), FPS), width_px, height_px)
        pieces += [given[i : i + PIECE_FRAMES] for i in range(0, len(given), PIECE_FRAMES)]
    return pieces


def measured_mm(lifter: Lifter, takes: Sequence[Take], see: See, rng: np.random.Generator) -> float:
    """Return the mean error over takes, each seen by one virtual camera, stature not known."""
    errors = []
    for take in takes:
        seen, camera = from_anywhere(take.poses, see, rng)
        found = lifter.lift(seen, camera.width_px, camera.height_px)
        errors.append(mpjpe_mm(found, in_camera(take.poses, camera)))
    return float(np.mean(errors))


def in_camera(poses: PoseSequence, camera: Camera) -> PoseSequence:
    """Express points in the world as `Lifter.lift` gives them."""
    x, y, z = np.moveaxis(_from_hips(camera.to_camera(poses.keypoints)), -1, 0)
    return replace(poses, keypoints=np.stack([x, z, -y], axis=-1))


def mpjpe_mm(found: PoseSequence, true: PoseSequence) -> float:
    """Return the mean distance of points from the truth, both from the middle of the hips."""
    off = np.linalg.norm(_from_hips(found.keypoints) - _from_hips(true.keypoints), axis=-1)
    return float(np.nanmean(off) * 1000)


def _from_hips(points_m: np.ndarray) -> np.ndarray:
    hips = [COCO_17.keypoint_names.index(f"{side}_hip") for side in ("left", "right")]
    centred: np.ndarray = points_m - points_m[:, hips].mean(axis=1, keepdims=True)
    return centred


def _example(take: Take, see: See, rng: np.random.Generator) -> Example:
    """Look at a piece of a take from somewhere, every other time in a mirror."""
    poses = at_rate(replace(take.poses, fps=take.poses.fps * rng.uniform(*_PACES)), FPS)
    n_frames = min(PIECE_FRAMES, poses.n_frames)
    first = int(rng.integers(poses.n_frames - n_frames + 1))
    piece = slice(first, first + n_frames)
    poses = replace(poses, keypoints=poses.keypoints[piece], confidence=poses.confidence[piece])
    if rng.random() < 0.5:
        poses = mirrored(poses)
    seen, camera = from_anywhere(poses, see, rng)
    at_m = camera.to_camera(poses.keypoints)
    points_m = _from_hips(at_m)
    # Before a usual lens, as `scoring.learning.reprojection` wants it.
    zoom = camera.focal_px / np.hypot(camera.width_px, camera.height_px) / USUAL_FOCAL
    root_m = (at_m - points_m)[:, 0] / (1, 1, zoom)
    wanted = np.concatenate([points_m.reshape(n_frames, -1), root_m], axis=1)
    return features(seen, camera.width_px, camera.height_px), wanted
