"""Which frames to label: a mix of different ones, of doubtful ones, and of a few drawn by chance.

Different ones teach the most, doubtful ones mend what a model gets wrong, and those drawn by chance
keep any estimate made from the labels unbiased. A frame is doubtful when the model is unsure of it,
or when the poses that it sees from several cameras do not fit together, which a model that is sure
and wrong cannot hide. The reason stays with each frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labeling.labels import Chosen

DIVERSE, UNCERTAIN, DISAGREEING = "diverse", "uncertain", "cameras disagree"
RANDOM, EVEN = "random", "even"
DOUBTFUL_SHARE, RANDOM_SHARE = 0.3, 0.1
"""Of the frames asked for, rounded; the rest is diverse. Where it is known how far cameras
disagree, that is the reason of one half of the doubtful ones, of the larger half if odd."""
SAME_DISTANCE = 0.02
"""Frames closer than this are the same to the eye: in torso lengths between poses, in the range of
grey between thumbnails, root mean square."""
THUMBNAIL_TILES = 16
N_ROUNDS = 20


@dataclass(frozen=True)
class Candidate:
    """A frame that may be chosen."""

    camera: str
    frame_index: int
    features: np.ndarray
    """A pose or a thumbnail; of one length for all candidates. Shape (D,)."""
    uncertainty: float | None = None
    """How unsure a model is of its pose; None when none was asked."""
    disagreement: float | None = None
    """How far the poses that several cameras see differ, see `labeling.disagreement`; None where
    that is not known."""


def evenly_spaced(n_there: int, n_wanted: int) -> list[int]:
    """Choose from the middle of as many equal stretches; fewer where fewer are there.

    >>> evenly_spaced(100, 4)
    [12, 37, 62, 87]
    """
    n = min(n_wanted, n_there)
    return [(2 * i + 1) * n_there // (2 * n) for i in range(n)]


def choose_frames(
    candidates: Sequence[Candidate], n_frames: int, rng: np.random.Generator
) -> tuple[Chosen, ...]:
    """Choose frames, in the order of cameras and time.

    Args:
        candidates: What there is; near-duplicates of earlier ones are passed over.
        n_frames: How many to choose; fewer where there are not so many different ones.
        rng: Draws the random ones.
    """
    left = _without_duplicates(candidates)
    chosen: list[Chosen] = []

    def take(picked: Sequence[Candidate], reason: str) -> None:
        chosen.extend(Chosen(c.camera, c.frame_index, reason) for c in picked)
        left[:] = [c for c in left if not any(c is p for p in picked)]

    n_frames = min(n_frames, len(left))
    n_random, n_doubtful = round(RANDOM_SHARE * n_frames), round(DOUBTFUL_SHARE * n_frames)
    # Drawn first, from all there is: later, the draw would be from what the others left over.
    take([left[i] for i in rng.choice(len(left), n_random, replace=False)], RANDOM)
    disagreed = [c for c in left if c.disagreement is not None]
    disagreed.sort(key=lambda c: -(c.disagreement or 0.0))
    take(disagreed[: (n_doubtful + 1) // 2], DISAGREEING)
    unsure = [c for c in left if c.uncertainty is not None]
    unsure.sort(key=lambda c: -(c.uncertainty or 0.0))
    take(unsure[: n_doubtful - sum(c.reason == DISAGREEING for c in chosen)], UNCERTAIN)
    take(_different(left, n_frames - len(chosen)), DIVERSE)
    return tuple(sorted(chosen, key=lambda c: (c.camera, c.frame_index)))


def thumbnail_features(rgb: np.ndarray) -> np.ndarray:
    """Return a picture as few grey tiles from 0 to 1, whatever its size. Shape (256,)."""
    grey = rgb.mean(axis=-1) / 255
    for axis in (0, 1):
        edges = np.linspace(0, grey.shape[axis], THUMBNAIL_TILES + 1).astype(int)
        sums = np.add.reduceat(grey, edges[:-1], axis)
        grey = sums / np.expand_dims(np.maximum(np.diff(edges), 1), 1 - axis)
    return grey.ravel()


def _without_duplicates(candidates: Sequence[Candidate]) -> list[Candidate]:
    kept: list[Candidate] = []
    for candidate in candidates:
        same = [
            other
            for other in kept
            if other.camera == candidate.camera
            and _root_mean_square(other.features - candidate.features) < SAME_DISTANCE
        ]
        if not same:
            kept.append(candidate)
    return kept


def _root_mean_square(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def _different(candidates: Sequence[Candidate], n_frames: int) -> list[Candidate]:
    """Pick the member nearest to the centre of each of `n_frames` clusters, by k-means."""
    if n_frames <= 0:
        return []
    features = np.array([c.features for c in candidates])
    centres = _far_apart(features, n_frames)
    for _ in range(N_ROUNDS):
        nearest = _distances(features, centres).argmin(axis=1)
        centres = np.array(
            [features[nearest == k].mean(axis=0) if (nearest == k).any() else centres[k]
             for k in range(n_frames)]
        )  # fmt: skip
    picked: list[int] = []
    for from_centre in _distances(features, centres).T:
        order = np.argsort(from_centre, kind="stable")
        picked.append(next(int(i) for i in order if i not in picked))
    return [candidates[i] for i in sorted(picked)]


def _far_apart(features: np.ndarray, n: int) -> np.ndarray:
    """Return `n` of the features: the one nearest to the mean, then always the farthest."""
    picked = [int(np.linalg.norm(features - features.mean(axis=0), axis=1).argmin())]
    while len(picked) < n:
        picked.append(int(_distances(features, features[picked]).min(axis=1).argmax()))
    return features[picked]


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.linalg.norm(a[:, None] - b[None], axis=-1)
