"""One camera's truth of a clip, and how it is kept in the clip's two files."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from motions.arrays import frozen
from motions.conventions import CONVENTIONS
from simulator.cameras.camera import Camera

_BY_CONVENTION = {"error_px": True, "confidence": False}  # and whether NaN may stand for none
_WHERE_KNOWN: dict[str, tuple[str | int, ...]] = {
    "labelled": ("T",), "whole_box_px": ("T", 4), "seen_box_px": ("T", 4), "in_view": ("T",),
    "occluded": ("T",), "others_px": ("T", "N", 17, 2), "others_visibility": ("T", "N", 17),
    "others_box_px": ("T", "N", 4),
}  # fmt: skip
_TYPES = {"labelled": bool, "others_visibility": np.uint8}


@dataclass(frozen=True)
class View:
    """What one camera sees of a performance."""

    camera: Camera
    keypoints_px: Mapping[str, np.ndarray]
    """By convention: image points, NaN behind the camera. Shape (T, K, 2)."""
    visibility: Mapping[str, np.ndarray]
    """By convention: 0 outside the image, 1 inside but hidden, 2 visible. Shape (T, K), uint8."""
    box_px: np.ndarray
    """Tight box of the whole person, hidden parts too, clipped to the image: left, top, right,
    bottom. Shape (T, 4)."""
    masks: tuple[str, ...] = ()
    """Where the person is the nearest thing, a COCO compressed run-length string a frame; empty
    when no pixels were made."""
    video: str | None = None
    """File name of the video in the clip's folder."""
    labelled: np.ndarray | None = None
    """Whether anyone looked at each frame; None where all were. Shape (T,), bool."""
    error_px: Mapping[str, np.ndarray] = field(default_factory=dict)
    """By convention: standard error of each point that a human placed, NaN where there is none.
    Shape (T, K)."""
    confidence: Mapping[str, np.ndarray] = field(default_factory=dict)
    """By convention: an estimator's own confidence in each point, 0 to 1. Shape (T, K)."""
    whole_masks: tuple[str, ...] = ()
    """The same as `masks` as if nothing stood before the person."""
    passes: Mapping[str, str] = field(default_factory=dict)
    """File names, by pass, of the other videos in the clip's folder."""
    whole_box_px: np.ndarray | None = None
    """Tight box of the whole person, beyond the image too. Shape (T, 4)."""
    seen_box_px: np.ndarray | None = None
    """Tight box of the pixels that show the person, zeros when none does; None when no pixels were
    made. Shape (T, 4)."""
    in_view: np.ndarray | None = None
    """Share of the person's surface, seen or hidden, that projects into the image. Shape (T,)."""
    occluded: np.ndarray | None = None
    """Share of the person's pixels that something else hides; None when no pixels were made.
    Shape (T,)."""
    others_px: np.ndarray | None = None
    """COCO-17 points of the N other people; None when there are none. Shape (T, N, 17, 2)."""
    others_visibility: np.ndarray | None = None
    """As `visibility`. Shape (T, N, 17)."""
    others_box_px: np.ndarray | None = None
    """As `box_px`. Shape (T, N, 4)."""

    def check(self, where: str, sizes: dict[str, int]) -> None:
        """Check all shapes; `where` names the view in messages, `sizes` holds the clip's T."""
        if self.camera.turns_rad is not None:
            frozen(f"{where} turns_rad", self.camera.turns_rad, ("T", 3), sizes)
        for name, points in self.keypoints_px.items():
            frozen(f"{where} {name}", points, ("T", _count(name), 2), sizes, nan_allowed=True)
            seen = self.visibility[name]
            frozen(f"{where} {name} visibility", seen, ("T", _count(name)), sizes)
        for what, nan_allowed in _BY_CONVENTION.items():
            for name, values in getattr(self, what).items():
                dims = ("T", _count(name))
                frozen(f"{where} {name} {what}", values, dims, sizes, nan_allowed=nan_allowed)
        frozen(f"{where} box_px", self.box_px, ("T", 4), sizes)
        for what, known_dims in _WHERE_KNOWN.items():
            if getattr(self, what) is not None:
                frozen(
                    f"{where} {what}", getattr(self, what), known_dims, sizes,
                    nan_allowed=what == "others_px", dtype=_TYPES.get(what, np.float64),
                )  # fmt: skip

    def about(self) -> dict[str, Any]:
        """Return what clip.json says of the view."""
        camera = {**asdict(self.camera), "T_world_cam": self.camera.T_world_cam.tolist()}
        del camera["turns_rad"]
        return {
            "camera": camera,
            "video": self.video,
            "passes": dict(self.passes),
            "masks": list(self.masks),
            "whole_masks": list(self.whole_masks),
        }

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what truth.npz holds of the view."""
        found = {"box_px": self.box_px}
        for name, points in self.keypoints_px.items():
            found[f"{name}_px"] = points
            found[f"{name}_visibility"] = self.visibility[name].astype(np.uint8)
        for what in _BY_CONVENTION:
            for name, values in getattr(self, what).items():
                found[f"{name}_{what}"] = values
        for what in _WHERE_KNOWN:
            if getattr(self, what) is not None:
                found[what] = getattr(self, what)
        if self.camera.turns_rad is not None:
            found["turns_rad"] = self.camera.turns_rad
        return {f"{self.camera.name}/{name}": values for name, values in found.items()}


def view_from(about: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> View:
    """Read a view back from what clip.json says of it and the arrays of truth.npz."""
    camera = dict(about["camera"])
    start = f"{camera['name']}/"
    own = {key.removeprefix(start): arrays[key] for key in arrays if key.startswith(start)}

    def of_conventions(what: str) -> dict[str, np.ndarray]:
        return {n: own[f"{n}_{what}"] for n in CONVENTIONS if f"{n}_{what}" in own}

    camera |= {name: tuple(camera[name]) for name in ("principal_px", "distortion")}
    camera |= {"T_world_cam": np.array(camera["T_world_cam"]), "turns_rad": own.get("turns_rad")}
    elsewhere: dict[str, Any] = {what: of_conventions(what) for what in _BY_CONVENTION}
    elsewhere |= {what: own.get(what) for what in _WHERE_KNOWN}
    return View(
        camera=Camera(**camera),
        keypoints_px=of_conventions("px"),
        visibility=of_conventions("visibility"),
        box_px=own["box_px"],
        masks=tuple(about["masks"]),
        whole_masks=tuple(about["whole_masks"]),
        video=about["video"],
        passes=about["passes"],
        **elsewhere,
    )


def _count(convention_name: str) -> int:
    return len(CONVENTIONS[convention_name].keypoint_names)
