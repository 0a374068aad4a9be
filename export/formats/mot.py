"""OpenSim motions (.mot): joint angles over time for the usual full-body models, one file a clip.

    <side>/<clip_id>.mot

The coordinates of gait2392, Hamner and Rajagopal, in degrees and metres; the knee flexes
positively, as Rajagopal's and OpenCap's do. The pelvis moves by the person's own metres: scale the
model to the person, for example with the markers of the trc format.
"""

from pathlib import Path

from export.formats.format import Format, Request, clip_files
from export.formats.moving import motion_of, skeleton_of
from motions.formats.opensim import write_mot


def write_mots(request: Request, out: Path) -> None:
    """Write one file a clip."""
    for _, clip, path in clip_files(request, out, ".mot"):
        write_mot(motion_of(clip, request.every), path, skeleton_of(clip))


MOT = Format(
    name="mot",
    title="OpenSim motion (.mot)",
    kept=(
        "pelvis, lumbar, hip, knee, ankle, shoulder and elbow angles",
        "the path of the pelvis and the frame rate",
    ),
    lost=(
        "how the bend of the trunk is shared out along the spine; neck, head, wrists and toes",
        "turns of knees, ankles and elbows that are not about their hinge; lifted shoulders",
        "bone lengths, contacts and props",
        "image points, cameras, boxes, masks, repetitions, faults, subjects and exercises",
        "numbers beyond eight places",
    ),
    read_by="angles worked out by hand, and our own reader",
    write=write_mots,
    parted=True,
    simulated_only=True,
)
