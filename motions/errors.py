"""The one exception for what a user can mend.

`workbench` prints it as one line and exits with 1; every other exception is a bug and keeps its
traceback. A message names the thing, what was expected, what came and, where there is one, the way
out.
"""

import difflib
import errno
from collections.abc import Iterable


class FormbenchError(Exception):
    """Something the user gave cannot be used; the message says how to mend it."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> FormbenchError:
    """Build the error for a name that is in no table, with the nearest match and the sorted list.

    >>> str(unknown_name("exercise", "squatt", ["squat", "deadlift"]))
    "exercise: no 'squatt'. Did you mean 'squat'? Known: deadlift, squat."
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return FormbenchError(f"{kind}: no {name!r}.{hint} Known: {', '.join(names)}.")


_MENDABLE = {
    errno.ENOENT: "no such file or folder",
    errno.ENOTDIR: "expected a folder, got a file",
    errno.EEXIST: "expected a folder, got a file",
    errno.EISDIR: "expected a file, got a folder",
    errno.ENOSPC: "the disk is full; make room and run the same command again",
    errno.EDQUOT: "the disk quota is used up; make room and run the same command again",
    errno.EACCES: "permission denied; choose a place that this user may read and write",
    errno.EPERM: "not permitted; choose a place that this user may read and write",
    errno.EROFS: "the file system is read-only; choose another place",
}


def mendable(error: OSError) -> str | None:
    """Return the line for what the operating system refused, None for what no user can mend."""
    if error.errno not in _MENDABLE:
        return None
    return (f"{error.filename}: " if error.filename else "") + _MENDABLE[error.errno]
