"""In the air only gravity acts: the centre of mass is put on its parabola.

A reference motion's flight fits the reference's limbs and masses. On another body the same limbs
leave another centre of mass, so the whole body is shifted, frame by frame, until its centre of mass
has gravity's acceleration throughout, on the parabola nearest to its way: feet leave and land
between frames, at the speed that was asked for.

A recording's feet may be off the floor, or not known to be on it, while nothing falls; what would
have to be shifted far is therefore no flight, and is left alone.
"""

import numpy as np

from motions.geometry import rotation
from motions.walking import bridge
from simulator.bodies.body import Body
from simulator.physics.anthropometry import mass_model
from simulator.physics.tpose import in_tpose

GRAVITY_M_S2 = np.array([0.0, 0.0, -9.81])
FAR_M = 0.06
"""A stretch without contact that is farther than this from its parabola is no flight."""
LEAD_S = 0.08
"""How long a body on the ground takes to come to where its flight begins."""


def contactless(contacts: np.ndarray) -> np.ndarray:
    """Return the stretches (F, 2) of frames, first and one after the last, without any contact."""
    airborne = np.concatenate([[False], ~contacts.any(axis=1), [False]])
    return np.flatnonzero(airborne[1:] != airborne[:-1]).reshape(-1, 2)


def centre_of_mass(body: Body, root_m: np.ndarray, world_wxyz: np.ndarray) -> np.ndarray:
    """Return the body's centre of mass, without what it holds. Shape (T, 3)."""
    model = mass_model(body, in_tpose(body))
    joints_m = body.skeleton.positions(root_m, world_wxyz)
    turns = rotation(world_wxyz).as_matrix()
    centres_m = joints_m + np.einsum("tjab,jb->tja", turns, model.centres_m)
    return np.einsum("j,tja->ta", model.masses_kg, centres_m) / model.mass_kg


def fallen_freely(
    body: Body, root_m: np.ndarray, world_wxyz: np.ndarray, contacts: np.ndarray, fps: float
) -> np.ndarray:
    """Shift the root (T, 3) in flights that begin and end on the ground, and lead it there.

    Feet of a recording push for a while after they are seen to leave the floor, so that its flights
    do not begin and end where a parabola does.
    """
    if contacts.any(axis=1).all():
        return root_m
    shift_m, falls = np.zeros_like(root_m), np.zeros(len(root_m), dtype=bool)
    centre_m = centre_of_mass(body, root_m, world_wxyz)
    for first, stop in contactless(contacts):
        if first == 0 or stop == len(root_m) or stop - first < 2:
            continue
        times_s = np.arange(stop - first)[:, None] / fps
        fall_m = GRAVITY_M_S2 / 2 * times_s**2
        speed_m_s, start_m = np.polyfit(times_s[:, 0], centre_m[first:stop] - fall_m, 1)
        path_m = start_m + speed_m_s * times_s + fall_m
        off_m = path_m - centre_m[first:stop]
        if np.linalg.norm(off_m, axis=1).max() <= FAR_M:
            shift_m[first:stop], falls[first:stop] = off_m, True
    return root_m + bridge(shift_m, falls, round(LEAD_S * fps))[0]
