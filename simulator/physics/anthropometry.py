"""How heavy each part of a body is: published tables, scaled to the body's own mass and bones.

Masses, centres and radii of gyration: de Leva 1996, "Adjustments to Zatsiorsky-Seluyanov's segment
inertia parameters", J. Biomechanics 29(9), table 4, between women and men by the body's `gender`.
Body mass: volume of the skin times mean density, as Choutas et al. 2022 (SHAPY) have it.

A segment rides rigidly on one joint and everything is in that joint's frame, which at rest is the
world's: X to the left, Y backwards, Z up. Joints that no segment is attached to are massless.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from motions.geometry import X_AXIS, Y_AXIS, unit
from motions.skeleton import SMPL22
from simulator.bodies.body import Body
from simulator.physics.tpose import KEPT_BODIES, TPose

DENSITY_KG_M3 = 985.0
"""Of a living body with air in its lungs (Choutas et al. 2022)."""
KNUCKLES_SHARE = 0.31
"""From wrist to knuckles, as a share of the forearm (de Leva 1996: 86 of 269, 78 of 264 mm)."""

RIBS_SHARE, NAVEL_SHARE = (0.629, 0.599), (0.295, 0.242)
"""Height of the xiphoid process and of the navel between hips and neck, of a woman and of a man
(from the same paper's lengths of the three parts of the trunk)."""


@dataclass(frozen=True)
class _Segment:
    """One row of the table; pairs are (woman, man)."""

    joint: str
    mass: tuple[float, float]
    """Share of the body's mass."""
    centre: tuple[float, float]
    """From the first end to the centre of mass, as a share of the length between the ends."""
    radii: tuple[tuple[float, float, float], tuple[float, float, float]]
    """Of gyration about the sagittal, transverse and longitudinal axis, shares of the length."""


_TRUNK = {
    # From the top down: crown to neck, neck to lower ribs, to navel, to between the hips.
    "head": _Segment(
        "head", (0.0668, 0.0694), (0.4841, 0.5002), ((0.271, 0.295, 0.261), (0.303, 0.315, 0.261))
    ),
    "upper_trunk": _Segment(
        "spine3", (0.1545, 0.1596), (0.5050, 0.5066), ((0.466, 0.314, 0.449), (0.505, 0.320, 0.465))
    ),
    "middle_trunk": _Segment(
        "spine1", (0.1465, 0.1633), (0.4512, 0.4502), ((0.433, 0.354, 0.415), (0.482, 0.383, 0.468))
    ),
    "lower_trunk": _Segment(
        "pelvis", (0.1247, 0.1117), (0.4920, 0.6115), ((0.433, 0.402, 0.444), (0.615, 0.551, 0.587))
    ),
}
_LIMBS = {
    # Proximal end first; the foot from heel to toe.
    "upper_arm": _Segment(
        "shoulder", (0.0255, 0.0271), (0.5754, 0.5772),
        ((0.278, 0.260, 0.148), (0.285, 0.269, 0.158)),
    ),
    "forearm": _Segment(
        "elbow", (0.0138, 0.0162), (0.4559, 0.4574), ((0.261, 0.257, 0.094), (0.276, 0.265, 0.121))
    ),
    "hand": _Segment(
        "wrist", (0.0056, 0.0061), (0.7474, 0.7900), ((0.531, 0.454, 0.335), (0.628, 0.513, 0.401))
    ),
    "thigh": _Segment(
        "hip", (0.1478, 0.1416), (0.3612, 0.4095), ((0.369, 0.364, 0.162), (0.329, 0.329, 0.149))
    ),
    "shank": _Segment(
        "knee", (0.0481, 0.0433), (0.4352, 0.4395), ((0.267, 0.263, 0.092), (0.251, 0.246, 0.102))
    ),
    "foot": _Segment(
        "ankle", (0.0129, 0.0137), (0.4014, 0.4415), ((0.299, 0.279, 0.139), (0.257, 0.245, 0.124))
    ),
}  # fmt: skip
_SKIN_OF = {
    "head": ("neck", "head"),
    "upper_trunk": ("spine3", "left_collar", "right_collar"),
    "middle_trunk": ("spine1", "spine2"),
    "lower_trunk": ("pelvis",),
}
"""The joints whose skin a segment of the trunk has: its spine runs along the back."""


@dataclass(frozen=True)
class MassModel:
    """Rigid bodies on the 22 joints; those without mass are zero throughout."""

    masses_kg: np.ndarray
    """Shape (22,)."""
    centres_m: np.ndarray
    """Centre of mass from the joint, in the joint's frame. Shape (22, 3)."""
    axes: np.ndarray
    """Principal axes in the joint's frame, columns of a rotation. Shape (22, 3, 3)."""
    moments_kg_m2: np.ndarray
    """Of inertia about the centre of mass and the principal axes. Shape (22, 3)."""

    @property
    def mass_kg(self) -> float:
        """The whole body's mass."""
        return float(self.masses_kg.sum())

    @property
    def inertias_kg_m2(self) -> np.ndarray:
        """About the centres of mass, in the joints' frames. Shape (22, 3, 3)."""
        return np.einsum("jab,jb,jcb->jac", self.axes, self.moments_kg_m2, self.axes)


@lru_cache(maxsize=KEPT_BODIES)
def mass_model(body: Body, pose: TPose) -> MassModel:
    """Weigh a body in the T-pose; its `gender` is 0 male to 1 female, halfway where not given."""
    share = 1 - float(body.params.values.get("gender", 0.5))  # of a man
    n_joints = len(pose.joints_m)
    masses, moments = np.zeros(n_joints), np.zeros((n_joints, 3))
    centres, axes = np.zeros((n_joints, 3)), np.tile(np.eye(3), (n_joints, 1, 1))

    def attach(row: _Segment, joint: str, first_m: np.ndarray, last_m: np.ndarray) -> int:
        index = SMPL22.index(joint)
        length_m = float(np.linalg.norm(last_m - first_m))
        masses[index] = _mix(row.mass, share)
        centre_m = first_m + _mix(row.centre, share) * (last_m - first_m)
        centres[index] = centre_m - pose.joints_m[index]
        axes[index] = _axes(last_m - first_m)
        radii = (1 - share) * np.array(row.radii[0]) + share * np.array(row.radii[1])
        moments[index] = masses[index] * (radii * length_m) ** 2
        return index

    levels = _trunk_levels(pose, share)
    for (name, row), first_m, last_m in zip(_TRUNK.items(), levels[:-1], levels[1:], strict=True):
        index = attach(row, row.joint, first_m, last_m)
        weight = pose.areas_m2 * pose.weights[:, _indices(_SKIN_OF[name])].sum(axis=1)
        centres[index, 1] = weight @ pose.skin_m[:, 1] / weight.sum() - pose.joints_m[index, 1]
    for side in ("left", "right"):
        ends = _limb_ends(pose, side)
        for name, row in _LIMBS.items():
            attach(row, f"{side}_{row.joint}", *ends[name])
    # The table's shares add up to one within rounding.
    scale_kg = DENSITY_KG_M3 * pose.volume_m3 / masses.sum()
    return MassModel(scale_kg * masses, centres, axes, scale_kg * moments)


def _mix(pair: tuple[float, float], share: float) -> float:
    return (1 - share) * pair[0] + share * pair[1]


def _indices(joint_names: Sequence[str]) -> list[int]:
    return [SMPL22.index(name) for name in joint_names]


def _trunk_levels(pose: TPose, share: float) -> np.ndarray:
    """Return crown, neck, lower ribs, navel and the middle of the hips. Shape (5, 3)."""
    neck = pose.joints_m[SMPL22.index("neck")]
    hips = pose.joints_m[_indices(("left_hip", "right_hip"))].mean(axis=0)
    crown = np.array([neck[0], neck[1], pose.skin_m[pose.owners == SMPL22.index("head"), 2].max()])
    ribs, navel = (hips + _mix(level, share) * (neck - hips) for level in (RIBS_SHARE, NAVEL_SHARE))
    return np.stack([crown, neck, ribs, navel, hips])


def _limb_ends(pose: TPose, side: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    names = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    joints_m = pose.joints_m[_indices([f"{side}_{name}" for name in names])]
    shoulder, elbow, wrist, hip, knee, ankle = joints_m
    foot_m = pose.skin_m[np.isin(pose.owners, _indices((f"{side}_ankle", f"{side}_foot")))]
    heel, toe = ankle.copy(), ankle.copy()
    heel[1], toe[1] = foot_m[:, 1].max(), foot_m[:, 1].min()
    heel[2] = toe[2] = (foot_m[:, 2].min() + ankle[2]) / 2
    return {
        "upper_arm": (shoulder, elbow),
        "forearm": (elbow, wrist),
        "hand": (wrist, wrist + KNUCKLES_SHARE * (wrist - elbow)),
        "thigh": (hip, knee),
        "shank": (knee, ankle),
        "foot": (heel, toe),
    }


def _axes(along_m: np.ndarray) -> np.ndarray:
    """Return sagittal, transverse and longitudinal axis of a segment as columns."""
    along = unit(along_m)
    # Sagittal axes go from front to back; a foot lies along that, its first axis goes across.
    first = X_AXIS if abs(along[1]) > 0.9 else Y_AXIS
    sagittal = unit(first - along * (first @ along))
    return np.stack([sagittal, np.cross(along, sagittal), along], axis=-1)
