"""The errors of a real pose estimator, measured: the noise of `scoring.estimators.simulated`.

Who is exchanged is put right before errors are measured: the left and right points of arms or legs
that lie clearly nearer the truth the other way round.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from export.dataset import Dataset
from motions.conventions import COCO_17
from motions.errors import FormbenchError
from scoring.estimators.mediapipe import NobodySeenError, seen_poses
from scoring.estimators.simulated import LIMBS, N_ASPECTS, N_POINTS, N_SIDES, Aspect, Noise
from scoring.learning.examples import in_convention
from scoring.poses import PoseSequence
from simulator.cameras.camera import Camera
from simulator.rendering.video import read_video

FEWEST_FRAMES = 30
"""An aspect that was seen in fewer takes the statistics of all."""
_FAR = 1.0
"""Trunk lengths: an error beyond is counted as this."""
_APART = 0.15
"""Trunk lengths: points that are nearer together do not show whether they are exchanged."""
_CLEARLY = 0.5
"""So much nearer the truth are exchanged points the other way round."""
_MIRROR = list(COCO_17.mirror)


@dataclass(frozen=True)
class Observed:
    """One recording: what is true, and what an estimator saw."""

    true: PoseSequence
    """COCO-17 in the world, metres."""
    camera: Camera
    seen: PoseSequence
    """COCO-17 in the image, pixels, the same frames."""


@dataclass(frozen=True)
class _Errors:
    """What was wrong in a recording, or in the frames of it that show one aspect."""

    aspect: np.ndarray  # (T,)
    error: np.ndarray  # (T, 17, 2), NaN where a point is missing
    confidence: np.ndarray  # (T, 17), NaN likewise
    missing: np.ndarray  # (T, 17), NaN where the point is outside the image or nobody was found
    swapped: np.ndarray  # (T, 2), NaN where it cannot be told
    nobody: np.ndarray  # (T,), bool

    def __getitem__(self, frames: np.ndarray) -> "_Errors":
        return _Errors(**{name: value[frames] for name, value in vars(self).items()})

    @property
    def mirrored(self) -> "_Errors":
        """The same in a mirror."""
        side = self.aspect % N_SIDES
        return _Errors(
            aspect=self.aspect - side + (-side) % N_SIDES,
            error=self.error[:, _MIRROR] * (-1, 1),
            confidence=self.confidence[:, _MIRROR],
            missing=self.missing[:, _MIRROR],
            swapped=self.swapped,
            nobody=self.nobody,
        )


def observed(
    dataset: Dataset, on_clip: Callable[[int, int], None] = lambda done, total: None
) -> Iterator[Observed]:
    """Show MediaPipe every video of a dataset's simulated clips.

    Args:
        dataset: Clips without videos are passed over.
        on_clip: Told how many clips of how many are done.
    """
    for done, clip in enumerate(dataset.clips(), 1):
        for view in clip.views:
            if view.video is None or COCO_17.name not in clip.keypoints_world_m:
                continue
            film = read_video(dataset.clip_folder(clip.clip_id) / view.video)
            true = PoseSequence(
                keypoints=clip.keypoints_world_m[COCO_17.name],
                confidence=np.ones((clip.n_frames, N_POINTS)),
                convention_name=COCO_17.name,
                fps=clip.fps,
                source="truth",
                unit="m",
            )
            try:
                seen = in_convention(seen_poses(film.frames, film.fps).image, COCO_17.name)
            except NobodySeenError:
                gone = np.full((clip.n_frames, N_POINTS, 2), np.nan)
                seen = replace(true, keypoints=gone, confidence=0 * true.confidence, unit="px")
            yield Observed(true, view.camera, seen)
        on_clip(done, len(dataset.rows))


def fit_noise(recordings: Sequence[Observed], data_sha256: str) -> Noise:
    """Find the noise that makes truth look like what was observed.

    Args:
        recordings: Of one frame rate.
        data_sha256: Of the dataset that they are from.

    Raises:
        FormbenchError: The frame rates differ, or nobody was found anywhere.
    """
    rates = sorted({one.true.fps for one in recordings})
    if len(rates) != 1 or not any((~one.seen.missing).any() for one in recordings):
        raise FormbenchError(
            f"noise: expected recordings of one frame rate in which people were found, got "
            f"{len(recordings)} recordings at {rates} frames/s"
        )
    each = [_errors(one) for one in recordings]
    each += [one.mirrored for one in each]
    everywhere = _statistics(each)
    rows = []
    for aspect in range(N_ASPECTS):
        parts = [one[one.aspect == aspect] for one in each]
        n_found = sum(int((~part.nobody).sum()) for part in parts)
        rows.append(_statistics(parts) if n_found >= FEWEST_FRAMES else everywhere)
    table = {name: np.stack([row[name] for row in rows]) for name in everywhere}
    within = [_centred(one.error) / np.maximum(table["jitter"][one.aspect], 1e-6) for one in each]
    fps = rates[0]
    return Noise(
        source=_source(recordings),
        data_sha256=data_sha256,
        correlation=_correlation(np.concatenate(within).reshape(-1, 2 * N_POINTS)),
        fade_s=np.array(_fade_frames(within) / fps),
        swapped_s=np.array(_mean_run([one.swapped == 1 for one in each]) / fps),
        nobody_s=np.array(_mean_run([one.nobody[:, None] for one in each]) / fps),
        **table,
    )


def _source(recordings: Sequence[Observed]) -> str:
    """Return the estimator's name; a recording that shows nobody has none."""
    return next(one.seen.source for one in recordings if (~one.seen.missing).any())


