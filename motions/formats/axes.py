"""Which way is up in a file that does not say."""

from collections.abc import Mapping

import numpy as np

from motions.errors import FormbenchError, unknown_name
from motions.geometry import Z_AXIS, between, unit

AXES = {
    f"{sign}{letter}": factor * np.eye(3)[at]
    for at, letter in enumerate("xyz")
    for sign, factor in (("+", 1.0), ("-", -1.0))
}
"""The directions that may be up, by name."""


def upright_wxyz(up: str) -> np.ndarray:
    """Return the rotation (4,) that takes the named axis to +Z."""
    if up not in AXES:
        raise unknown_name("up axis", up, AXES)
    return between(AXES[up], Z_AXIS)


def nearest_axis(direction: np.ndarray) -> tuple[str, float]:
    """Return the name of the axis nearest to `direction` (3,), and the angle to it in radians."""
    cosines = {name: float(axis @ unit(direction)) for name, axis in AXES.items()}
    name = max(cosines, key=lambda key: cosines[key])
    return name, float(np.arccos(np.clip(cosines[name], -1, 1)))


def guess_up(where: str, points: Mapping[str, np.ndarray]) -> str:
    """Take for up the axis along which shoulders are above ankles throughout.

    Args:
        where: The file, for messages.
        points: Positions over time of ankles and shoulders at least. Shape (T, 3) each.

    Raises:
        FormbenchError: The person does not stand along any one axis.
    """
    shoulders = points["left_shoulder"] + points["right_shoulder"]
    tall = shoulders - points["left_ankle"] - points["right_ankle"]
    mean = np.mean(tall / np.maximum(np.linalg.norm(tall, axis=-1, keepdims=True), 1e-12), axis=0)
    if np.linalg.norm(mean) > 0.5:
        name, angle_rad = nearest_axis(mean)
        if angle_rad < np.deg2rad(35):
            return name
    raise FormbenchError(
        f"{where}: cannot tell which axis is up, for the person does not stand along one; "
        "say it with up, such as up='+z'"
    )


def doubts_about_up(up: str, points: Mapping[str, np.ndarray], *, guessed: bool) -> tuple[str, ...]:
    """Say how up was guessed, or that the person lies throughout and another axis may be up.

    Args:
        up: The axis taken for up.
        points: Positions over time, already turned so that `up` is +Z. Shape (T, 3) each.
        guessed: Whether it comes from `guess_up`.
    """
    if guessed:
        return (f"up was taken to be {up}, because the person stands along it",)
    shoulders = points["left_shoulder"] + points["right_shoulder"]
    tall = unit(shoulders - points["left_ankle"] - points["right_ankle"])[:, 2]
    if np.mean(np.abs(tall) < 0.5) < 0.95:
        return ()
    return (f"with {up} up the person lies throughout: if not so, say which axis is up",)
