"""Edits of a body that hangs from its hands, by amounts; see `edits`.

The retargeting keeps the hands on the bar: what turns about the hips here turns about the bar.
"""

import numpy as np

from motions.motion import Motion
from motions.skeleton import SMPL22
from simulator.faults.edits import HEAD, TRUNK, turn
from simulator.faults.trunk_edits import roll_trunk
from simulator.faults.window import Part

SIDES = ("left", "right")
TRUNK_SHARE = 0.4
"""How much of a kip's swing of the hips is the trunk pitching."""
SHIN_SHARE = 0.45
"""How far the shins come forward with lifted thighs: tucked, so that feet clear the floor."""
SHOULDERS_M = 2 * float(
    SMPL22.offsets_m[[SMPL22.index("left_collar"), SMPL22.index("left_shoulder")], 0].sum()
)
"""How far apart the shoulders are on the canonical skeleton."""


def kip(motion: Motion, part: Part, swing_rad: float) -> Motion:
    """Swing legs and trunk: an arch first, then the legs forward with the pull, then back."""
    frames, _ = part.weights(motion)
    share = np.linspace(0, 1, frames.stop - frames.start)
    wave = swing_rad / 2 * np.sin(3 * np.pi * share)
    turns = dict.fromkeys((*TRUNK, *HEAD), -TRUNK_SHARE * wave)
    legs = ("hip", "knee", "ankle", "foot")
    turns |= {f"{s}_{joint}": (1 - TRUNK_SHARE) * wave for s in SIDES for joint in legs}
    return turn(motion, part, turns, of="pelvis")


def lift_knees(motion: Motion, part: Part, angle_rad: float) -> Motion:
    """Lift the thighs forward; the shins come along and hang."""
    turns = {f"{side}_hip": -angle_rad for side in SIDES}
    for joint in ("knee", "ankle", "foot"):
        turns |= {f"{side}_{joint}": -SHIN_SHARE * angle_rad for side in SIDES}
    return turn(motion, part, turns, of="pelvis")


def tip_shoulders(motion: Motion, part: Part, drop_m: float) -> Motion:
    """Tip trunk and shoulders so that the shoulder on the part's side is lower by so much."""
    angle_rad = np.arcsin(np.clip(drop_m / SHOULDERS_M, -1, 1))
    return roll_trunk(motion, part, float(angle_rad))
