"""Pickles of numbers: arrays, lists, dictionaries and texts, and nothing else that pickle can make.

VideoPose3D and MMAction2 publish their data as pickles. A pickle may name any function and have it
called; here every name but those that make NumPy arrays is refused before anything is called.
"""

import io
import pickle  # noqa: TID251  restricted below
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from motions.errors import FormbenchError

_ALLOWED = {
    ("numpy", "dtype"), ("numpy", "ndarray"),
    *((f"numpy.{core}.{module}", name)
      for core in ("core", "_core")
      for module, name in (("multiarray", "_reconstruct"), ("multiarray", "scalar"),
                           ("numeric", "_frombuffer"))),
}  # fmt: skip


class _Numbers(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise FormbenchError(f"refused: the pickle asks for {module}.{name}")
        return super().find_class(module, name)


def read_pickle(path: Path) -> Any:
    """Read a pickle of numbers, or raise for anything else."""
    return _load(path, path.read_bytes())


def read_object_npz(path: Path) -> dict[str, Any]:
    """Read an .npz whose arrays may hold one pickled object each, by name."""
    found: dict[str, Any] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                with archive.open(member) as file:
                    found[member.removesuffix(".npy")] = _object(path, file.read())
    except (zipfile.BadZipFile, ValueError) as error:
        raise FormbenchError(f"{path}: damaged archive: {error}") from error
    return found


def _object(path: Path, data: bytes) -> Any:
    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    header = {(1, 0): np.lib.format.read_array_header_1_0,
              (2, 0): np.lib.format.read_array_header_2_0}  # fmt: skip
    if version not in header:
        raise FormbenchError(f"{path}: expected .npy of version 1 or 2, got {version}")
    _, _, dtype = header[version](file)
    if dtype.hasobject:
        return _load(path, file.read()).item()
    return np.load(io.BytesIO(data), allow_pickle=False)


def _load(path: Path, data: bytes) -> Any:
    try:
        return _Numbers(io.BytesIO(data)).load()
    except FormbenchError as error:
        raise FormbenchError(f"{path}: {error}") from error
    except (pickle.UnpicklingError, EOFError, AttributeError, IndexError, KeyError) as error:
        raise FormbenchError(f"{path}: damaged pickle: {error}") from error
