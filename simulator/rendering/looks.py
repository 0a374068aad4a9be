"""How people, rooms and gym equipment look: colours drawn from palettes, things as small meshes.

Meshes are in the thing's own frame, metres, triangles counter-clockwise seen from outside. Parts of
a thing that meet at an edge share no vertices there, so that normals averaged at vertices shade
sides as round and edges as sharp.
"""

from typing import NamedTuple

import numpy as np

from simulator.held import PLATES_OUT_M
from simulator.rendering.scene import FLOORS, Looks, Rgb

# sRGB, eyed from photographs of the six Fitzpatrick types; a draw lies between two neighbours.
_SKIN = np.array(
    [
        (0.95, 0.81, 0.73), (0.91, 0.73, 0.62), (0.80, 0.61, 0.47),
        (0.66, 0.46, 0.33), (0.47, 0.31, 0.22), (0.31, 0.20, 0.15),
    ]
)  # fmt: skip
_HAIR = np.array(
    [
        (0.06, 0.05, 0.05), (0.13, 0.09, 0.07), (0.26, 0.17, 0.11), (0.42, 0.28, 0.16),
        (0.68, 0.53, 0.32), (0.45, 0.20, 0.10), (0.60, 0.58, 0.56),
    ]
)  # fmt: skip
_HAIR_OF_DARK_SKIN = 3  # the first so many of _HAIR go with the darker half of _SKIN
_FLOOR = {
    "plain": np.array([(0.58, 0.57, 0.55), (0.50, 0.52, 0.54), (0.64, 0.60, 0.54)]),
    "tiles": np.array([(0.66, 0.65, 0.62), (0.56, 0.57, 0.58), (0.70, 0.66, 0.60)]),
    "planks": np.array([(0.62, 0.46, 0.31), (0.71, 0.56, 0.40), (0.50, 0.36, 0.25)]),
    "rubber": np.array([(0.22, 0.22, 0.23), (0.28, 0.29, 0.31), (0.33, 0.32, 0.31)]),
}
_WALL = np.array(
    [
        (0.86, 0.85, 0.82), (0.78, 0.80, 0.82), (0.80, 0.76, 0.70),
        (0.60, 0.64, 0.68), (0.72, 0.78, 0.74),
    ]
)  # fmt: skip
_EYES = (0.93, 0.92, 0.90)
_MAT_CHANCE = 0.4

STEEL: Rgb = (0.62, 0.63, 0.65)
RUBBER: Rgb = (0.09, 0.09, 0.10)
PAINTED_STEEL: Rgb = (0.16, 0.17, 0.19)
LEATHER: Rgb = (0.13, 0.12, 0.12)
MAT: Rgb = (0.20, 0.32, 0.42)
"""Of an exercise mat, where the looks have none."""


def sample_looks(rng: np.random.Generator) -> Looks:
    """Draw what a clip's person wears and what room and light they are in."""
    tone = rng.uniform(0, len(_SKIN) - 1)
    n_hair = len(_HAIR) if tone < (len(_SKIN) - 1) / 2 else _HAIR_OF_DARK_SKIN
    floor = str(rng.choice(FLOORS))
    azimuth_rad = np.radians(rng.uniform(-70, 70))
    elevation_rad = np.radians(rng.uniform(50, 75))
    mat = _hsv(rng.uniform(), rng.uniform(0.2, 0.7), rng.uniform(0.25, 0.6))
    return Looks(
        part_rgb={
            "skin": _near(rng, _between(_SKIN, tone), 0.015),
            "hair": _near(rng, _HAIR[rng.integers(n_hair)], 0.02),
            "shirt": _hsv(rng.uniform(), rng.uniform(0.0, 0.8), rng.uniform(0.2, 0.95)),
            "shorts": _hsv(rng.uniform(), rng.uniform(0.0, 0.5), rng.uniform(0.08, 0.5)),
            "shoes": _hsv(rng.uniform(), rng.uniform(0.0, 0.4), rng.choice([0.15, 0.9])),
            "eyes": _EYES,
        },
        floor_rgb=_near(rng, _FLOOR[floor][rng.integers(len(_FLOOR[floor]))], 0.03),
        wall_rgb=_near(rng, _WALL[rng.integers(len(_WALL))], 0.03),
        light_direction=(
            float(np.sin(azimuth_rad) * np.cos(elevation_rad)),
            float(-np.cos(azimuth_rad) * np.cos(elevation_rad)),
            float(np.sin(elevation_rad)),
        ),
        light_strength=float(rng.uniform(0.5, 0.75)),
        floor=floor,
        mat_rgb=mat if rng.uniform() < _MAT_CHANCE else None,
    )


