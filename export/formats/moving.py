"""A clip's movement as the formats of motion capture have it: a skeleton with joint rotations."""

from motions.motion import Motion
from motions.skeleton import SMPL22, Skeleton
from simulator.clip import Clip


def skeleton_of(clip: Clip) -> Skeleton:
    """Return a simulated person's bones in the canonical T-pose."""
    return Skeleton(SMPL22.joint_names, SMPL22.parents, clip.rest_offsets_m)


def motion_of(clip: Clip, every: int) -> Motion:
    """Return a simulated clip's movement on its own person's skeleton, every n-th frame."""
    return Motion(
        exercise=clip.exercise,
        fps=clip.fps / every,
        root_position_m=clip.joints_world_m[::every, 0],
        joint_rotations_wxyz=SMPL22.local_rotations(clip.world_wxyz[::every]),
        contacts=clip.contacts[::every],
        phase=clip.phase[::every],
        reps=clip.reps,
        source=f"formbench clip {clip.clip_id}",
        licence=" AND ".join(sorted(set(clip.licences.values()))),
    )
