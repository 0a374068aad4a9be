"""A scorer that has answered already: a file of predictions, one a line, found by their ids.

`workbench evaluate --requests-only` writes the requests to answer. The file's name is the scorer's.
"""

import json
from pathlib import Path
from typing import Any

from motions.errors import FormbenchError
from scoring.contract import Verdict, abstain
from scoring.poses import PoseSequence
from scoring.wire import request, verdict_of


class FileScorer:
    """A predictions file as a scorer.

    Args:
        path: JSON Lines of predictions, see scoring/prediction.schema.json.

    Raises:
        FormbenchError: There is no such file, a line is no prediction, or two answer the same.
    """

    version = "file"

    def __init__(self, path: str | Path) -> None:
        path = Path(path)
        self.name = "".join(path.stem.lower().split())
        self._said: dict[str, Any] = {}
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                at = f"{path}, line {number}"
                try:
                    said = json.loads(line)
                except json.JSONDecodeError as error:
                    raise FormbenchError(f"{at}: expected JSON: {error}") from error
                if not isinstance(said, dict) or not isinstance(said.get("id"), str):
                    raise FormbenchError(f"{at}: expected a prediction with an id")
                if said["id"] in self._said:
                    raise FormbenchError(f"{at}: a second prediction for {said['id']}")
                self._said[said["id"]] = said

    def score(self, sequence: PoseSequence) -> Verdict:
        """Return what the file says of a repetition; abstain where it says nothing."""
        said = self._said.get(request(sequence)["id"])
        return abstain("no prediction in the file") if said is None else verdict_of(said)