def other_skin(rgb: Rgb) -> Rgb:
    """Return the skin that is as dark as this one is light, on the scale of Fitzpatrick's types."""
    off = np.linalg.norm(_SKIN - np.array(rgb), axis=1)
    red, green, blue = _SKIN[::-1][off.argmin()].tolist()
    return red, green, blue


def _between(palette: np.ndarray, at: float) -> np.ndarray:
    below = min(int(at), len(palette) - 2)
    return palette[below] + (at - below) * (palette[below + 1] - palette[below])


def _near(rng: np.random.Generator, rgb: np.ndarray, spread: float) -> Rgb:
    r, g, b = np.clip(rgb + rng.uniform(-spread, spread, 3), 0, 1).tolist()
    return r, g, b


def _hsv(hue: float, saturation: float, value: float) -> Rgb:
    """Turn hue, saturation and value, all 0 to 1, to RGB (Smith 1978, "Color gamut transforms")."""
    sector = (np.array([5.0, 3.0, 1.0]) + 6 * hue) % 6
    dip = np.clip(np.minimum(sector, 4 - sector), 0, 1)
    r, g, b = (value - value * saturation * dip).tolist()
    return r, g, b


class Mesh(NamedTuple):
    """The surface of a thing."""

    vertices_m: np.ndarray
    """Shape (V, 3)."""
    faces: np.ndarray
    """Counter-clockwise seen from outside. Shape (F, 3), int32."""


def cylinder(
    radius_m: float,
    length_m: float,
    axis: int = 0,
    centre_m: tuple[float, float, float] = (0.0, 0.0, 0.0),
    n_sides: int = 16,
) -> Mesh:
    """Return a closed cylinder along coordinate `axis` (0, 1, 2), in the middle of `centre_m`."""
    angle = 2 * np.pi * np.arange(n_sides) / n_sides
    ring = np.stack([np.zeros(n_sides), np.cos(angle), np.sin(angle)], axis=-1) * radius_m
    half = np.array([length_m / 2, 0, 0])
    # Both rings twice: once for the side, once for the lids.
    vertices = np.concatenate([ring - half, ring + half, ring - half, ring + half])
    here = np.arange(n_sides)
    after = (here + 1) % n_sides
    side = [(here, after, n_sides + after), (here, n_sides + after, n_sides + here)]
    fan = np.arange(1, n_sides - 1)
    low, high = 2 * n_sides, 3 * n_sides
    lids = [
        (low + np.zeros_like(fan), low + fan + 1, low + fan),
        (high + np.zeros_like(fan), high + fan, high + fan + 1),
    ]
    faces = np.concatenate([np.stack(corners, axis=-1) for corners in (*side, *lids)])
    return Mesh(np.roll(vertices, axis, axis=1) + np.array(centre_m), faces.astype(np.int32))


def box(size_m: tuple[float, float, float], centre_m: tuple[float, float, float]) -> Mesh:
    """Return a box with its sides along the coordinate axes."""
    quad = np.array([[1, -1, -1], [1, 1, -1], [1, 1, 1], [1, -1, 1]], dtype=float)
    sides = [np.roll(quad * flip, axis, axis=1) for axis in range(3) for flip in (1, -1)]
    faces = [
        np.array([[0, 1, 2], [0, 2, 3]] if flip > 0 else [[0, 2, 1], [0, 3, 2]])
        for _ in range(3)
        for flip in (1, -1)
    ]
    return joined(
        *(
            Mesh(side / 2 * np.array(size_m) + np.array(centre_m), pair.astype(np.int32))
            for side, pair in zip(sides, faces, strict=True)
        )
    )


