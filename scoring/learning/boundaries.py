"""Where repetitions begin and end, learnt: a network says so for each tenth of a second.

The network sees twelve points in the image, from the middle of the hips and in torso lengths
(`scoring.poses.normalised`), which of them are seen, and how the hips move. For each frame it says
how likely a repetition begins there, ends there, and is under way. It learns from truth seen by
virtual cameras, between movements that are no repetition (`scoring.learning.idling`).

Points in space are looked at obliquely from the front, so one network serves both.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from motions.errors import FormbenchError, unknown_name
from motions.motion import Span
from scoring.evaluation.metrics.boundaries import evaluate
from scoring.learning.decoding import decode
from scoring.learning.examples import (
    See,
    Take,
    at_rate,
    from_anywhere,
    mirrored,
    truly,
)
from scoring.learning.idling import surrounded
from scoring.learning.model_file import Model, read_model
from scoring.learning.network import Network
from scoring.learning.network_spec import Example, Head, NetworkSpec, spec_from
from scoring.learning.training import Task, learn
from scoring.poses import PoseSequence, filled, mid_hip, torso_length

KIND = "boundaries"
FPS = 10.0
HEADS = (
    # Frames at a boundary are rare among the rest.
    Head("start", 1, "bce", positive_weight=4.0),
    Head("end", 1, "bce", positive_weight=4.0),
    Head("within", 1, "bce", weight=0.5),
)
SPECS = {
    "conv": NetworkSpec("conv", 38, HEADS, width=48, n_layers=5),
    "gru": NetworkSpec("gru", 38, HEADS, width=64, n_layers=2),
}
"""By kind: both have fewer than 60,000 parameters."""
_PIECES_S = (8.0, 30.0)
"""How long a piece that is learnt from at once is."""
_PACES = (0.75, 1.33)
"""How much faster takes are shown than they are."""
_LIMBS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
POINTS = tuple(f"{side}_{name}" for name in _LIMBS for side in ("left", "right"))
_FAR = 6.0
"""Torso lengths from the hips that no point is beyond."""
_SPREAD_S = 0.12
"""How far around a boundary the network may say that it is there."""


class Boundaries:
    """Finds repetitions with a trained network.

    Args:
        model: What `train` gave, or `read_model` of kind KIND.
    """

    def __init__(self, model: Model) -> None:
        self._network = Network(spec_from(model.config["network"]), model.weights)

    def find(self, sequence: PoseSequence) -> tuple[Span, ...]:
        """Return the repetitions in a recording, in order; none for one that has none.

        Raises:
            FormbenchError: No frame shows hips and shoulders, or the convention lacks a limb.
        """
        return self.find_all([sequence])[0]

    def find_all(self, sequences: Sequence[PoseSequence]) -> list[tuple[Span, ...]]:
        """Return the repetitions in each of several recordings."""
        given = [features(at_rate(in_image(sequence), FPS)) for sequence in sequences]
        found = []
        for sequence, curves in zip(sequences, self._network.predict(given), strict=True):
            spans = decode(curves, FPS)
            found.append(tuple(Span(s.start_s, min(s.end_s, sequence.duration_s)) for s in spans))
        return found


def read_boundaries(folder: Path) -> Boundaries:
    """Read a model of `workbench train boundaries`.

    Raises:
        FormbenchError: It is no such model.
    """
    return Boundaries(read_model(folder, KIND))


def in_image(sequence: PoseSequence) -> PoseSequence:
    """Look at points in space obliquely from the front; points in an image stay."""
    if sequence.keypoints.shape[-1] == 2:
        return sequence
    across = (sequence.at("left_hip") - sequence.at("right_hip"))[:, :2]
    seen = across[~np.isnan(across).any(axis=1)]
    if not len(seen):
        raise FormbenchError("boundaries: expected a frame with both hips, found none")
    line = np.median(seen, axis=0)
    azimuth_rad = np.arctan2(line[1], line[0]) + np.pi / 4
    right = np.array([np.cos(azimuth_rad), np.sin(azimuth_rad), 0.0])
    image = np.stack([sequence.keypoints @ right, -sequence.keypoints[..., 2]], axis=-1)
    return replace(sequence, keypoints=image, unit="px")


def features(sequence: PoseSequence) -> np.ndarray:
    """Return what the network sees of each frame of a sequence in an image. Shape (T, 38)."""
    whole = filled(sequence)
    hips = mid_hip(whole)
    scale = torso_length(whole)
    points = np.stack([whole.at(name) for name in POINTS], axis=1)
    points = np.clip((points - hips[:, None]) / scale, -_FAR, _FAR)
    steps = np.diff(hips, axis=0, prepend=hips[:1]) / scale * FPS
    seen = ~np.isnan(points[..., 0])
    columns = [points.reshape(len(points), -1), seen, np.clip(steps, -_FAR, _FAR)]
    found: np.ndarray = np.nan_to_num(np.concatenate(columns, axis=1), nan=0.0)
    return found


def targets(reps_s: np.ndarray, n_frames: int) -> np.ndarray:
    """Return how near each frame is to a start, to an end, and whether it lies within.

    Args:
        reps_s: Start and end of each repetition, also outside the frames. Shape (N, 2).
        n_frames: Number of frames T at FPS.

    Returns:
        Shape (T, 3).
    """
    times_s = np.arange(n_frames) / FPS
    wanted = np.zeros((n_frames, 3))
    for start_s, end_s in reps_s:
        for column, at_s in enumerate((start_s, end_s)):
            near = np.exp(-(((times_s - at_s) / _SPREAD_S) ** 2) / 2)
            wanted[:, column] = np.maximum(wanted[:, column], near)
        wanted[(times_s >= start_s) & (times_s < end_s), 2] = 1.0
    return wanted


def train(
    takes: Sequence[Take],
    data_sha256: str,
    *,
    kind: str = "conv",
    see: See = truly,
    seed: int = 0,
    epochs: int = 30,
    on_epoch: Callable[[int, int], None] = lambda done, total: None,
) -> Model:
    """Train a network on takes, seen from elsewhere in every epoch.

    Args:
        takes: Of at least two people; a fifth of these is held back to say when to stop.
        data_sha256: Of the dataset that they are from.
        kind: One of SPECS.
        see: How a camera sees a take; by default as it is.
        seed: Decides what lies between, cameras and weights.
        epochs: At most so many.
        on_epoch: Told how many epochs of how many are done.

    Returns:
        The model; its metrics are those of repetitions of the people held back.
    """
    if kind not in SPECS:
        raise unknown_name("boundaries: kind of network", kind, SPECS)

    def shown(take: Take, rng: np.random.Generator) -> Example:
        pace = rng.uniform(*_PACES)
        return _example(surrounded(_paced(take, pace), rng), see, rng)

    def on_strangers(
        model: Model, held: Sequence[Take], rng: np.random.Generator
    ) -> dict[str, float]:
        between = [surrounded(_paced(take, 1.0), rng) for take in held]
        return measured(Boundaries(model), between, see, rng)

    task = Task(KIND, SPECS[kind], FPS, shown, on_strangers)
    return learn(task, takes, data_sha256, seed=seed, epochs=epochs, on_epoch=on_epoch)


def measured(
    finder: Boundaries, takes: Sequence[Take], see: See, rng: np.random.Generator
) -> dict[str, float]:
    """Return the means of the metrics of `scoring.evaluation.metrics.boundaries` over takes.

    Each take is seen by one virtual camera; where a metric is undefined the take does not count.
    """
    views = [from_anywhere(take.poses, see, rng)[0] for take in takes]
    rows = [
        evaluate(take.reps, found, take.poses.duration_s)
        for take, found in zip(takes, finder.find_all(views), strict=True)
    ]
    columns = {
        name: [value for row in rows if (value := row[name]) is not None] for name in rows[0]
    }
    return {name: float(np.mean(values)) for name, values in columns.items() if values}


def _paced(take: Take, pace: float) -> Take:
    """Let a take go as many times faster, at FPS."""
    faster = replace(take.poses, fps=take.poses.fps * pace)
    return Take(
        at_rate(faster, FPS), tuple(Span(r.start_s / pace, r.end_s / pace) for r in take.reps)
    )


def _example(take: Take, see: See, rng: np.random.Generator) -> Example:
    """Look at a piece of a take from somewhere, every other time in a mirror."""
    n_frames = take.poses.n_frames
    length = min(n_frames, int(rng.uniform(*_PIECES_S) * FPS))
    first = int(rng.integers(n_frames - length + 1))
    piece = slice(first, first + length)
    poses = replace(
        take.poses,
        keypoints=take.poses.keypoints[piece],
        confidence=take.poses.confidence[piece],
    )
    seen = from_anywhere(poses, see, rng)[0]
    reps_s = np.array([(rep.start_s, rep.end_s) for rep in take.reps]).reshape(-1, 2)
    wanted = targets(reps_s - first / FPS, length)
    return features(mirrored(seen) if rng.random() < 0.5 else seen), wanted
