"""A person followed while they move: repetitions counted, and a pose held against a target.

Nothing looks ahead, and no count goes back. Without training a repetition counts `SETTLED_S` after
the person is back where it began, a check every `CHECK_S` included at most half a second later; a
movement that is as large as a repetition counts as one. A trained model tells them apart, and takes
`scoring.learning.live_boundaries.DELAY_S`.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from motions.conventions import COCO_17, MEDIAPIPE_33
from motions.errors import FormbenchError, unknown_name
from motions.library import EXERCISES
from motions.motion import Span
from motions.segment import find_reps
from scoring.display import FIGHTING, PoseMatch, display_word, match_pose
from scoring.estimators.mediapipe import Landmarks, MediaPipe
from scoring.learning.live_boundaries import LiveBoundaries
from scoring.methods.repetitions import moving_curve
from scoring.pipeline import CONFIDENT, Find
from scoring.poses import PoseSequence
from scoring.recognition import good_sets
from scoring.smoothing import OneEuro
from simulator.rendering.images import read_image

CHECK_S, SETTLED_S = 0.2, 0.3
MEMORY_S = 20.0
"""A repetition that takes longer is not counted."""
LEAST_TORSO = 0.8
"""All points together; set-up and shifting about are mostly less."""
AWAY_S = 0.5
"""After so long out of sight the count begins with a new movement."""
FPS = 10.0
"""How often the movement is looked at, whatever the camera does."""
LEARNT_FPS = 15.0
"""The same for a trained model."""
REST_S = 0.3
_NOWHERE_PX = np.full((len(MEDIAPIPE_33.keypoint_names), 2), np.nan)
_COCO = [MEDIAPIPE_33.keypoint_names.index(name) for name in COCO_17.keypoint_names]
_HIPS = [COCO_17.keypoint_names.index(f"{side}_hip") for side in ("left", "right")]


@dataclass(frozen=True)
class Target:
    """The pose to take."""

    points_m: np.ndarray
    """COCO-17 with +Z up, NaN where unknown. Shape (17, 3)."""
    any_facing: bool
    """Whether it does not matter which way one faces."""


def exercise_target(name: str) -> Target:
    """Return the far end of a repetition of an exercise of the library."""
    one = good_sets(name, n_people=1)[0]
    curve = moving_curve(one)
    return Target(one.keypoints[int(curve.argmax())], any_facing=True)


def named_target(what: str) -> Target:
    """Return an exercise's far end by its name, or the pose in a picture by its path.

    Raises:
        FormbenchError: It is neither, or the picture shows nobody.
    """
    if what in EXERCISES:
        return exercise_target(what)
    if not Path(what).exists():
        raise unknown_name("target (a picture, or an exercise)", what, EXERCISES)
    with MediaPipe(tracking=False) as mediapipe:
        seen = mediapipe.landmarks(read_image(Path(what)))
    if seen is None:
        raise FormbenchError(f"{what}: expected a person, found none")
    return picture_target(seen)


def picture_target(seen: Landmarks) -> Target:
    """Return the pose of a person in a picture; who follows it must face the same way."""
    return Target(_sure(seen), any_facing=False)


@dataclass
class LiveCounter:
    """Counts the repetitions of one person, frame by frame."""

    spans: list[Span] = field(default_factory=list)
    """The repetitions so far, in seconds of the clock of `add`."""
    _seen: deque[tuple[float, np.ndarray]] = field(default_factory=deque)
    _checked_s: float = -np.inf

    @property
    def count(self) -> int:
        """How many repetitions there were."""
        return len(self.spans)

    def add(self, points_m: np.ndarray, at_s: float) -> None:
        """Look at one frame in which the person is seen.

        Args:
            points_m: MediaPipe's 33 points. Shape (33, 3).
            at_s: Later than those before.
        """
        if self._seen and at_s - self._seen[-1][0] > AWAY_S:
            self._seen.clear()
        self._seen.append((at_s, points_m[_COCO]))
        oldest_s = at_s - MEMORY_S
        while self._seen[0][0] < oldest_s:
            self._seen.popleft()
        if at_s - self._checked_s >= CHECK_S and at_s - self._seen[0][0] > 2 * REST_S:
            self._checked_s = at_s
            self._check(at_s)

    def _check(self, now_s: float) -> None:
        start_s = self._seen[0][0]
        points = self._evenly(start_s, now_s)
        # Without the end of the movement: a person who is out there is taken to have begun at rest.
        rest = points[: round(REST_S * FPS)]
        both = np.concatenate([points, rest])
        sequence = PoseSequence(both, np.ones(both.shape[:2]), COCO_17.name, FPS, "live", "m")
        curve = moving_curve(sequence)[: len(points)]
        done_s = self.spans[-1].end_s if self.spans else -np.inf
        for span in find_reps(curve, FPS, LEAST_TORSO):
            found = Span(start_s + span.start_s, start_s + span.end_s)
            if found.end_s <= now_s - SETTLED_S and found.start_s >= done_s - SETTLED_S:
                self.spans.append(found)
        if self.spans:
            # The last repetition stays, so that the next is measured against it.
            while self._seen[0][0] < self.spans[-1].start_s - REST_S:
                self._seen.popleft()

    def _evenly(self, start_s: float, now_s: float) -> np.ndarray:
        times_s = np.array([at_s for at_s, _ in self._seen])
        wanted_s = np.arange(start_s, now_s, 1 / FPS)
        flat = np.stack([points.ravel() for _, points in self._seen])
        even = np.stack([np.interp(wanted_s, times_s, column) for column in flat.T], axis=1)
        return even.reshape(len(wanted_s), -1, 3)


class LearntCounter:
    """Counts what a trained model takes for repetitions, frame by frame.

    Args:
        find: Finds them in a recording, as `scoring.pipeline.finder` gives it.
    """

    def __init__(self, find: Find) -> None:
        self._boundaries = LiveBoundaries(find, MEDIAPIPE_33.name, LEARNT_FPS)
        self._began_s = np.nan
        self._n_frames = 0
        self.count = 0
        """How many repetitions there were."""

    def see(self, seen: Landmarks | None, at_s: float) -> None:
        """Take in one frame, which stands until the next: what is seen in it, and when it was."""
        if np.isnan(self._began_s):
            self._began_s = at_s
        points_px = _NOWHERE_PX if seen is None else seen.image_px
        sure = np.zeros(len(points_px)) if seen is None else seen.visibility
        points_px = np.where(sure[:, None] > 0, points_px, np.nan)
        while self._n_frames / LEARNT_FPS <= at_s - self._began_s:
            self.count += len(self._boundaries.push(points_px, sure))
            self._n_frames += 1

    def finish(self) -> None:
        """Count what no frame will follow any more."""
        self.count += len(self._boundaries.finish())


@dataclass(frozen=True)
class Moment:
    """What is known after one frame."""

    at_s: float
    image_px: np.ndarray | None
    """Smoothed image points, shape (33, 2); None for nobody."""
    world_m: np.ndarray | None
    """Smoothed points in space, shape (33, 3)."""
    count: int
    match: PoseMatch | None
    """None without a target, and where too little is seen to tell."""
    word: str
    """PERFECT or FIGHTING; empty without a match."""


class Follower:
    """Follows one person, frame by frame; the target may be changed on the way.

    Args:
        target: The pose to take.
        find: Finds repetitions by a trained model; without, the way that moves most tells.
    """

    def __init__(self, target: Target | None = None, find: Find | None = None) -> None:
        self.target = target
        self.counter = LiveCounter()
        self.learnt = LearntCounter(find) if find else None
        self._word = FIGHTING
        self._image, self._world = OneEuro(per_speed=0.02), OneEuro()

    def see(self, seen: Landmarks | None, at_s: float) -> Moment:
        """Take in one frame: what MediaPipe sees in it, and when it was."""
        if self.learnt is not None:
            self.learnt.see(seen, at_s)
        if seen is None:
            return Moment(at_s, None, None, self.count, None, "")
        image_px = self._image(seen.image_px, at_s)
        world_m = self._world(seen.world_m, at_s)
        self.counter.add(world_m, at_s)
        match = None
        if self.target is not None:
            match = _match(_sure(seen._replace(world_m=world_m)), self.target)
        self._word = display_word(match.similarity, self._word) if match else FIGHTING
        return Moment(at_s, image_px, world_m, self.count, match, self._word if match else "")

    @property
    def count(self) -> int:
        """How many repetitions there were."""
        return (self.learnt or self.counter).count

    def finish(self, at_s: float) -> Moment:
        """Say what is known when no frame will follow."""
        if self.learnt is not None:
            self.learnt.finish()
        return Moment(at_s, None, None, self.count, None, "")


def follow(
    frames: Iterable[tuple[float, np.ndarray]],
    target: Target | None = None,
    find: Find | None = None,
) -> Iterator[Moment]:
    """Follow the person in pictures that come with their time: a moment each, and one at the end.

    Args:
        frames: When each was, in seconds, and its pixels.
        target: The pose to take.
        find: Finds repetitions by a trained model; without, the way that moves most tells.

    Raises:
        FormbenchError: MediaPipe is not set up, or ended.
    """
    follower, at_s = Follower(target, find), 0.0
    with MediaPipe() as mediapipe:
        for at_s, rgb in frames:
            yield follower.see(mediapipe.landmarks(rgb), at_s)
    yield follower.finish(at_s)


def _sure(seen: Landmarks) -> np.ndarray:
    return np.where(seen.visibility[:, None] >= CONFIDENT, seen.world_m, np.nan)[_COCO]


def _match(points_m: np.ndarray, target: Target) -> PoseMatch | None:
    if target.any_facing:
        points_m = points_m @ _turn(_yaw_rad(points_m) - _yaw_rad(target.points_m)).T
    return match_pose(points_m, target.points_m, COCO_17)


def _yaw_rad(points_m: np.ndarray) -> float:
    across = points_m[_HIPS[0]] - points_m[_HIPS[1]]
    return float(np.arctan2(across[1], across[0]))


def _turn(yaw_rad: float) -> np.ndarray:
    """Return the rotation by minus an angle about the vertical. Shape (3, 3)."""
    cos, sin = np.cos(yaw_rad), np.sin(yaw_rad)
    return np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
