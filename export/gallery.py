"""A dataset to look at: a static page with its videos, the truth drawn over them, and filters.

    OUT/index.html        open it in a browser; no server is needed
    OUT/gallery.css, gallery.js
    OUT/clips.js          what every clip is, for the filters
    OUT/clips/<id>.js     the truth of one clip, read when it is looked at
    OUT/clips/<id>/<camera>.<pass>.mp4   a pass in colours, which browsers can play

A page opened from a disk may load scripts but no other data, so the data are scripts. The videos
stay in the dataset: the page links to them, and moves with it.
"""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from export.colouring import coloured
from export.dataset import Dataset
from export.files import new_folder
from motions.conventions import CONVENTIONS
from simulator.clip import Clip, View
from simulator.faults.library import FAULTS
from simulator.rendering.video import VideoWriter, read_lossless

PAGE = ("gallery.html", "gallery.css", "gallery.js")


def write_gallery(
    dataset: Dataset, out: Path, on_clip: Callable[[int, int], None] = lambda done, total: None
) -> Path:
    """Write the page of a dataset and return it.

    Args:
        dataset: What is shown.
        out: A new or empty folder; it links to the dataset's, so keep the two as they lie.
        on_clip: Is told how many clips of how many are written.

    Raises:
        FormbenchError: Something is in `out` already.
    """
    with new_folder(out) as folder:
        (folder / "clips").mkdir()
        listed = []
        for done, row in enumerate(dataset.rows, 1):
            clip, media = dataset.clip(row.clip_id), dataset.clip_folder(row.clip_id)
            truth = _truth(clip, _link(media, out))
            _write_passes(clip, media, folder / "clips" / row.clip_id)
            _write_script(folder / "clips" / f"{row.clip_id}.js", "showClip", truth)
            videos = {view["camera"]: view["videos"].get("picture") for view in truth["views"]}
            listed.append(asdict(row) | {"videos": videos})
            on_clip(done, len(dataset.rows))
        about = {
            "clips": listed,
            "faults": {name: {"title": f.title, "unit": f.unit} for name, f in FAULTS.items()},
            "bones": {name: list(c.bone_indices) for name, c in CONVENTIONS.items()},
            "names": {name: list(c.keypoint_names) for name, c in CONVENTIONS.items()},
        }
        _write_script(folder / "clips.js", "showClips", about)
        for name in PAGE:
            target = "index.html" if name == "gallery.html" else name
            shutil.copyfile(Path(__file__).with_name(name), folder / target)
    return out / "index.html"


def _link(folder: Path, out: Path) -> str:
    return quote(os.path.relpath(folder.resolve(), out.resolve()))


def _truth(clip: Clip, media: str) -> dict[str, Any]:
    return {
        "clip_id": clip.clip_id,
        "exercise": clip.exercise,
        "fps": clip.fps,
        "n_frames": clip.n_frames,
        "phase": np.round(clip.phase, 3).tolist(),
        "reps": [asdict(rep) for rep in clip.reps],
        "faults": [asdict(fault) for fault in clip.faults],
        "views": [_view(view, media, f"clips/{quote(clip.clip_id)}") for view in clip.views],
    }


def _view(view: View, media: str, colours: str) -> dict[str, Any]:
    camera = view.camera
    videos = {"picture": f"{media}/{quote(view.video)}"} if view.video else {}
    videos |= {name: f"{colours}/{quote(_coloured_name(view, name))}" for name in view.passes}
    return {
        "camera": camera.name,
        "width": camera.width_px,
        "height": camera.height_px,
        "videos": videos,
        "keypoints": {name: _rounded(points) for name, points in view.keypoints_px.items()},
        "visibility": {name: seen.tolist() for name, seen in view.visibility.items()},
        "boxes": _rounded(view.box_px),
        "masks": list(view.masks),
    }


def _write_passes(clip: Clip, media: Path, folder: Path) -> None:
    for view in clip.views:
        size = view.camera.width_px, view.camera.height_px
        for name, file in view.passes.items():
            folder.mkdir(exist_ok=True)
            with VideoWriter(folder / _coloured_name(view, name), *size, clip.fps) as video:
                for coded in read_lossless(media / file):
                    video.write(coloured(name, coded))


def _coloured_name(view: View, pass_name: str) -> str:
    return f"{view.camera.name}.{pass_name}.mp4"


def _rounded(points_px: np.ndarray) -> list[Any]:
    """Return image points to a tenth of a pixel; null where there is none."""
    plain = np.round(points_px.astype(np.float64), 1).astype(object)
    plain[np.isnan(points_px)] = None
    rounded: list[Any] = plain.tolist()
    return rounded


def _write_script(path: Path, function: str, data: dict[str, Any]) -> None:
    text = json.dumps(data, separators=(",", ":"), sort_keys=True, allow_nan=False)
    # "</script>" in a name would end the script where it is pasted into a page.
    safe = text.replace("</", "<\\/")
    path.write_text(f"{function}({safe});\n", encoding="utf-8")
