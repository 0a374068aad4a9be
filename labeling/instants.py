"""Instants: which moments of a performance to label, from one camera or from all cameras at once.

What several cameras film at the same time is a list of angles. Frames of one camera are paired
with those of another by time, so cameras may start at different moments and run at different rates.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labeling.disagreement import disagreement
from labeling.estimates import Estimate, Estimator, pose_features
from labeling.frames import EVEN, Candidate, choose_frames, evenly_spaced, thumbnail_features
from labeling.labels import Chosen, Source
from labeling.media import frames_of
from motions.errors import FormbenchError
from simulator.cameras.camera import Camera

N_CANDIDATES = 60
"""How many instants are looked at when they are chosen by what they show."""


@dataclass(frozen=True)
class Angle:
    """What one camera films."""

    source: Source
    camera: str
    pictures: Path
    """A video or photo."""
    start_s: float = 0.0
    """When its first frame was filmed, on a clock that all cameras share."""
    calibration: Camera | None = None
    """Where it stands and how it sees, where that is known."""

    def frame_at(self, time_s: float) -> int:
        """Return the frame nearest to an instant of the common clock."""
        return round((time_s - self.start_s) * self.source.fps)


Shown = tuple[tuple[Angle, Chosen], ...]
"""The pages of one task, in order: which camera's frame, and why."""


def choose_shown(
    angles: Sequence[Angle],
    n_frames: int,
    rng: np.random.Generator,
    *,
    mixed: bool,
    together: bool,
    estimate: Estimator | None,
) -> list[Shown]:
    """Choose what pose tasks show.

    Args:
        angles: What is filmed at the same time.
        n_frames: How many instants to choose, of each camera or of all together; fewer where there
            are not so many different ones.
        rng: Draws the random ones.
        mixed: Choose by what they show, see `labeling.frames`; else evenly spaced.
        together: Whether each task shows one instant from every camera; else there is a task a
            camera, which shows all the frames that were chosen of it.
        estimate: A pose estimator to choose by; by appearance when None.

    Raises:
        FormbenchError: The cameras never film at once.
    """
    times_s = common_times_s(angles)
    step = max(1, len(times_s) // N_CANDIDATES)
    looked = list(_look(angles, times_s[::step], estimate)) if mixed else []
    shown: list[Shown] = []
    for compared in [angles] if together else [[angle] for angle in angles]:
        first = compared[0]
        if mixed:
            chosen = choose_frames(_candidates(angles, compared, looked), n_frames, rng)
        else:
            even = [first.frame_at(times_s[i]) for i in evenly_spaced(len(times_s), n_frames)]
            chosen = tuple(Chosen(first.camera, frame, EVEN) for frame in even)
        if together:
            shown += [_at_once(angles, one) for one in chosen]
        else:
            shown.append(tuple((first, one) for one in chosen))
    return shown


def _at_once(angles: Sequence[Angle], chosen: Chosen) -> Shown:
    time_s = _time_s(angles[0], chosen.frame_index)
    return tuple((a, Chosen(a.camera, a.frame_at(time_s), chosen.reason)) for a in angles)


def common_times_s(angles: Sequence[Angle]) -> list[float]:
    """Return the instants of the first camera's frames at which all cameras film."""
    first = angles[0]
    times_s = [_time_s(first, i) for i in range(first.source.n_frames)]
    common = [t for t in times_s if all(0 <= a.frame_at(t) < a.source.n_frames for a in angles)]
    if not common:
        names = ", ".join(angle.source.clip_id for angle in angles)
        raise FormbenchError(f"{names}: never filmed at once; correct start_s of each")
    return common


def _time_s(angle: Angle, frame: int) -> float:
    return angle.start_s + frame / angle.source.fps


@dataclass(frozen=True)
class _Look:
    """One picture as it is compared with others."""

    thumbnail: np.ndarray
    estimate: Estimate | None


def _look(
    angles: Sequence[Angle], times_s: Sequence[float], estimate: Estimator | None
) -> Iterator[tuple[float, dict[str, _Look]]]:
    """Yield what every camera shows at some instants."""
    seen: dict[str, dict[int, _Look]] = {}
    for angle in angles:
        wanted = {angle.frame_at(time_s) for time_s in times_s}
        seen[angle.camera] = {
            index: _Look(thumbnail_features(rgb), estimate(rgb) if estimate else None)
            for index, rgb in frames_of(angle.pictures)
            if index in wanted
        }
    for time_s in times_s:
        yield time_s, {a.camera: seen[a.camera][a.frame_at(time_s)] for a in angles}


def _candidates(
    angles: Sequence[Angle],
    compared: Sequence[Angle],
    looked: Sequence[tuple[float, Mapping[str, _Look]]],
) -> list[Candidate]:
    """Return instants as candidates, by poses where somebody is found in all compared cameras.

    With no such instant, all are returned by thumbnails. Cameras that are not compared say how far
    they disagree with those that are.
    """
    by_pose, by_thumbnail = [], []
    first = compared[0]
    for time_s, looks in looked:
        index = first.frame_at(time_s)
        looks_compared = [looks[angle.camera] for angle in compared]
        thumbnails = np.concatenate([look.thumbnail for look in looks_compared])
        by_thumbnail.append(Candidate(first.camera, index, thumbnails))
        found = [look.estimate for look in looks_compared if look.estimate]
        if len(found) == len(compared):
            by_pose.append(
                Candidate(
                    first.camera,
                    index,
                    np.concatenate([pose_features(one) for one in found]),
                    uncertainty=1 - float(np.mean([one.confidence for one in found])),
                    disagreement=_disagreement(angles, time_s, looks),
                )
            )
    return by_pose or by_thumbnail


def _disagreement(
    angles: Sequence[Angle], time_s: float, looks: Mapping[str, _Look]
) -> float | None:
    """Return how far the cameras that are calibrated and see somebody differ; None below two."""
    cameras, found = [], []
    for angle in angles:
        estimate = looks[angle.camera].estimate
        if angle.calibration is not None and estimate is not None:
            cameras.append(angle.calibration.at(angle.frame_at(time_s)))
            found.append(estimate)
    return disagreement(cameras, found) if len(cameras) > 1 else None
