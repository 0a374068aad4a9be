"""The body models there are, and how people are drawn from them.

Building imports a model's libraries, drawing does not: plans are made without them.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from motions.errors import FormbenchError, unknown_name
from simulator.bodies.body import Body

BODY_MODELS = ("anny", "smpl", "smplh", "smplx", "stick")
FREE_MODELS = ("anny", "stick")
"""Those that need no files from the user."""
N_BETAS = 10
_STATURE_M = {"man": (1.76, 0.07), "woman": (1.63, 0.065)}
"""Mean and spread of adults in Europe and North America (NCD-RisC 2016)."""
_STATURE_LIMITS_M = (1.50, 2.00)


def sample_body(model: str, rng: np.random.Generator) -> dict[str, float]:
    """Draw one adult's parameters, by name, for `build_body`."""
    if model.startswith("smpl"):
        # The shape spaces are scaled so that people are standard normal in every coordinate.
        return {f"beta_{i}": float(np.clip(rng.normal(), -2.5, 2.5)) for i in range(N_BETAS)}
    is_woman = rng.uniform() < 0.5
    mean_m, spread_m = _STATURE_M["woman" if is_woman else "man"]
    stature_m = float(np.clip(rng.normal(mean_m, spread_m), *_STATURE_LIMITS_M))
    drawn = {
        "gender": float(np.clip((0.9 if is_woman else 0.1) + rng.normal(0, 0.06), 0, 1)),
        "age": float(rng.uniform(0.62, 0.85)),
        "stature_m": stature_m,
        "weight": float(rng.beta(4, 4)),
        "muscle": float(0.25 + 0.65 * rng.beta(3, 3)),
        "proportions": float(rng.beta(2, 3)),
    }
    if model == "stick":
        return {"stature_m": stature_m}
    if model not in BODY_MODELS:
        raise unknown_name("body", model, BODY_MODELS)
    return drawn


def build_body(model: str, values: Mapping[str, float], *, grip: bool) -> Body:
    """Build a person of a model from its parameters; `grip` closes the hands.

    Raises:
        FormbenchError: No such model, or a parameter that it does not have or cannot take.
    """
    build: Callable[..., Body]
    if model == "stick":
        from simulator.bodies.stick import build_stick as build
    elif model == "anny":
        from simulator.bodies.anny import build_anny as build
    elif model in BODY_MODELS:
        build = partial(_licensed(), model)
    else:
        raise unknown_name("body", model, BODY_MODELS)
    try:
        return build(**values, grip=grip)
    except TypeError as error:
        raise FormbenchError(f"body {model}: {error}") from error


def _licensed() -> Callable[..., Body]:
    try:
        from simulator.bodies.smplx import build_smplx
    except ModuleNotFoundError as error:
        raise FormbenchError("body: SMPL models need: pip install 'formbench[smplx]'") from error
    return build_smplx
