"""What MediaPipe takes our people for: how often it finds them, and how near its points are.

    python benchmarks/realism.py [--quick] [--json] [--exercise NAME]...

Every exercise is filmed from the front, from the side and obliquely. PCK@0.2 is the share of the 17
COCO points inside the image, hidden ones too, that lie within 0.2 torso lengths of the truth; the
same of the points in sight stands beside it, without a target. The torso is the true one, mid-hip
to mid-shoulder, as long as it would look across the view at the person's distance, so that bending
towards the camera does not shrink the measure. Published PCK@0.2 of the same model on real footage
(BlazePose GHUM, full): HIIT 95.5, dance 96.3, yoga 95.5.
"""

import sys
import tempfile
from collections import defaultdict
from pathlib import Path

# Beside this file lies another scoring.py, which is not the package.
sys.path[0] = str(Path(__file__).parents[1])

import numpy as np

from benchmarks.table import Row, arguments, finish
from export.dataset import seal_dataset
from motions.conventions import COCO_17, MEDIAPIPE_33
from motions.library import EXERCISES
from motions.skeleton import SMPL22
from scoring.estimators.mediapipe import NobodySeenError, seen_poses
from simulator.clip import Clip, View
from simulator.config import parse_config
from simulator.generate import generate
from simulator.rendering.video import read_video

BENT_OR_DOWN = ("barbell_row", "deadlift", "downward_dog", "plank", "push_up")
PUBLISHED = {"dance": "96.3 dance"} | dict.fromkeys(
    ("warrior_ii", "tree", "downward_dog", "plank"), "95.5 yoga"
)
COCO = [MEDIAPIPE_33.keypoint_names.index(name) for name in COCO_17.keypoint_names]


def look(clip: Clip, view: View, video: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return for each frame whether anybody was found, and each point's error in torso lengths.

    Errors (T, 17) are NaN for points outside the image, infinite where nobody was found.
    """
    film = read_video(video)
    inside = view.visibility[COCO_17.name] > 0
    try:
        seen = seen_poses(film.frames, film.fps).image
    except NobodySeenError:
        return np.zeros(clip.n_frames, dtype=bool), np.where(inside, np.inf, np.nan)
    off_px = np.linalg.norm(seen.keypoints[:, COCO] - view.keypoints_px[COCO_17.name], axis=-1)
    joints = {name: clip.joints_world_m[:, SMPL22.index(name)] for name in SMPL22.joint_names}
    hips, shoulders = (
        (joints[f"left_{part}"] + joints[f"right_{part}"]) / 2 for part in ("hip", "shoulder")
    )
    torso_m = np.median(np.linalg.norm(shoulders - hips, axis=1))
    depth_m = view.camera.to_camera(joints["pelvis"])[:, 2]
    off = off_px / (view.camera.focal_px * torso_m / depth_m)[:, None]
    return (seen.confidence > 0).any(axis=1), np.where(
        inside, np.nan_to_num(off, nan=np.inf), np.nan
    )


if __name__ == "__main__":  # the pool's processes import this file
    wanted = arguments(__doc__, sorted(EXERCISES))
    exercises = wanted.exercise or (["squat", "plank"] if wanted.quick else sorted(EXERCISES))
    config = {
        "seed": 5,
        "exercises": exercises,
        "subjects": 1 if wanted.quick else 2,
        "reps": 1,
        "fps": 10,
        "cameras": {"named": ["front", "side", "oblique"], "width_px": 640, "height_px": 480},
    }
    found, near, in_sight = (defaultdict(lambda: np.array([], dtype=bool)) for _ in range(3))
    with tempfile.TemporaryDirectory() as folder:
        generate(parse_config(config, "this benchmark"), Path(folder))
        dataset = seal_dataset(Path(folder))
        for clip in dataset.clips():
            for view in clip.views:
                video = dataset.clip_folder(clip.clip_id) / str(view.video)
                seen, off = look(clip, view, video)
                key = clip.exercise, view.camera.name
                found[key] = np.append(found[key], seen)
                near[key] = np.append(near[key], (off <= 0.2)[~np.isnan(off)])
                sight = view.visibility[COCO_17.name] == 2
                in_sight[key] = np.append(in_sight[key], (off <= 0.2)[sight])
    rows = []
    for exercise in exercises:
        views = sorted(view for name, view in found if name == exercise)
        bound = 0.9 if exercise in BENT_OR_DOWN else 0.97
        peer = PUBLISHED.get(exercise, "95.5 HIIT")
        pooled = [
            float(np.concatenate([kept[exercise, v] for v in views]).mean())
            for kept in (found, near, in_sight)
        ]
        rows += [
            Row(f"{exercise}: frames with a person", pooled[0], ">= 0.99"),
            Row(f"{exercise}: PCK@0.2", pooled[1], f">= {bound}", peer),
            Row(f"{exercise}: PCK@0.2, in sight", pooled[2]),
        ]
        kinds = {"frames with a person": found, "PCK@0.2": near, "PCK@0.2, in sight": in_sight}
        for view in views:
            for what, kept in kinds.items():
                share = float(kept[exercise, view].mean())
                rows.append(Row(f"{exercise}, {view}: {what}", share))
    finish(rows, wanted.json)
