"""People before the browser's camera, each with a MediaPipe of their own."""

import secrets
import threading
from time import perf_counter
from typing import Any

import numpy as np

from motions.conventions import COCO_17
from motions.errors import FormbenchError
from scoring.estimators.mediapipe import MediaPipe
from scoring.live import Follower, Moment, Target, exercise_target, picture_target

MOST = 2
"""With more the one that began first is ended."""


class _Person:
    def __init__(self, target: Target | None) -> None:
        self.follower = Follower(target)
        self.lock = threading.Lock()
        self.mediapipe = MediaPipe().__enter__()
        self.ended = False

    def end(self) -> None:
        with self.lock:
            if not self.ended:
                self.ended = True
                self.mediapipe.__exit__()


class Following:
    """All who are followed by one server."""

    def __init__(self) -> None:
        self._people: dict[str, _Person] = {}

    def begin(self, exercise: str = "", picture: np.ndarray | None = None) -> dict[str, Any]:
        """Begin to follow someone, towards an exercise's far end, a picture's pose, or nothing.

        Raises:
            FormbenchError: The exercise is not known, nobody is in the picture, or MediaPipe is not
                set up.
        """
        target = _target(exercise, picture)
        if len(self._people) >= MOST:
            self.end(next(iter(self._people)))
        person_id = secrets.token_urlsafe(16)
        self._people[person_id] = _Person(target)
        shown = None if target is None else _points(target.points_m)
        names, bones = COCO_17.keypoint_names, COCO_17.bone_indices
        return {"id": person_id, "target": shown, "names": names, "bones": bones}

    def see(self, person_id: str, rgb: np.ndarray) -> dict[str, Any]:
        """Take in one frame of the camera. Shape (height, width, 3), uint8."""
        if person_id not in self._people:
            raise FormbenchError("nobody is followed under this name any more: begin anew")
        person = self._people[person_id]
        with person.lock:
            if person.ended:
                raise FormbenchError("ended: begin anew")
            moment = person.follower.see(person.mediapipe.landmarks(rgb), perf_counter())
        return _told(moment)

    def end(self, person_id: str) -> None:
        """Stop following someone, who may be gone already."""
        person = self._people.pop(person_id, None)
        if person is not None:
            person.end()

    def close(self) -> None:
        """Stop following everyone."""
        for person_id in list(self._people):
            self.end(person_id)


def _target(exercise: str, picture: np.ndarray | None) -> Target | None:
    if picture is not None:
        with MediaPipe(tracking=False) as mediapipe:
            seen = mediapipe.landmarks(picture)
        if seen is None:
            raise FormbenchError("expected a person in the picture, found none")
        return picture_target(seen)
    return exercise_target(exercise) if exercise else None


def _told(moment: Moment) -> dict[str, Any]:
    told: dict[str, Any] = {"count": moment.count, "word": moment.word, "points": None}
    if moment.image_px is not None and moment.world_m is not None:
        told |= {"points": _points(moment.image_px), "world": _points(moment.world_m)}
    if moment.match is not None:
        told |= {
            "similarity": round(moment.match.similarity),
            "coordinates": round(moment.match.coordinates),
            "angles": round(moment.match.angles),
            "suggestions": moment.match.suggestions[:3],
        }
    return told


def _points(points: np.ndarray) -> list[list[float] | None]:
    return [None if np.isnan(p[0]) else [round(float(c), 3) for c in p] for p in points]