def joined(*meshes: Mesh) -> Mesh:
    """Return several surfaces as one."""
    starts = np.cumsum([0, *(len(mesh.vertices_m) for mesh in meshes)])
    faces = [mesh.faces + start for mesh, start in zip(meshes, starts, strict=False)]
    return Mesh(
        np.concatenate([mesh.vertices_m for mesh in meshes]),
        np.concatenate(faces).astype(np.int32),
    )


BAR_RADIUS_M = 0.014


def barbell(plate_radius_m: float) -> tuple[Mesh, Mesh]:
    """Return bar and plates of a 2.2 m barbell along X, its grip's middle at the origin.

    Bar after the International Weightlifting Federation, Technical and Competition Rules, 3.3.3.
    """
    bar = cylinder(BAR_RADIUS_M, 1.31)
    sleeves = [cylinder(0.025, 0.445, centre_m=(out * 0.8775, 0, 0)) for out in (-1, 1)]
    plates = [
        cylinder(plate_radius_m, 0.06, centre_m=(out * (PLATES_OUT_M - 0.03), 0, 0), n_sides=40)
        for out in (-1, 1)
    ]
    return joined(bar, *sleeves), joined(*plates)


def dumbbell() -> tuple[Mesh, Mesh]:
    """Return handle and weights of a hexagonal dumbbell along X, its grip's middle at the origin.

    About 5 kg of cast iron, 26 cm long.
    """
    weights = [cylinder(0.044, 0.065, centre_m=(out * 0.0975, 0, 0), n_sides=6) for out in (-1, 1)]
    return cylinder(BAR_RADIUS_M, 0.13), joined(*weights)


def bench(size_m: tuple[float, float], height_m: float) -> tuple[Mesh, Mesh]:
    """Return the pad and the stand of a flat bench along X, the middle of its top at the origin.

    Args:
        size_m: Length and width of the pad.
        height_m: Of its top above the floor.
    """
    (length_m, width_m), pad_m, thick_m = size_m, 0.07, 0.05
    foot_x, leg_m = length_m / 2 - 0.2, height_m - pad_m
    stand = [box((2 * foot_x, thick_m, thick_m), (0.0, 0.0, -pad_m - thick_m / 2))]
    for x in (-foot_x, foot_x):
        stand += [
            box((thick_m, thick_m, leg_m), (x, 0.0, -pad_m - leg_m / 2)),
            box((thick_m, 1.4 * width_m, 0.04), (x, 0.0, 0.02 - height_m)),
        ]
    return box((length_m, width_m, pad_m), (0.0, 0.0, -pad_m / 2)), joined(*stand)


def pullup_bar(height_m: float) -> tuple[Mesh, Mesh]:
    """Return the bar and the stand of a pull-up bar along X, the bar's middle at the origin.

    The posts stand behind the person (+Y), out of sight from the side, and carry the bar on arms.

    Args:
        height_m: Of the bar above the floor, which the posts reach down to.
    """
    half_m, behind_m, thick_m = 0.65, 0.75, 0.06
    bar = cylinder(BAR_RADIUS_M, 2 * half_m)
    stand = []
    for out in (-1, 1):
        x = out * half_m
        stand += [
            box((thick_m, thick_m, height_m), (x, behind_m, -height_m / 2)),
            box((thick_m, behind_m, 0.03), (x, behind_m / 2, 0.0)),  # thin: a face is behind it
            box((thick_m, 1.2, 0.04), (x, behind_m, 0.02 - height_m)),
        ]
    stand.append(box((2 * half_m - thick_m, thick_m, thick_m), (0.0, behind_m, -0.2)))
    return bar, joined(*stand)
