"""VideoPose3D's arrays: 3D and 2D by subject, action and camera, in the layout of Human3.6M.

    data_3d_formbench.npz       positions_3d: {subject: {action: (T, 17, 3)}}, metres, world
    data_2d_formbench_gt.npz    positions_2d: {subject: {action: [(T, 17, 2) a camera]}}, pixels;
                                metadata: layout, number of points, which mirror which
    cameras.json                {subject: {action: [camera]}}: intrinsics and extrinsics
    subjects.json               {side: [subject]}

An action is a clip. The arrays are float32 and lie in pickled dictionaries, as VideoPose3D's own:
its loader needs allow_pickle. Its cameras are hard-coded for Human3.6M's subjects; take them from
cameras.json instead, which follows its fields and its axes (OpenCV's, T_world_cam as orientation
w, x, y, z and translation in metres).
"""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from export.files import write_json
from export.formats.format import Format, Request, standing, views
from motions.conventions import COCO_17
from motions.geometry import to_wxyz
from motions.skeleton import SMPL22
from simulator.cameras.camera import Camera

H36M_17: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("smpl22", ("pelvis",)), ("smpl22", ("right_hip",)), ("smpl22", ("right_knee",)),
    ("smpl22", ("right_ankle",)), ("smpl22", ("left_hip",)), ("smpl22", ("left_knee",)),
    ("smpl22", ("left_ankle",)), ("smpl22", ("spine2",)), ("smpl22", ("neck",)),
    ("coco17", ("nose",)), ("coco17", ("left_ear", "right_ear")),
    ("smpl22", ("left_shoulder",)), ("smpl22", ("left_elbow",)), ("smpl22", ("left_wrist",)),
    ("smpl22", ("right_shoulder",)), ("smpl22", ("right_elbow",)), ("smpl22", ("right_wrist",)),
)  # fmt: skip
"""Our points whose mean stands for each of Human3.6M's 17, in its order: hip, right leg, left leg,
spine, thorax, nose, head, left arm, right arm."""

LEFT, RIGHT = [4, 5, 6, 11, 12, 13], [1, 2, 3, 14, 15, 16]

_NAMES = {"smpl22": SMPL22.joint_names, "coco17": COCO_17.keypoint_names}


def write_videopose3d(request: Request, out: Path) -> None:
    """Write the two archives, the cameras and the sides."""
    positions_3d: dict[str, dict[str, np.ndarray]] = defaultdict(dict)
    positions_2d: dict[str, dict[str, list[np.ndarray]]] = defaultdict(dict)
    cameras: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(dict)
    subjects: dict[str, set[str]] = {side: set() for side in request.sides}
    for side, rows in request.sides.items():
        for row, clip in request.clips(rows):
            subjects[side].add(row.subject_id)
            seen = list(views(clip, row, COCO_17.name))
            frames = request.frames(row)
            world = {"smpl22": clip.joints_world_m, "coco17": clip.keypoints_world_m["coco17"]}
            positions_3d[row.subject_id][row.clip_id] = _h36m(world)[frames]
            positions_2d[row.subject_id][row.clip_id] = [
                _h36m(view.keypoints_px)[frames] for view in seen
            ]
            cameras[row.subject_id][row.clip_id] = [
                _camera(standing(view.camera, "videopose3d")) for view in seen
            ]
    metadata = {
        "layout_name": "h36m",
        "num_joints": len(H36M_17),
        "keypoints_symmetry": [LEFT, RIGHT],
    }
    np.savez_compressed(out / "data_3d_formbench", positions_3d=_object(dict(positions_3d)))
    np.savez_compressed(
        out / "data_2d_formbench_gt",
        positions_2d=_object(dict(positions_2d)),
        metadata=_object(metadata),
    )
    write_json(cameras, out / "cameras.json")
    write_json({side: sorted(names) for side, names in subjects.items()}, out / "subjects.json")


def _h36m(points: Mapping[str, np.ndarray]) -> np.ndarray:
    """Gather the 17 points of arrays (T, K, n) by convention. Shape (T, 17, n), float32."""
    return np.stack(
        [
            np.mean([points[name][:, _NAMES[name].index(part)] for part in parts], axis=0)
            for name, parts in H36M_17
        ],
        axis=1,
    ).astype(np.float32)


def _camera(camera: Camera) -> dict[str, Any]:
    k1, k2, p1, p2, k3 = camera.distortion
    turn = Rotation.from_matrix(camera.T_world_cam[:3, :3])
    return {
        "id": camera.name,
        "center": camera.principal_px,
        "focal_length": [camera.focal_px, camera.focal_px],
        "radial_distortion": [k1, k2, k3],
        "tangential_distortion": [p1, p2],
        "res_w": camera.width_px,
        "res_h": camera.height_px,
        "orientation": to_wxyz(turn).tolist(),
        "translation": camera.position_m.tolist(),
    }


def _object(value: object) -> np.ndarray:
    return np.array(value, dtype=object)


VIDEOPOSE3D = Format(
    name="videopose3d",
    title="VideoPose3D (Human3.6M layout)",
    kept=("17 points in 3D and from every camera, in single precision", "cameras", "subjects"),
    lost=(
        "visibility, boxes, masks, repetitions, faults and exercises",
        "Human3.6M's own head and nose: midway between the ears, and the nose, stand for them",
        "the frame rate, which its loader takes from the command line",
    ),
    read_by="the structure that VideoPose3D's loader reads",
    write=write_videopose3d,
    simulated_only=True,
)
