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

import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from export.files import write_json
from export.formats.format import Format, Request, standing, views
from export.pickling import PickleStream, object_array
from export.rows import ClipRow
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

_METADATA = {
    "layout_name": "h36m",
    "num_joints": len(H36M_17),
    "keypoints_symmetry": [LEFT, RIGHT],
}

_NAMES = {"smpl22": SMPL22.joint_names, "coco17": COCO_17.keypoint_names}


def write_videopose3d(request: Request, out: Path) -> None:
    """Write the two archives and the cameras, clip after clip, and the sides."""
    subjects: dict[str, list[ClipRow]] = defaultdict(list)
    for rows in request.sides.values():
        for row in rows:
            subjects[row.subject_id].append(row)
    with ExitStack() as stack:
        in_3d = stack.enter_context(_archive(out / "data_3d_formbench.npz", "positions_3d"))
        in_2d = stack.enter_context(
            _archive(out / "data_2d_formbench_gt.npz", "positions_2d", metadata=_METADATA)
        )
        cameras = stack.enter_context((out / "cameras.json").open("w", encoding="utf-8"))
        comma = "{\n"
        for subject_id, of_one in subjects.items():
            of_subject: dict[str, list[dict[str, Any]]] = {}
            with in_3d.entry(subject_id), in_2d.entry(subject_id):
                in_3d.begin_dict()
                in_2d.begin_dict()
                for row, clip in request.clips(of_one):
                    seen = list(views(clip, row, COCO_17.name))
                    frames = request.frames(row)
                    world = {"smpl22": clip.joints_world_m}
                    world["coco17"] = clip.keypoints_world_m["coco17"]
                    with in_3d.entry(row.clip_id):
                        in_3d.leaf(_h36m(world)[frames])
                    with in_2d.entry(row.clip_id):
                        in_2d.leaf([_h36m(view.keypoints_px)[frames] for view in seen])
                    of_subject[row.clip_id] = [
                        _camera(standing(view.camera, "videopose3d")) for view in seen
                    ]
            cameras.write(f"{comma}{json.dumps(subject_id)}: {json.dumps(of_subject)}")
            comma = ",\n"
        cameras.write("\n}\n" if subjects else "{}\n")
    sides = {side: sorted({row.subject_id for row in rows}) for side, rows in request.sides.items()}
    write_json(sides, out / "subjects.json")


@contextmanager
def _archive(path: Path, name: str, **arrays: Any) -> Iterator[PickleStream]:
    """Give a dictionary to fill that becomes the array `name` of a .npz, before other arrays."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with (
            archive.open(_member(name), "w", force_zip64=True) as file,
            object_array(file) as stream,
        ):
            stream.begin_dict()
            yield stream
        for other, value in arrays.items():
            with archive.open(_member(other), "w") as file, object_array(file) as stream:
                stream.leaf(value)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(f"{name}.npy")  # of 1980: the same bytes at any time
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


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
