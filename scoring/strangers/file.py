"""A scorer that has answered already: a file of predictions, one a line, found by their ids.

`workbench evaluate --requests-only` writes the requests to answer. The file's name is the scorer's.
"""

from collections import Counter
from pathlib import Path
from typing import Any

from motions.errors import FormbenchError
from scoring.contract import Verdict, abstain
from scoring.poses import PoseSequence
from scoring.wire import ScorerFailure, from_line, request, verdict_of


class FileScorer:
    """A predictions file as a scorer.

    Args:
        path: JSON Lines of predictions, see scoring/prediction.schema.json. Two that answer the
            same repetition are no answer to it.

    Raises:
        FormbenchError: There is no such file, or no line of it is a prediction.
    """

    version = "file"

    def __init__(self, path: str | Path) -> None:
        path = Path(path)
        self.name = "".join(path.stem.lower().split())
        self._said: dict[str, list[Any]] = {}
        self._asked: set[str] = set()
        self._n_noise = 0
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                said = from_line(line)
                if isinstance(said.get("id"), str):
                    self._said.setdefault(said["id"], []).append(said)
                else:
                    self._n_noise += 1
        if not self._said:
            raise FormbenchError(
                f"{path}: expected a prediction with an id in every line, got none; see "
                "scoring/prediction.schema.json"
            )

    @property
    def complaints(self) -> Counter[str]:
        """How many lines answered nothing that was asked so far, by key of `COMPLAINTS`."""
        return Counter(
            noise=self._n_noise,
            repeated=sum(len(said) - 1 for said in self._said.values()),
            unknown=len(self._said.keys() - self._asked),
        )

    def score(self, sequence: PoseSequence) -> Verdict:
        """Return what the file says of a repetition; abstain where it says nothing."""
        asked = request(sequence)["id"]
        self._asked.add(asked)
        said = self._said.get(asked, [])
        if len(said) > 1:
            raise ScorerFailure("twice", f"{len(said)} predictions for {asked}")
        return verdict_of(said[0]) if said else abstain("no prediction in the file")
