"""What a camera does to a picture between lens and file: blur, exposure, colour, noise.

A `Sensor` is drawn with the plan; applying it draws nothing: its grain is a fixed pattern that is
shifted from frame to frame. Truth stays that of the instant in the middle of the exposure.
"""

from dataclasses import dataclass

import numpy as np

from simulator.rendering.images import sampled_at
from simulator.rendering.passes import flow_px

SHARPEST_CRF, COARSEST_CRF = 20, 32
_TAPS = 9
_TILE_PX = 16  # motion reaches no farther than this out of where it is
_LEAST_PX = 0.75  # shorter blur is not seen
_GRAIN_PX = 512


@dataclass(frozen=True)
class Sensor:
    """How one camera takes pictures."""

    exposure_ev: float
    """Stops brighter (positive) or darker than as lit."""
    red_gain: float
    """White balance: 1 is right, more is warmer."""
    blue_gain: float
    noise: float
    """Standard deviation at mid-grey, in 255ths."""
    shutter: float
    """Share of the time between frames in which light falls in: 0 freezes, 0.5 is film's."""
    crf: int
    """Compression of the video: H.264's constant rate factor."""
    grain_seed: int


def sample_sensor(rng: np.random.Generator) -> Sensor:
    """Draw a phone or a camera, its settings a little off as automatics leave them."""
    warmth = rng.uniform(-0.08, 0.08)
    return Sensor(
        exposure_ev=float(rng.uniform(-0.5, 0.4)),
        red_gain=float(1 + warmth),
        blue_gain=float(1 - warmth),
        noise=float(rng.uniform(1.0, 5.0)),
        shutter=float(rng.uniform(0.1, 0.6)),
        crf=int(rng.integers(SHARPEST_CRF, COARSEST_CRF + 1)),
        grain_seed=int(rng.integers(2**31)),
    )


def take(rgb: np.ndarray, flow: np.ndarray, sensor: Sensor, frame_index: int) -> np.ndarray:
    """Return the picture that a sensor takes.

    Args:
        rgb: As drawn. Shape (height, width, 3), uint8, sRGB.
        flow: The `flow` pass, or `flow_back` in the last frame. Shape (height, width, 3), uint16.
        sensor: Which.
        frame_index: Shifts the grain.
    """
    blurred = _blurred(rgb, sensor.shutter * np.nan_to_num(flow_px(flow)))
    # Gains act on light, and pictures are near enough its square root.
    gains = np.sqrt(2.0**sensor.exposure_ev * np.array([sensor.red_gain, 1, sensor.blue_gain]))
    curve = np.clip(np.arange(256)[:, None] * gains, 0, 255).astype(np.float32)
    exposed = curve[blurred, np.arange(3)]
    return np.clip(np.round(exposed + _grain(sensor, frame_index, rgb.shape)), 0, 255).astype(
        np.uint8
    )


def _grain(sensor: Sensor, frame_index: int, shape: tuple[int, ...]) -> np.ndarray:
    pattern = np.random.default_rng(sensor.grain_seed).normal(
        0, sensor.noise, (_GRAIN_PX, _GRAIN_PX, 3)
    )
    rows, columns = (
        (np.arange(size) + step * frame_index) % _GRAIN_PX
        for size, step in zip(shape[:2], (197, 331), strict=True)
    )
    return pattern.astype(np.float32)[np.ix_(rows, columns)]


def _blurred(rgb: np.ndarray, path_px: np.ndarray) -> np.ndarray:
    """Smear what moves along its path (height, width, 2), over what does not.

    After McGuire et al. 2012, "A reconstruction filter for plausible motion blur": each pixel looks
    along the longest path about it.
    """
    if np.abs(path_px).max() < _LEAST_PX:
        return rgb
    moves = (np.abs(path_px).max(axis=-1) > _LEAST_PX / 2).astype(np.float32)
    along_px = _longest_near(path_px)
    total = np.zeros(rgb.shape, dtype=np.float32)
    for share in np.linspace(-0.5, 0.5, _TAPS):
        seen = sampled_at(rgb, share * along_px)
        counts = np.maximum(sampled_at(moves, share * along_px), moves)[..., None]
        total += counts * seen + (1 - counts) * rgb
    return np.round(total / _TAPS).astype(np.uint8)


def _longest_near(path_px: np.ndarray) -> np.ndarray:
    """Return for each pixel the longest path in its tile or one beside. Same shape."""
    height, width = path_px.shape[:2]
    rows, columns = (-(-size // _TILE_PX) for size in (height, width))
    padded = np.zeros((rows * _TILE_PX, columns * _TILE_PX, 2), dtype=np.float32)
    padded[:height, :width] = path_px
    tiles = padded.reshape(rows, _TILE_PX, columns, _TILE_PX, 2).swapaxes(1, 2)
    longest = _longest(tiles.reshape(rows, columns, -1, 2))
    around = np.pad(longest, ((1, 1), (1, 1), (0, 0)))
    beside = [around[i : i + rows, j : j + columns] for i in range(3) for j in range(3)]
    widest = _longest(np.stack(beside, axis=2))
    return np.repeat(np.repeat(widest, _TILE_PX, axis=0), _TILE_PX, axis=1)[:height, :width]


def _longest(paths: np.ndarray) -> np.ndarray:
    """Return the longest of paths (..., n, 2). Shape (..., 2)."""
    at = np.square(paths).sum(axis=-1).argmax(axis=-1)
    return np.take_along_axis(paths, at[..., None, None], axis=-2)[..., 0, :]
