"""Real footage: videos and photos of people, brought to where annotators can step frame by frame.

A folder of footage has a list of what is in it, `footage.yaml`:

    items:
      - {file: anna/monday 1.mov, person: anna, session: monday, camera: front, exercise: squat}

Several cameras of one session film the same movement. `start_s` says when a video's first frame
was filmed, on a clock that they share, and `calibration` names the camera's file, see
`labeling.calibration`.

A video is written again with a constant frame rate, see `labeling.timing`; a photo loses all but
its pixels. Faces are hidden, where that is asked for, before anything else looks at a picture.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from export.files import read_json, sha256_of, write_json
from labeling.calibration import read_calibration
from labeling.estimates import Estimate, Estimator, hide_face, mosaic
from labeling.instants import Angle
from labeling.labels import Source
from labeling.media import PHOTOS
from labeling.tasks import opaque_id
from labeling.timing import Timing, transcode
from motions.errors import FormbenchError
from simulator.rendering.images import read_image, write_image

LIST_NAME = "footage.yaml"
SCHEMA = "formbench.labeling.footage/1"
PHOTO_FPS = 1.0

_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]


class _Item(BaseModel):
    model_config = ConfigDict(extra="forbid")

    file: str
    person: _Name
    session: _Name
    camera: _Name
    exercise: _Name
    start_s: float = Field(default=0.0, allow_inf_nan=False)
    calibration: str | None = None


class _List(BaseModel):
    model_config = ConfigDict(extra="forbid")

    items: list[_Item] = Field(min_length=1)


@dataclass(frozen=True)
class Footage:
    """One video or photo, and who is in it."""

    path: Path
    person: str
    """The subject's id: splits keep a person on one side."""
    session: str
    camera: str
    exercise: str
    start_s: float = 0.0
    """When its first frame was filmed, on the clock of the session."""
    calibration: Path | None = None
    """The file that says where the camera stands, where that is known."""

    @property
    def clip_id(self) -> str:
        """What it is called in our files."""
        return f"{self.person}.{self.session}.{self.camera}"

    @property
    def performance(self) -> tuple[str, str, str]:
        """The same for what several cameras film at once."""
        return (self.person, self.session, self.exercise)

    @property
    def is_photo(self) -> bool:
        """Whether it is a single picture."""
        return self.path.suffix.lower() in PHOTOS


@dataclass(frozen=True)
class Imported:
    """Footage in a media folder."""

    footage: Footage
    angle: Angle
    """What tasks are made of; its pictures are in the media folder."""
    timing: Timing | None
    """Of a video."""


def read_footage(folder: Path) -> tuple[Footage, ...]:
    """Read the list of a folder of footage.

    Raises:
        FormbenchError: There is no list, it is not as it should be, a file is missing, or two
            items are of the same person, session and camera.
    """
    path = folder / LIST_NAME
    try:
        stored = _List.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise FormbenchError(
            f"{folder}: expected {LIST_NAME}, a list of `items` with file, person, session, camera "
            "and exercise of each video or photo"
        ) from error
    except yaml.YAMLError as error:
        raise FormbenchError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise FormbenchError(f"{path}: {where}: {first['msg']}, got {first['input']!r}") from error
    found: dict[str, Footage] = {}
    for item in stored.items:
        about = item.model_dump(exclude={"file", "calibration"})
        calibration = folder / item.calibration if item.calibration else None
        footage = Footage(path=folder / item.file, calibration=calibration, **about)
        for name in (item.file, item.calibration):
            if name and not (folder / name).is_file():
                raise FormbenchError(f"{path}: {name!r} is not there")
        if footage.clip_id in found:
            raise FormbenchError(
                f"{path}: {item.file!r} and {found[footage.clip_id].path.name!r} are both "
                f"{footage.clip_id}; give one another session or camera"
            )
        found[footage.clip_id] = footage
    return tuple(found.values())


def import_footage(piece: Footage, media: Path, find_face: Estimator | None) -> Imported:
    """Write a piece of footage into a media folder under an opaque name.

    Args:
        piece: A video or a photo.
        media: The folder.
        find_face: Finds the person whose face is hidden; None to leave faces as they are.

    Raises:
        FormbenchError: The file cannot be read, is broken or has too few frames.
    """
    identity = sha256_of(piece.path)
    hide = _FaceHider(find_face) if find_face else None
    timing = None
    # The names that tasks of this source will ask for, see `labeling.tasks`.
    if piece.is_photo:
        name = f"{opaque_id(identity, piece.clip_id, piece.camera, 0)}.jpg"
        rgb = read_image(piece.path)
        write_image(media / name, hide(rgb) if hide else rgb)
        size_px = (rgb.shape[1], rgb.shape[0])
    else:
        name = f"{opaque_id(identity, piece.clip_id, piece.camera)}.mp4"
        timing, size_px = transcode(piece.path, media / name, hide or (lambda rgb: rgb))
    source = Source(
        identity=identity,
        clip_id=piece.clip_id,
        exercise=piece.exercise,
        fps=timing.fps if timing else PHOTO_FPS,
        n_frames=len(timing.source_frames) if timing else 1,
        sizes_px={piece.camera: size_px},
    )
    known = piece.calibration
    calibration = read_calibration(known, piece.camera, size_px) if known else None
    angle = Angle(source, piece.camera, media / name, piece.start_s, calibration)
    return Imported(piece, angle, timing)


def write_footage(brought: Iterable[Imported], path: Path) -> None:
    """Write who is in the footage of a labelling folder, and what its frames were in the source."""
    rows: list[dict[str, Any]] = [
        {
            "clip_id": one.footage.clip_id,
            "file": one.footage.path.name,
            "sha256": one.angle.source.identity,
            "person": one.footage.person,
            "session": one.footage.session,
            "camera": one.footage.camera,
            "exercise": one.footage.exercise,
            "fps": one.angle.source.fps,
            "source_frames": one.timing.source_frames.tolist() if one.timing else [0],
            "source_times_s": one.timing.source_times_s.tolist() if one.timing else [0.0],
        }
        for one in brought
    ]
    write_json({"schema": SCHEMA, "footage": rows}, path)


def read_people(label_folder: Path) -> dict[str, str]:
    """Return the person in each piece of real footage of a labelling folder, by clip id."""
    rows = read_json(label_folder / "footage.json", SCHEMA)["footage"]
    return {row["clip_id"]: row["person"] for row in rows}


class _FaceHider:
    """Hides the face in one picture after another.

    Where nobody is found, the face is hidden where it was last, and until it is found at all the
    whole picture is: rather too much than a face.
    """

    def __init__(self, find: Estimator) -> None:
        self._find = find
        self._last: Estimate | None = None

    def __call__(self, rgb: np.ndarray) -> np.ndarray:
        self._last = self._find(rgb) or self._last
        return hide_face(rgb, self._last) if self._last else mosaic(rgb, max(rgb.shape[:2]) // 8)
