"""A barbell that is put down at the far end comes down to the floor on every body.

How deep a repetition is for that hangs on a person's arms, trunk and legs, so the depth is found on
the body. What a fault does to it comes after.
"""

from dataclasses import replace

from motions.exercise import Exercise
from motions.perform import perform
from motions.variation import Style
from simulator.bodies.body import Body
from simulator.plates import plates_height_m
from simulator.retarget import retarget

SHALLOW = 0.9
"""A depth with which no bar comes down to the floor: from there it is lowered..."""
LOWER_M, ROUNDS = 1.6, 4
"""...so many times, by a little less than what is left of the way: a bar comes lower by 1.3 to 1.5
metres for a depth that is more by a whole range."""


def put_down(what: Exercise, style: Style, body: Body, fps: float) -> Style:
    """Return the style in which every repetition ends with the plates on the floor."""
    style = replace(style, reps=tuple(replace(rep, depth=SHALLOW) for rep in style.reps))
    for _ in range(ROUNDS):
        done = retarget(perform(what, style, fps), body, metrics=False, skin=False)
        heights_m = plates_height_m(done.props["barbell"])
        lowest_m = [heights_m[rep.frames(fps, len(heights_m))].min() for rep in done.motion.reps]
        reps = (
            replace(rep, depth=rep.depth + over_m / LOWER_M)
            for rep, over_m in zip(style.reps, lowest_m, strict=True)
        )
        style = replace(style, reps=tuple(reps))
    return style
