"""Closing the fingers of a rest shape, as round a bar.

The fingers are no canonical joints, so a grip is baked into the rest shape once and then rides
with the wrist.
"""

from collections.abc import Sequence

import numpy as np

from motions.geometry import about, multiply, rotate, unit

_FINGER_BEND_DEG = (65.0, 85.0, 55.0)
_THUMB_BEND_DEG = (15.0, 25.0, 30.0)


def curl(
    vertices_m: np.ndarray,
    heads_m: np.ndarray,
    weights: np.ndarray,
    bone_names: Sequence[str],
    bone_parents: Sequence[int],
) -> np.ndarray:
    """Return rest vertices with both hands closed.

    Args:
        vertices_m: Rest vertices. Shape (V, 3).
        heads_m: Rest positions of the bones' heads. Shape (B, 3).
        weights: Skinning weights over all bones. Shape (V, B).
        bone_names: Anny's names: `finger2-1.L` is the left index finger's first phalanx.
        bone_parents: Index of each bone's parent.

    Returns:
        Vertices of shape (V, 3); nothing but the hands has moved.
    """
    turns = np.tile([1.0, 0, 0, 0], (len(bone_names), 1))
    moved_heads = heads_m.copy()
    for bone, name in enumerate(bone_names):
        parent = bone_parents[bone]
        if parent < 0:
            continue
        turns[bone] = turns[parent]
        moved_heads[bone] = moved_heads[parent] + rotate(
            turns[parent], heads_m[bone] - heads_m[parent]
        )
        if name.startswith("finger"):
            finger, phalanx = int(name[6]), int(name[8])
            bend_deg = (_THUMB_BEND_DEG if finger == 1 else _FINGER_BEND_DEG)[phalanx - 1]
            axis = _bend_axis(heads_m, bone_names, name[-1])
            turns[bone] = multiply(turns[bone], about(axis, np.deg2rad(bend_deg)))
    hands = np.flatnonzero(
        weights[:, [n.startswith(("finger", "metacarpal")) for n in bone_names]].sum(axis=1) > 0
    )
    local = vertices_m[hands, None, :] - heads_m[None]
    carried = rotate(turns[None], local) + moved_heads[None]
    closed = vertices_m.copy()
    closed[hands] = np.einsum("vb,vba->va", weights[hands], carried)
    return closed


def _bend_axis(heads_m: np.ndarray, bone_names: Sequence[str], side: str) -> np.ndarray:
    """The axis across the knuckles about which a positive turn closes the fingers."""

    def head(name: str) -> np.ndarray:
        return heads_m[bone_names.index(f"{name}.{side}")]

    across = unit(head("finger5-1") - head("finger2-1"))
    # With the fingers ahead and the palm down, little finger minus index points to the left hand's
    # own left: a positive turn about it closes the hand. The right hand is the mirror image.
    return across if side == "L" else -across
