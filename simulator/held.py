"""Where the things are that take part: in the hands, on the floor or under the hands."""

import numpy as np

from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS, rotate, rotation, unit
from motions.library import EXERCISES
from motions.measures import SIDES
from motions.motion import Motion
from motions.skeleton import SMPL22
from simulator.bodies.body import Body
from simulator.bodies.stick import CANONICAL_HEIGHT_M

GRIP_ALONG_SHARE = 0.30
"""From the wrist to the middle of the grip, along the hand, as a share of the forearm."""
GRIP_PALM_SHARE = 0.10
"""The same out of the palm."""
PROP_MASS_KG = {"barbell": 30.0, "left_dumbbell": 5.0, "right_dumbbell": 5.0}
"""What goes with the hands: a 20 kg bar with two plates of 5 kg for learners, as large as drawn,
and the dumbbells that are drawn."""


MAT_M = (1.2, 2.0)
"""Width and length of a mat."""
TALL_PLATE_M, IRON_PLATE_M = 0.21, 0.115
"""Radius of plates that hold a bar on the floor at a height to lift it from, and of 5 kg of iron,
which hide less of who lifts it."""
PLATES_OUT_M = 0.72
"""How far out along the bar plates reach."""
BENCH_M = (1.2, 0.3)
"""Length and width of a bench."""
WRIST_IN_M = 0.03
"""How far wrists are in from the edge of the bench that hands rest on."""


def place_props(
    motion: Motion, body: Body, root_m: np.ndarray, world_wxyz: np.ndarray
) -> dict[str, np.ndarray]:
    """Return T_world_prop (T, 4, 4) for each prop of the motion's exercise.

    The X axis of a bar lies along it; its origin is the middle between the hands, or of the one
    hand that holds it. A bar fixed in the room stays where the hands are at first. A mat lies under
    the body as it is at first, the way the exercise goes, whatever is done wrong; where hands are
    on a bench there is none. The origin of a bench is the middle of its top.
    """
    placed: dict[str, np.ndarray] = {}
    exercise = EXERCISES.get(motion.exercise)
    if exercise is None:
        return placed
    bench_m = bench_height_m(motion, body)
    absent = "mat" if bench_m else "bench"
    for name in exercise.props:
        if name == absent:
            continue
        if name == "mat":
            along = X_AXIS if exercise.sideways else Y_AXIS
            placed[name] = _under(body, root_m, world_wxyz, along)
        elif name == "bench":
            placed[name] = _under_hands(body, root_m, world_wxyz, bench_m)
        elif name.endswith("dumbbell"):
            placed[name] = _in_hand(body, root_m, world_wxyz, name.removesuffix("_dumbbell"))
        else:
            placed[name] = bar_in_hands(body, root_m, world_wxyz, fixed=name == "pullup_bar")
    return placed


def plate_radius_m(exercise_name: str) -> float:
    """Return the radius of the plates on the barbell of an exercise."""
    exercise = EXERCISES.get(exercise_name)
    return TALL_PLATE_M if exercise and exercise.puts_down else IRON_PLATE_M


def bench_height_m(motion: Motion, body: Body) -> float:
    """Return how high the bench is that a body's hands rest on, 0 where it is the floor."""
    return motion.bench_m * body.height_m / CANONICAL_HEIGHT_M


def _under_hands(
    body: Body, root_m: np.ndarray, world_wxyz: np.ndarray, height_m: float
) -> np.ndarray:
    """Return the pose of a bench across the way the hands point. Shape (T, 4, 4)."""
    wrists = [SMPL22.index(f"{side}_wrist") for side in SIDES]
    joints_m = body.skeleton.positions(root_m[:1], world_wxyz[:1])[0]
    left_m, right_m = joints_m[wrists]
    x = unit((left_m - right_m) * [1.0, 1.0, 0.0])
    y = np.cross(Z_AXIS, x)
    middle_m = (left_m + right_m) / 2 - (BENCH_M[1] / 2 - WRIST_IN_M) * y
    middle_m[2] = height_m
    turn = np.stack([x, y, Z_AXIS], axis=-1)
    return _pose(np.tile(turn, (len(root_m), 1, 1)), np.tile(middle_m, (len(root_m), 1)))


def _under(body: Body, root_m: np.ndarray, world_wxyz: np.ndarray, along: np.ndarray) -> np.ndarray:
    """Return the pose of a mat under a body, its own Y, its length, `along`. Shape (T, 4, 4)."""
    joints_m = body.skeleton.positions(root_m[:1], world_wxyz[:1])[0]
    low, high = joints_m.min(axis=0), joints_m.max(axis=0)
    turn = np.stack([np.cross(along, Z_AXIS), along, Z_AXIS], axis=-1)
    middle_m = (low + high) / 2 * [1.0, 1.0, 0.0]
    return _pose(np.tile(turn, (len(root_m), 1, 1)), np.tile(middle_m, (len(root_m), 1)))


def bar_in_hands(
    body: Body, root_m: np.ndarray, world_wxyz: np.ndarray, *, fixed: bool = False
) -> np.ndarray:
    """Return the pose of a bar from hand to hand, where they are at first if fixed. (T, 4, 4)."""
    left, right = (_grip(body, root_m, world_wxyz, side) for side in ("left", "right"))
    if fixed:
        left, right = (np.broadcast_to(hand[:1], hand.shape) for hand in (left, right))
    x = unit(left - right)
    y = unit(np.cross(Z_AXIS, x))
    return _pose(np.stack([x, y, np.cross(x, y)], axis=-1), (left + right) / 2)


def _in_hand(body: Body, root_m: np.ndarray, world_wxyz: np.ndarray, side: str) -> np.ndarray:
    """Return the pose of a handle in one fist: across the hand. Shape (T, 4, 4)."""
    hand = rotation(world_wxyz[:, SMPL22.index(f"{side}_wrist")]).as_matrix()
    # In the T-pose fingers point along X, palms down: the handle lies along Y.
    axes = np.stack([Y_AXIS, np.cross(Z_AXIS, Y_AXIS), Z_AXIS], axis=-1)
    return _pose(hand @ axes, _grip(body, root_m, world_wxyz, side))


def _pose(turns: np.ndarray, origins_m: np.ndarray) -> np.ndarray:
    T = np.tile(np.eye(4), (len(turns), 1, 1))
    T[:, :3, :3], T[:, :3, 3] = turns, origins_m
    return T


def _grip(body: Body, root_m: np.ndarray, world_wxyz: np.ndarray, side: str) -> np.ndarray:
    """Return the middle of what one hand holds. Shape (T, 3)."""
    wrist = SMPL22.index(f"{side}_wrist")
    forearm = body.skeleton.offsets_m[wrist]
    in_hand = GRIP_ALONG_SHARE * forearm - np.array([0, 0, GRIP_PALM_SHARE * np.abs(forearm[0])])
    joints_m = body.skeleton.positions(root_m, world_wxyz)
    return joints_m[:, wrist] + rotate(world_wxyz[:, wrist], in_hand)
