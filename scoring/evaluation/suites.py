"""Suites: datasets to evaluate on that are made when they are asked for, and kept.

A suite is a file of this package: a version, how its people are parted, which attributes are
flipped, and the config of a dataset without pixels. What it makes is kept in the user's cache
folder by the hash of that config and of the versions that decide the bytes: made once, and another
suite, version or seed never takes its place. With a seed of one's own it is a private suite, of
people and motions that nobody can have trained on.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import platformdirs
import yaml
from pydantic import BaseModel, Field, ValidationError

from export.dataset import Dataset, read_dataset, seal_dataset
from motions.errors import FormbenchError, unknown_name
from scoring.evaluation.flips import ATTRIBUTES
from simulator.config import DatasetConfig, config_text, parse_config
from simulator.engines.engine import PACKAGES
from simulator.fault_entries import STRICT
from simulator.generate import generate

FOLDER = Path(__file__).with_name("suites")
SUITES = ("smoke", "standard", "full")
"""The suites there are, the quickest first."""
OWN_SHARE = 0.3
"""The share of clips to judge in a dataset of the user's own."""


class _File(BaseModel):
    model_config = STRICT

    version: int = Field(ge=1)
    validation_share: float = Field(gt=0, lt=1)
    flips: list[str]
    dataset: dict[str, Any]


@dataclass(frozen=True)
class Suite:
    """What is evaluated on."""

    name: str
    """With its version: smoke-1. Another seed than its own stands behind it."""
    validation_share: float
    flips: tuple[str, ...]
    """Attributes that are flipped, besides those that cost next to nothing."""
    config: DatasetConfig

    @property
    def sha256(self) -> str:
        """Of everything that decides the bytes of its dataset."""
        versions = "".join(f"{name} {version(name)}\n" for name in ("formbench", *PACKAGES))
        return hashlib.sha256((config_text(self.config) + versions).encode()).hexdigest()

    @property
    def folder(self) -> Path:
        """Where its dataset is kept."""
        cache = Path(platformdirs.user_cache_dir("formbench"))
        return cache / "suites" / f"{self.name}-{self.sha256[:16]}"


def read_suite(name: str, seed: int | None = None) -> Suite:
    """Read one of SUITES; with a seed of one's own it is another suite of the same kind.

    Raises:
        FormbenchError: There is no such suite, or its file is not as it should be.
    """
    if name not in SUITES:
        raise unknown_name("suite", name, SUITES)
    path = FOLDER / f"{name}.yaml"
    try:
        file = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise FormbenchError(f"{path}: {error.errors()[0]['msg']}") from error
    for attribute in file.flips:
        if attribute not in ATTRIBUTES:
            raise unknown_name(f"{path}: flip", attribute, ATTRIBUTES)
    changed = {} if seed is None else {"seed": seed}
    return Suite(
        name=f"{name}-{file.version}" + ("" if seed is None else f"-seed-{seed}"),
        validation_share=file.validation_share,
        flips=tuple(file.flips),
        config=parse_config(file.dataset | changed, str(path)),
    )


def suite_dataset(
    suite: Suite,
    workers: int | None = None,
    on_clip: Callable[[int, int], None] = lambda done, total: None,
) -> Dataset:
    """Return a suite's dataset, made now as far as it is not there yet."""
    folder = suite.folder
    if not (folder / "manifest.json").exists():
        generate(suite.config, folder, workers, on_clip)
        seal_dataset(folder)
    return read_dataset(folder)


def asked_for(
    name_or_folder: str,
    seed: int | None = None,
    workers: int | None = None,
    on_clip: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Dataset, str, float, tuple[str, ...]]:
    """Return the dataset of a suite or in a folder, with the suite's name, share and flips.

    Raises:
        FormbenchError: It is neither, or a folder was given with a seed.
    """
    if name_or_folder in SUITES:
        suite = read_suite(name_or_folder, seed)
        data = suite_dataset(suite, workers, on_clip)
        return data, suite.name, suite.validation_share, suite.flips
    folder = Path(name_or_folder)
    if not folder.is_dir():
        raise unknown_name("suite, or folder", name_or_folder, SUITES)
    if seed is not None:
        raise FormbenchError(f"{folder}: expected no suite seed, a dataset is what it is")
    return read_dataset(folder), "", OWN_SHARE, ()
