"""AMASS: SMPL-H pose parameters, as the loaders of AMASS read them: one .npz a clip.

    <side>/<clip_id>.npz     poses (T, 156), trans (T, 3), betas (16), gender, mocap_framerate

The poses are those of the mean shape, on which the movement is scaled; the fingers are straight and
the betas zero, because our bodies are not SMPL's. No model file is needed, none is made from one.
"""

from pathlib import Path

from export.formats.format import Format, Request, clip_files
from export.formats.moving import motion_of, skeleton_of
from motions.formats.amass import write_amass


def write_amasses(request: Request, out: Path) -> None:
    """Write one archive a clip."""
    for _, clip, path in clip_files(request, out, ".npz"):
        write_amass(motion_of(clip, request.every), path, skeleton_of(clip))


AMASS = Format(
    name="amass",
    title="AMASS (SMPL-H poses)",
    kept=("the rotations of 22 joints", "the path of the pelvis, scaled to the mean shape", "fps"),
    lost=(
        "the person's shape and bone lengths; where hands and feet are on it",
        "image points, cameras, boxes, masks, repetitions, faults, subjects and exercises",
    ),
    read_by="AMASS's documented arrays, and an SMPL skeleton",
    write=write_amasses,
    parted=True,
    simulated_only=True,
)
