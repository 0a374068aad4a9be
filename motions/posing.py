"""Building postures limb by limb, for the exercises.

Orientations are joint-to-world on the canonical skeleton; all arrays start with the frame axis T.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from motions.geometry import (
    IDENTITY_WXYZ,
    X_AXIS,
    Y_AXIS,
    Z_AXIS,
    about,
    inverse,
    multiply,
    rotate,
    slerp,
    to_wxyz,
    two_bone_ik,
    unit,
)
from motions.limb_geometry import (
    FOREARM_M,
    SHIN_M,
    THIGH_M,
    UPPER_ARM_M,
    corner_rad,
    hip_over_ankle_m,
)
from motions.skeleton import ANKLE_HEIGHT_M, LIMBS, SMPL22

TRUNK = ("pelvis", "spine1", "spine2", "spine3")


@dataclass
class PoseBuilder:
    """A posture under construction: set the trunk first, then the limbs on it."""

    root_m: np.ndarray
    """Shape (T, 3)."""
    world_wxyz: np.ndarray
    """Shape (T, 22, 4)."""

    @classmethod
    def upright(cls, root_m: np.ndarray) -> "PoseBuilder":
        """Start from a T-pose with the pelvis at root_m (T, 3)."""
        joints = len(SMPL22.joint_names)
        return cls(root_m, np.tile(IDENTITY_WXYZ, (len(root_m), joints, 1)))

    @classmethod
    def standing(
        cls,
        knee_rad: np.ndarray,
        lean_rad: np.ndarray,
        out_m: float,
        toe_out_rad: float,
        shin_share: float = 0.4,
    ) -> "PoseBuilder":
        """Start from standing on two flat feet, knees and hips bent as far as asked.

        Args:
            knee_rad: Knee flexion. Shape (T,).
            lean_rad: How far the trunk leans forward. Shape (T,).
            out_m: How far each ankle is from the middle.
            toe_out_rad: How far the toes point outwards.
            shin_share: How much of the knee's bend is the shin leaning forward.
        """
        hip_m = SMPL22.offsets_m[SMPL22.index("left_hip")]
        hip_from_ankle = hip_over_ankle_m(knee_rad, shin_share * knee_rad, out_m - hip_m[0])
        root = np.zeros((len(knee_rad), 3))
        root[:, 1] = hip_from_ankle[:, 0] + hip_m[2] * np.sin(lean_rad)
        root[:, 2] = ANKLE_HEIGHT_M + hip_from_ankle[:, 1] - hip_m[2] * np.cos(lean_rad)
        builder = cls.upright(root)
        builder.lean(lean_rad)
        for side, out in (("left", 1.0), ("right", -1.0)):
            ankle = np.array([out * out_m, 0.0, ANKLE_HEIGHT_M])
            builder.plant_foot(side, ankle, toe_out_rad, knee_rad * (1 - shin_share))
        return builder

    def turn(self, joint: str, wxyz: np.ndarray) -> None:
        """Set the world orientation (T, 4) of one joint."""
        self.world_wxyz[:, SMPL22.index(joint)] = wxyz

    def lean(self, pitch_rad: np.ndarray, spine_share: float = 0.1) -> None:
        """Lean pelvis and trunk forward by pitch (T,); the spine adds a little of its own."""
        for step, joint in enumerate(TRUNK):
            self.turn(joint, about(X_AXIS, pitch_rad * (1 + spine_share * step / 3)))
        for joint in ("neck", "left_collar", "right_collar"):
            self.turn(joint, about(X_AXIS, pitch_rad * (1 + spine_share)))

    def raise_shoulders(self, raise_rad: np.ndarray) -> None:
        """Lift both collars by an angle (T,) from where the trunk has them."""
        trunk = self.world_wxyz[:, SMPL22.index("spine3")]
        for side, out in (("left", 1.0), ("right", -1.0)):
            self.turn(f"{side}_collar", multiply(trunk, about(Y_AXIS, -out * raise_rad)))

    def look(self, pitch_rad: np.ndarray, left_rad: np.ndarray | float = 0.0) -> None:
        """Turn the head to look down by pitch (T,) below the horizon; the neck takes half.

        `left` (T,) turns it away from straight ahead, to the left.
        """
        trunk = self.world_wxyz[:, SMPL22.index("neck")]
        head = multiply(about(Z_AXIS, left_rad), about(X_AXIS, pitch_rad))
        self.turn("neck", slerp(trunk, head, np.full(len(trunk), 0.5)))
        self.turn("head", head)

    def position(self, joint: str) -> np.ndarray:
        """Return where a joint is now. Shape (T, 3)."""
        return SMPL22.positions(self.root_m, self.world_wxyz)[:, SMPL22.index(joint)]

    def reach(self, point: str, target_m: np.ndarray) -> None:
        """Bring the end of a limb (a contact point's ankle or wrist) to target_m (T, 3).

        The limb bends in the plane that its present orientation gives.
        """
        limb = LIMBS[point]
        root, middle, end = (SMPL22.index(n) for n in (limb.root, limb.middle, limb.end))
        upper, lower = two_bone_ik(
            self.world_wxyz[:, root],
            self.world_wxyz[:, middle],
            SMPL22.offsets_m[middle],
            SMPL22.offsets_m[end],
            target_m - self.position(limb.root),
            np.array(limb.bend_axis),
        )
        self.world_wxyz[:, root], self.world_wxyz[:, middle] = upper, lower

    def plant_foot(
        self, side: str, ankle_m: np.ndarray, toe_out_rad: float, pitch: np.ndarray
    ) -> None:
        """Put a flat foot on the floor and bend the leg to it, knee over the toes.

        Args:
            side: "left" or "right".
            ankle_m: Where the ankle stays. Shape (3,).
            toe_out_rad: How far the toes point outwards.
            pitch: First guess of how far the thigh leans back, radians. Shape (T,).
        """
        yaw = about(Z_AXIS, toe_out_rad if side == "left" else -toe_out_rad)
        self.turn(f"{side}_hip", multiply(yaw, about(X_AXIS, -pitch)))
        self.turn(f"{side}_knee", multiply(yaw, about(X_AXIS, 0.3 * pitch)))
        self.reach(f"{side}_foot", np.broadcast_to(ankle_m, (len(self.root_m), 3)))
        for joint in ("ankle", "foot"):
            self.turn(f"{side}_{joint}", np.broadcast_to(yaw, (len(self.root_m), 4)))

    def stand_on_ball(
        self,
        side: str,
        ball_m: np.ndarray,
        toe_out_rad: float,
        heel_rad: np.ndarray,
        thigh_rad: np.ndarray,
        toes_rad: np.ndarray | float = 0.0,
    ) -> None:
        """Put the ball of a foot somewhere, heel up or down, and bend the leg to it.

        Args:
            side: "left" or "right".
            ball_m: Where the ball (the joint of the toes) is. Shape (T, 3).
            toe_out_rad: How far the toes point outwards.
            heel_rad: How far the foot is pitched, positive with the heel up. Shape (T,).
            thigh_rad: First guess of how far the thigh is lifted forward. Shape (T,).
            toes_rad: The same of the toes; 0 on the floor. Shape (T,).
        """
        yaw = about(Z_AXIS, toe_out_rad if side == "left" else -toe_out_rad)
        foot = multiply(yaw, about(X_AXIS, heel_rad))
        ankle = ball_m - rotate(foot, SMPL22.offsets_m[SMPL22.index(f"{side}_foot")])
        self.turn(f"{side}_hip", multiply(yaw, about(X_AXIS, -thigh_rad)))
        self.turn(f"{side}_knee", multiply(yaw, about(X_AXIS, 0.3 * np.abs(thigh_rad))))
        self.reach(f"{side}_foot", ankle)
        self.turn(f"{side}_ankle", foot)
        self.turn(f"{side}_foot", multiply(yaw, about(X_AXIS, toes_rad)))

    def bend_leg(self, side: str, ankle_m: np.ndarray, knee_to: np.ndarray) -> None:
        """Bring an ankle to a place, the knee on the given side of the line from the hip.

        Args:
            side: "left" or "right".
            ankle_m: Within reach. Shape (T, 3).
            knee_to: World direction; what of it is along the line does not matter. Shape (T, 3)
                or (3,).
        """
        thigh, shin, hinge = self._bent(f"{side}_hip", ankle_m, knee_to, THIGH_M, SHIN_M)
        self.turn(f"{side}_hip", _frame(hinge, -thigh))
        self.turn(f"{side}_knee", _frame(hinge, -shin))

    def _bent(
        self, root: str, end_m: np.ndarray, middle_to: np.ndarray, upper_m: float, lower_m: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the vectors along both bones of a bent limb, and its hinge, all (T, 3)."""
        away = end_m - self.position(root)
        reach_m = np.linalg.norm(away, axis=-1, keepdims=True)
        along = away / reach_m
        aside = unit(middle_to - np.sum(middle_to * along, axis=-1, keepdims=True) * along)
        raised = corner_rad(upper_m, reach_m, lower_m)
        upper = upper_m * (np.cos(raised) * along + np.sin(raised) * aside)
        return upper, away - upper, np.cross(aside, along)

    def straight_arm(self, side: str, out_rad: np.ndarray, forward_rad: np.ndarray) -> None:
        """Point an arm from hanging: `out` away from the body, then `forward` from there, (T,)."""
        out = 1.0 if side == "left" else -1.0
        hang = about(Y_AXIS, out * (np.pi / 2 - np.asarray(out_rad)))
        arm = multiply(about(X_AXIS, -np.asarray(forward_rad)), hang)
        for joint in ("shoulder", "elbow", "wrist"):
            self.turn(f"{side}_{joint}", arm)

    def raise_arm(
        self,
        side: str,
        out_rad: np.ndarray,
        ahead_rad: np.ndarray,
        roll_rad: np.ndarray | float = 0.0,
    ) -> None:
        """Lift a straight hanging arm by `out`, in a plane turned `ahead` of the side, (T,).

        `roll` turns it outwards about itself, as arms do on the way up, until palms face inwards.
        """
        out = 1.0 if side == "left" else -1.0
        hang = about(Y_AXIS, out * (np.pi / 2 - np.asarray(out_rad)))
        arm = multiply(
            about(Z_AXIS, -out * ahead_rad), multiply(hang, about(X_AXIS, -np.asarray(roll_rad)))
        )
        for joint in ("shoulder", "elbow", "wrist"):
            self.turn(f"{side}_{joint}", arm)

    def bend_elbow(self, side: str, flexion_rad: np.ndarray) -> None:
        """Bend an elbow by flexion (T,); the hand goes with the forearm."""
        axis = np.array(LIMBS[f"{side}_hand"].bend_axis)
        upper = self.world_wxyz[:, SMPL22.index(f"{side}_shoulder")]
        forearm = multiply(upper, about(axis, flexion_rad))
        self.turn(f"{side}_elbow", forearm)
        self.turn(f"{side}_wrist", forearm)

    def turn_palm(self, side: str, supination_rad: np.ndarray) -> None:
        """Turn the palm of a hanging arm forward by an angle (T,); the forearm takes half."""
        for joint, share in (("wrist", 1.0), ("elbow", 0.5)):
            index = SMPL22.index(f"{side}_{joint}")
            turned = multiply(self.world_wxyz[:, index], about(X_AXIS, -share * supination_rad))
            self.world_wxyz[:, index] = turned

    def aim_arm(self, side: str, along: np.ndarray, elbow_to: np.ndarray) -> None:
        """Point a straight arm and say which way its elbow will stick out when it bends.

        Args:
            side: "left" or "right".
            along: World direction from shoulder to hand. Shape (3,).
            elbow_to: World direction, across `along`. Shape (3,).
        """
        hinge = np.cross(elbow_to, along)
        upper = _frame(along, -hinge) if side == "left" else _frame(-along, hinge)
        for joint in ("shoulder", "elbow"):
            self.turn(f"{side}_{joint}", np.broadcast_to(upper, (len(self.root_m), 4)))

    def bend_arm(self, side: str, wrist_m: np.ndarray, elbow_to: np.ndarray) -> None:
        """Bring a wrist to a place, the elbow on the given side of the line from the shoulder.

        Args:
            side: "left" or "right".
            wrist_m: Within reach. Shape (T, 3).
            elbow_to: World direction; what of it is along the line does not matter. Shape (T, 3)
                or (3,).
        """
        upper, forearm, hinge = self._bent(
            f"{side}_shoulder", wrist_m, elbow_to, UPPER_ARM_M, FOREARM_M
        )
        out, up = (1.0, -hinge) if side == "left" else (-1.0, hinge)
        self.turn(f"{side}_shoulder", _frame(out * upper, up))
        for joint in ("elbow", "wrist"):
            self.turn(f"{side}_{joint}", _frame(out * forearm, up))

    def hold(self, side: str, fingers_to: np.ndarray, palm_to: np.ndarray) -> None:
        """Turn a hand to the world, the forearm taking half of the twist, as it does in life.

        Args:
            side: "left" or "right".
            fingers_to: World direction from the wrist along the hand. Shape (3,).
            palm_to: World direction that the palm faces. Shape (3,).
        """
        along = fingers_to if side == "left" else -fingers_to
        hand = np.broadcast_to(_frame(along, -palm_to), (len(self.root_m), 4))
        forearm = self.world_wxyz[:, SMPL22.index(f"{side}_elbow")]
        relative = multiply(inverse(forearm), hand)
        # Swing-twist: the part of the relative turn about the forearm's own axis, X.
        twist = 2 * np.arctan2(relative[:, 1], relative[:, 0])
        twist = (twist + np.pi) % (2 * np.pi) - np.pi
        self.turn(f"{side}_elbow", multiply(forearm, about(X_AXIS, twist / 2)))
        self.turn(f"{side}_wrist", hand)


def _frame(x_to: np.ndarray, z_to: np.ndarray) -> np.ndarray:
    """Return the turn (..., 4) that takes X to one direction and Z as near another as it goes."""
    x = unit(np.asarray(x_to, dtype=np.float64))
    y = unit(np.cross(z_to, x))
    return to_wxyz(Rotation.from_matrix(np.stack([x, y, np.cross(x, y)], axis=-1)))
