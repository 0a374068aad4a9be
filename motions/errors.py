"""The one exception for what a user can mend.

`workbench` prints it as one line and exits with 1; every other exception is a bug and keeps its
traceback. A message names the thing, what was expected, what came and, where there is one, the way
out.
"""

import difflib
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
