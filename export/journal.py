"""Long work that can be stopped: a folder that is filled part by part, and a list of what is done.

The folder has a hidden name until all of it is there. After Ctrl-C, a kill or a full disk the same
command finds it, keeps the parts that were finished and makes the others anew; other work in the
same place begins from nothing.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from export.files import check_new
from motions.errors import FormbenchError
from simulator.engines.engine import SetAside

NAME = ".finished"


class Journal:
    """The finished parts of a piece of work.

    Args:
        path: Where they are kept; in memory only when None.
        work: What is done, one line: a file of other work is thrown away.
    """

    def __init__(self, path: Path | None = None, work: str = "") -> None:
        self._path = path
        self._parts: set[str] = set()
        if path is not None:
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            first, *parts = text.split("\n")[:-1] or [""]  # a last line without its end is none
            if first == work:
                self._parts = set(parts)
            path.write_text("".join(f"{x}\n" for x in (work, *sorted(self._parts))), "utf-8")

    def __contains__(self, part: str) -> bool:
        return part in self._parts

    def __bool__(self) -> bool:
        return bool(self._parts)

    def note(self, part: str) -> None:
        """Remember that a part is finished and its files are closed."""
        self._parts.add(part)
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"{part}\n")


@contextmanager
def resumable_folder(path: Path, work: str) -> Iterator[tuple[Path, Journal]]:
    """Give a folder to fill and the journal of what is in it already; it becomes `path` at the end.

    A FormbenchError, which the same command would meet again, leaves nothing behind; work that was
    set aside is tried again, and the rest stays.

    Args:
        path: Where it is to be.
        work: What is done, one line; the journal of other work is not gone on with.

    Raises:
        FormbenchError: There is something at `path` already, other than an empty folder.
    """
    check_new(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    journal = Journal(temporary / NAME, work) if (temporary / NAME).is_file() else None
    if not journal:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        journal = Journal(temporary / NAME, work)
    try:
        yield temporary, journal
    except SetAside:
        raise
    except FormbenchError:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    (temporary / NAME).unlink()
    temporary.replace(path)