def _errors(one: Observed) -> _Errors:
    """Compare what was seen with the truth, in the person's own frame."""
    aspect = Aspect.of(one.camera, one.true.keypoints)
    true_px = one.camera.project(one.true.keypoints)[0]
    scale = aspect.trunk_px[:, None, None]
    seen_px, confidence = one.seen.keypoints.copy(), one.seen.confidence.copy()
    swapped = np.full((len(true_px), len(LIMBS)), np.nan)
    for limb, names in enumerate(LIMBS):
        left, right = ([_index(side, name) for name in names] for side in ("left", "right"))
        sides, others = left + right, right + left
        apart = np.linalg.norm(true_px[:, left] - true_px[:, right], axis=2).mean(axis=1)
        straight, crossed = (
            _mean(np.linalg.norm(seen_px[:, columns] - true_px[:, sides], axis=2).T)
            for columns in (sides, others)
        )
        told = (apart > _APART * scale[:, 0, 0]) & ~np.isnan(straight)
        on = told & (crossed < _CLEARLY * straight)
        swapped[told, limb] = on[told]
        frames = np.flatnonzero(on)[:, None]
        seen_px[frames, sides] = seen_px[frames, others]
        confidence[frames, sides] = confidence[frames, others]
    error = ((seen_px - true_px) / scale) @ np.swapaxes(aspect.axes, 1, 2)
    gone = np.isnan(seen_px[..., 0])
    size_px = (one.camera.width_px, one.camera.height_px)
    outside = ~np.all((true_px >= 0) & (true_px <= size_px), axis=-1)
    nobody = gone.all(axis=1)
    return _Errors(
        aspect=aspect.number,
        error=np.clip(error, -_FAR, _FAR),
        confidence=np.where(gone, np.nan, confidence),
        missing=np.where(outside | nobody[:, None], np.nan, gone),
        swapped=swapped,
        nobody=nobody,
    )


def _statistics(parts: Sequence[_Errors]) -> dict[str, np.ndarray]:
    """Return one row of each array of `Noise` that has aspects."""
    means = np.stack([_mean(part.error) for part in parts if len(part.error)])
    confidence = np.concatenate([part.confidence for part in parts])
    return {
        "bias": _known(_mean(means)),
        "offset": _known(_deviation(means)),
        "jitter": _known(_deviation(np.concatenate([_centred(part.error) for part in parts]))),
        "confidence": np.stack(
            [_known(_mean(confidence)), _known(_deviation(confidence))], axis=-1
        ),
        "missing": _known(_mean(np.concatenate([part.missing for part in parts]))),
        "swapped": _known(_mean(np.concatenate([part.swapped for part in parts]))),
        "nobody": np.array(np.concatenate([part.nobody for part in parts]).mean()),
    }


def _centred(values: np.ndarray) -> np.ndarray:
    """Take off the mean over frames of what is known."""
    return values - _mean(values)


def _mean(values: np.ndarray) -> np.ndarray:
    """Return the mean over the first axis of what is known, NaN where nothing is."""
    count = (~np.isnan(values)).sum(axis=0)
    return np.where(count, np.nansum(values, axis=0) / np.maximum(count, 1), np.nan)


def _deviation(values: np.ndarray) -> np.ndarray:
    """Return the standard deviation over the first axis of what is known."""
    return np.sqrt(_mean((values - _mean(values)) ** 2))


def _known(values: np.ndarray) -> np.ndarray:
    return np.nan_to_num(values, nan=0.0)


def _correlation(rows: np.ndarray) -> np.ndarray:
    """Return the correlation of columns over the rows in which all are known."""
    whole = rows[~np.isnan(rows).any(axis=1)]
    spread = np.sqrt((whole**2).mean(axis=0)) + 1e-9
    found: np.ndarray = (whole / spread).T @ (whole / spread) / max(1, len(whole))
    np.fill_diagonal(found, 1.0)
    return found


def _fade_frames(within: Sequence[np.ndarray]) -> float:
    """Return after how many frames jitter is down to 1 / e, from neighbouring frames."""
    products = [np.nansum(r[1:] * r[:-1]) for r in within]
    squares = [np.nansum((r[1:] ** 2 + r[:-1] ** 2) / 2) for r in within]
    keep = float(np.clip(sum(products) / max(sum(squares), 1e-9), 1e-3, 0.999))
    return float(-1 / np.log(keep))


def _mean_run(flags: Sequence[np.ndarray]) -> float:
    """Return how many frames a state lasts on average, 1 where it never is. Each (T, n)."""
    n_on = sum(int(one.sum()) for one in flags)
    n_runs = sum(int((np.diff(one.astype(np.int8), axis=0, prepend=0) == 1).sum()) for one in flags)
    return n_on / n_runs if n_runs else 1.0


def _index(side: str, name: str) -> int:
    return COCO_17.keypoint_names.index(f"{side}_{name}")
