"""A learnt model on disk: a folder that says what it is, and numbers in safetensors.

    MODEL/
        model.json            kind, config, keypoint convention, what it learnt from, how well
        weights.safetensors   the arrays by name

Nothing in it is run when it is read. The weights' hash stands in model.json, so that a file that
was changed or mixed up is noticed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from export.files import new_folder, read_json, sha256_of, write_json
from motions.conventions import convention
from motions.errors import FormbenchError

SCHEMA = "formbench.model/1"
ABOUT, WEIGHTS = "model.json", "weights.safetensors"
_KEYS = ("kind", "convention", "config", "data_sha256", "formbench", "metrics", "weights_sha256")


@dataclass(frozen=True)
class Model:
    """What was learnt, as it is kept."""

    kind: str
    """What it is for: "boundaries", "lifter", ..."""
    convention_name: str
    """The keypoints that it wants."""
    config: Mapping[str, Any]
    """What its code needs to use the weights, as JSON: a network's spec among others."""
    weights: Mapping[str, np.ndarray]
    """By name."""
    data_sha256: str
    """`Dataset.content_sha256` of what it learnt from."""
    metrics: Mapping[str, float]
    """How well it did on people that were held back."""


def write_model(model: Model, folder: Path) -> None:
    """Write a model to a new folder.

    Raises:
        FormbenchError: There is something at the folder already.
    """
    with new_folder(folder) as made:
        # safetensors writes an array's memory as it lies there.
        arrays = {name: np.ascontiguousarray(model.weights[name]) for name in sorted(model.weights)}
        save_file(arrays, made / WEIGHTS)
        about = {
            "schema": SCHEMA,
            "kind": model.kind,
            "convention": model.convention_name,
            "config": dict(model.config),
            "data_sha256": model.data_sha256,
            "formbench": version("formbench"),
            "metrics": dict(model.metrics),
            "weights_sha256": sha256_of(made / WEIGHTS),
        }
        write_json(about, made / ABOUT)


def read_model(folder: Path, kind: str, convention_name: str | None = None) -> Model:
    """Read a model that `write_model` wrote.

    Args:
        folder: The model.
        kind: What it must be for.
        convention_name: The keypoints that it will be given; None takes those it wants.

    Raises:
        FormbenchError: It is no model, is for something else, wants another skeleton, is of another
            version, or was changed.
    """
    if not (folder / ABOUT).is_file():
        raise FormbenchError(f"{folder}: expected a model, which `workbench train` makes; "
                             f"it has no {ABOUT}")  # fmt: skip
    about = read_json(folder / ABOUT, SCHEMA, _KEYS)
    if about["kind"] != kind:
        raise FormbenchError(f"{folder}: expected a model for {kind}, got one for {about['kind']}")
    convention(about["convention"])
    if convention_name not in (None, about["convention"]):
        raise FormbenchError(
            f"{folder}: it learnt from {about['convention']} keypoints, got {convention_name}; "
            "train one on these"
        )
    path = folder / WEIGHTS
    if not path.is_file() or sha256_of(path) != about["weights_sha256"]:
        raise FormbenchError(f"{path}: not the file that was written with {ABOUT}; train it again")
    try:
        weights = load_file(path)
    except SafetensorError as error:
        raise FormbenchError(f"{path}: not safetensors: {error}") from error
    return Model(
        kind=about["kind"],
        convention_name=about["convention"],
        config=about["config"],
        weights=weights,
        data_sha256=about["data_sha256"],
        metrics=about["metrics"],
    )
