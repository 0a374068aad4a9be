"""Passes as colours that people can look at; numbers stay in the passes.

depth       near is bright, 8 m and farther is black
normals     x, y and z as red, green and blue
flow        the way as hue, the speed as strength, full from 4 pixels a frame on
the rest    each number a colour of its own, nothing black
"""

import colorsys

import numpy as np

from simulator.rendering.passes import PASSES, check_passes, flow_px, normals_cam

_FARTHEST_MM = 8000.0
_FASTEST_PX = 4.0
_GOLDEN = 0.61803  # turns of the colour wheel, so that neighbours differ most


def _palette() -> np.ndarray:
    rows = [colorsys.hsv_to_rgb(i * _GOLDEN % 1, 0.65, 0.95 - 0.3 * (i % 2)) for i in range(256)]
    return np.array([(0.0, 0.0, 0.0), *rows[1:]])


_PALETTE = _palette()


def coloured(name: str, coded: np.ndarray) -> np.ndarray:
    """Return one frame of a pass as a picture.

    Args:
        name: One of PASSES.
        coded: Its pixels, as `read_lossless` gives them. Shape (height, width) or with channels.

    Returns:
        Shape (height, width, 3), uint8, sRGB.

    >>> coloured("depth", np.array([[2000, 8000, 0]], dtype=np.uint16))[0, :, 0].tolist()
    [191, 0, 0]
    """
    check_passes([name])
    if name == "depth":
        near = np.where(coded > 0, 1 - np.minimum(coded / _FARTHEST_MM, 1), 0)
        rgb = np.repeat(near[..., None], 3, axis=-1)
    elif name == "normals":
        rgb = np.nan_to_num((normals_cam(coded) + 1) / 2)
    elif PASSES[name].channels == 3:
        rgb = _of_flow(np.nan_to_num(flow_px(coded)))
    else:
        rgb = _PALETTE[coded]
    return np.round(255 * rgb).astype(np.uint8)


def _of_flow(moved_px: np.ndarray) -> np.ndarray:
    """Return white where nothing moves, and a hue for each way. Shape (height, width, 3)."""
    strength = np.minimum(np.linalg.norm(moved_px, axis=-1) / _FASTEST_PX, 1)[..., None]
    turn = np.arctan2(moved_px[..., 1], moved_px[..., 0])[..., None]
    hue = 0.5 + 0.5 * np.cos(turn - 2 * np.pi / 3 * np.arange(3))
    return 1 - strength * (1 - hue)
