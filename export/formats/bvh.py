"""BVH, as Blender, MotionBuilder and most motion tools read it: one file a clip.

    <side>/<clip_id>.bvh

The person's own skeleton of 22 joints in a T-pose, in centimetres, +y up, facing +z; rotations in
degrees in the order Z, X, Y.
"""

from pathlib import Path

from export.formats.format import Format, Request, clip_files
from export.formats.moving import motion_of, skeleton_of
from motions.formats.bvh import write_bvh


def write_bvhs(request: Request, out: Path) -> None:
    """Write one file a clip."""
    for _, clip, path in clip_files(request, out, ".bvh"):
        write_bvh(motion_of(clip, request.every), path, skeleton_of(clip))


BVH = Format(
    name="bvh",
    title="BVH motion",
    kept=("22 joints with the person's bone lengths", "rotations and the frame rate"),
    lost=(
        "the shape of the body, contacts and props",
        "image points, cameras, boxes, masks, repetitions, faults, subjects and exercises",
        "numbers beyond nine digits",
    ),
    read_by="bvhio",
    write=write_bvhs,
    parted=True,
    simulated_only=True,
)
