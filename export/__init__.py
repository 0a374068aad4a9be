"""Datasets: manifest, tables, splits and the formats of others."""

from pathlib import Path
from typing import Any


def torch_dataset(folder: Path | str, split: str | None = None, **wishes: Any) -> Any:
    """Return a PyTorch dataset of a built dataset; see `export.loader.PoseWindows`."""
    from export.loader import PoseWindows

    return PoseWindows(Path(folder), split, **wishes)
