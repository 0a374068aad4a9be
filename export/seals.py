"""Clips as they were sealed: what is read of them is held against the manifest, file by file."""

from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache

from export.dataset import Dataset
from export.manifest import CLIPS_A_PART, Files, entry_of_file, read_part, read_root
from motions.errors import FormbenchError

KEPT_PARTS = 8
"""Of the manifest's lists: clips are read in about their order."""


class Seals:
    """What the manifest of a dataset says of its clips' files, read as it is asked for."""

    def __init__(self, dataset: Dataset) -> None:
        self._folder = dataset.folder
        self._root = read_root(dataset.folder)
        starts = range(0, len(dataset.rows), CLIPS_A_PART)
        self._first_ids = [dataset.rows[start].clip_id for start in starts]
        self._part = lru_cache(maxsize=KEPT_PARTS)(self._read_part)

    def check(self, clip_id: str, names: Iterable[str]) -> None:
        """Prove that files of a clip are as they were sealed.

        Raises:
            FormbenchError: One is missing or has another content.
        """
        files = self._part(bisect_right(self._first_ids, clip_id) - 1)
        for name in names:
            path = self._folder / "clips" / clip_id / name
            if not path.is_file() or entry_of_file(path) != files.get(f"clips/{clip_id}/{name}"):
                raise FormbenchError(
                    f"{self._folder}: clips/{clip_id}/{name} is not as it was sealed; run "
                    f"workbench verify {self._folder}"
                )

    def _read_part(self, number: int) -> Files:
        files = read_part(self._folder, number, self._root)
        if files is None:
            raise FormbenchError(
                f"{self._folder}: a list of the manifest is not as it was sealed; run workbench "
                f"verify {self._folder}"
            )
        return files
