"""A scorer at an address: each message of `scoring.strangers.command` as an HTTP POST of JSON."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from scoring.contract import Scorer, Verdict
from scoring.poses import PoseSequence
from scoring.wire import ScorerFailure, request, to_line, verdict_of

TIMEOUT_S = 60.0
LARGEST_ANSWER = 1 << 22


class AddressScorer:
    """An HTTP server as a scorer.

    Args:
        url: Where requests are posted to.
        timeout_s: The longest that one answer may take.

    Raises:
        ScorerFailure: Nothing answers there, or it does not say who it is.
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
            message = f"{self._url}: expected an answer to {asked['id']}, got another"
            raise ScorerFailure("invalid", message)
        return verdict_of(said)

    def _ask(self, message: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
        post = urllib.request.Request(
            self._url, to_line(message).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(post, timeout=self._timeout_s) as answer:
                said = json.loads(answer.read(LARGEST_ANSWER))
        except TimeoutError as error:
            raise self._failure("hung", f"no answer within {self._timeout_s:g} s") from error
        except urllib.error.HTTPError as error:
            with error:
                raise self._failure("died", f"answered {error.code} {error.reason}") from error
        except urllib.error.URLError as error:
            kind = "hung" if isinstance(error.reason, TimeoutError) else "died"
            raise self._failure(kind, f"no answer: {error.reason}") from error
        except (ValueError, OSError) as error:
            raise self._failure("invalid", f"expected JSON in answer: {error}") from error
        if not isinstance(said, dict) or not all(key in said for key in keys):
            raise self._failure("invalid", f"expected {' and '.join(keys)} in its answer")
        return said

    def _failure(self, kind: str, what: str) -> ScorerFailure:
        return ScorerFailure(kind, f"{self._url}: {what}")
