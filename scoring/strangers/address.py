"""A scorer at an address: each message of `scoring.strangers.command` as an HTTP POST of JSON."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from motions.errors import FormbenchError
from scoring.contract import Scorer, Verdict
from scoring.poses import PoseSequence
from scoring.wire import request, to_line, verdict_of

TIMEOUT_S = 60.0
LARGEST_ANSWER = 1 << 22


class AddressScorer:
    """An HTTP server as a scorer.

    Args:
        url: Where requests are posted to.
        timeout_s: The longest that one answer may take.

    Raises:
        FormbenchError: Nothing answers there, or it does not say who it is.
    """

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self._url, self._timeout_s = url, timeout_s
        about = self._ask({"ask": "about"}, ("name", "version"))
        self.name, self.version = str(about["name"]), str(about["version"])
        self._fits = bool(about.get("fits"))

    def fit(self, good: Sequence[PoseSequence]) -> Scorer:
        """Show it good repetitions, if it said that it fits."""
        if self._fits:
            self._ask({"ask": "fit", "good": [request(sequence) for sequence in good]}, ("ok",))
        return self

    def score(self, sequence: PoseSequence) -> Verdict:
        """Let it judge one repetition."""
        asked = request(sequence)
        said = self._ask({"ask": "score", **asked}, ("id",))
        if said["id"] != asked["id"]:
            raise FormbenchError(f"{self._url}: expected an answer to {asked['id']}, got another")
        return verdict_of(said)

    def _ask(self, message: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
        post = urllib.request.Request(
            self._url, to_line(message).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(post, timeout=self._timeout_s) as answer:
                said = json.loads(answer.read(LARGEST_ANSWER))
        except TimeoutError as error:
            raise FormbenchError(f"{self._url}: no answer within {self._timeout_s:g} s") from error
        except urllib.error.HTTPError as error:
            with error:
                raise FormbenchError(
                    f"{self._url}: answered {error.code} {error.reason}"
                ) from error
        except urllib.error.URLError as error:
            raise FormbenchError(f"{self._url}: no answer: {error.reason}") from error
        except (ValueError, OSError) as error:
            raise FormbenchError(f"{self._url}: expected JSON in answer: {error}") from error
        if not isinstance(said, dict) or not all(key in said for key in keys):
            raise FormbenchError(f"{self._url}: expected {' and '.join(keys)} in its answer")
        return said
