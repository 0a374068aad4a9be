"""TRC marker files, as OpenSim and motion capture software read them: one a clip.

    <side>/<clip_id>.trc

The 22 joint centres as markers, in millimetres, in OpenSim's ground frame: +X ahead, +Y up, +Z to
the right of a person who faces +X. So (x, y, z) of ours is written as (-y, z, -x).
"""

from pathlib import Path

import numpy as np

from export.formats.format import Format, Request, clip_files
from motions.skeleton import SMPL22


def write_trc(request: Request, out: Path) -> None:
    """Write one file of markers a clip."""
    for row, clip, path in clip_files(request, out, ".trc"):
        joints_m = clip.joints_world_m[request.frames(row)]
        path.write_text(_text(path.name, joints_m, row.fps / request.every), encoding="utf-8")


def _text(name: str, joints_m: np.ndarray, fps: float) -> str:
    names = SMPL22.joint_names
    markers_m = np.stack([-joints_m[..., 1], joints_m[..., 2], -joints_m[..., 0]], axis=-1)
    markers_mm = np.round(1000 * markers_m, 4) + 0.0  # no negative zeros
    n_frames = len(joints_m)
    header = [
        ["PathFileType", "4", "(X/Y/Z)", name],
        ["DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units", "OrigDataRate",
         "OrigDataStartFrame", "OrigNumFrames"],
        [f"{fps:.10g}", f"{fps:.10g}", str(n_frames), str(len(names)), "mm", f"{fps:.10g}", "1",
         str(n_frames)],
        ["Frame#", "Time", *(cell for joint in names for cell in (joint, "", ""))],
        ["", "", *(f"{axis}{i}" for i in range(1, len(names) + 1) for axis in "XYZ")],
        [],
    ]  # fmt: skip
    rows = [
        [str(i + 1), f"{i / fps:.6f}", *(f"{value:.4f}" for value in frame.ravel())]
        for i, frame in enumerate(markers_mm)
    ]
    return "".join("\t".join(cells) + "\n" for cells in header + rows)


TRC = Format(
    name="trc",
    title="TRC markers",
    kept=("22 joint centres in 3D", "the frame rate"),
    lost=(
        "image points, cameras, boxes, masks, repetitions, faults, subjects and exercises",
        "places beyond a ten-thousandth of a millimetre",
    ),
    read_by="trc-data-reader",
    write=write_trc,
    parted=True,
    simulated_only=True,
)
