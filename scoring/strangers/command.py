"""A scorer that is a command: requests on its stdin, predictions on its stdout, a line each.

First it is asked `{"ask": "about"}` and answers `{"name": ..., "version": ..., "fits": true}`. If
it fits, it is then given `{"ask": "fit", "good": [request, ...]}` and answers `{"ok": true}`. Every
request after that is answered by its prediction. What it prints beside that, answers to other
requests and second answers are counted as noise. It runs in an empty folder; when it hangs, dies or
takes too much memory, the one repetition fails, and it is started and fitted again for the next.
"""

import json
import os
import resource
import selectors
import shlex
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from motions.errors import FormbenchError
from scoring.contract import Scorer, Verdict
from scoring.poses import PoseSequence
from scoring.wire import request, to_line, verdict_of

TIMEOUT_S = 60.0
MEMORY_GB = 8.0
CHUNK = 1 << 16


class CommandScorer:
    """A command as a scorer.

    Args:
        command: What to run, as on a command line; no shell looks at it.
        timeout_s: The longest that one answer may take.
        memory_gb: The address space that it may use.

    Raises:
        FormbenchError: It cannot be started, or does not say who it is.
    """

    def __init__(
        self, command: str, *, timeout_s: float = TIMEOUT_S, memory_gb: float = MEMORY_GB
    ) -> None:
        self._command = shlex.split(command)
        self._timeout_s, self._memory = timeout_s, int(memory_gb * 2**30)
        self._good: Sequence[PoseSequence] = ()
        self._process: subprocess.Popen[bytes] | None = None
        self._rest = b""
        self.n_noise = 0
        """Lines that answered nothing that was asked."""
        about = self._ask({"ask": "about"}, ("name", "version"))
        self.name, self.version = str(about["name"]), str(about["version"])
        self._fits = bool(about.get("fits"))

    def fit(self, good: Sequence[PoseSequence]) -> Scorer:
        """Show it good repetitions, if it said that it fits."""
        if self._fits:
            self._good = good
            self._ask(self._lesson(), ("ok",))
        return self

    def score(self, sequence: PoseSequence) -> Verdict:
        """Let it judge one repetition."""
        asked = request(sequence)
        return verdict_of(self._ask({"ask": "score", **asked}, ("id",), id=asked["id"]))

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None
            self._folder.cleanup()

    def __del__(self) -> None:
        self.close()

    def _lesson(self) -> dict[str, Any]:
        return {"ask": "fit", "good": [request(sequence) for sequence in self._good]}

    def _ask(self, message: Mapping[str, Any], keys: Sequence[str], **equal: str) -> dict[str, Any]:
        """Send a line and return the answer that has some keys, some of them with known values."""
        if self._process is None:
            process = self._start()
            if self._good and message["ask"] == "score":
                self._ask(self._lesson(), ("ok",))
        else:
            process = self._process
        give_up = time.monotonic() + self._timeout_s
        try:
            for line in self._exchange(process, to_line(message).encode(), give_up):
                said = _parsed(line)
                if all(key in said for key in keys) and equal.items() <= said.items():
                    return said
                self.n_noise += 1
        except TimeoutError as error:
            self.close()
            raise FormbenchError(
                f"{self._command[0]}: no answer within {self._timeout_s:g} s"
            ) from error
        except (OSError, EOFError) as error:
            self.close()
            raise FormbenchError(f"{self._command[0]}: it ended instead of answering") from error
        raise AssertionError("unreachable: an exchange ends by raising")

    def _start(self) -> subprocess.Popen[bytes]:
        self._folder = tempfile.TemporaryDirectory(prefix="formbench-scorer-")
        self._rest = b""
        try:
            process = subprocess.Popen(
                self._command,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._folder.name,
            )
        except OSError as error:
            self._folder.cleanup()
            raise FormbenchError(f"{self._command[0]}: cannot be run: {error.strerror}") from error
        resource.prlimit(process.pid, resource.RLIMIT_AS, (self._memory, self._memory))
        os.set_blocking(_pipe(process.stdin), False)
        self._process = process
        return process

    def _exchange(
        self, process: subprocess.Popen[bytes], line: bytes, give_up: float
    ) -> Iterator[bytes]:
        """Write a line and yield what comes, line by line, until a moment of the monotonic clock.

        Both at once, so that a command that does not read cannot block us.
        """
        to_it, from_it = _pipe(process.stdin), _pipe(process.stdout)
        with selectors.DefaultSelector() as selector:
            selector.register(from_it, selectors.EVENT_READ)
            selector.register(to_it, selectors.EVENT_WRITE)
            while True:
                while b"\n" in self._rest:
                    whole, _, self._rest = self._rest.partition(b"\n")
                    yield whole
                ready = selector.select(max(0.0, give_up - time.monotonic()))
                if not ready:
                    raise TimeoutError
                for key, _ in ready:
                    if key.fd == to_it:
                        line = line[os.write(to_it, line[:CHUNK]) :]
                        if not line:
                            selector.unregister(to_it)
                        continue
                    got = os.read(from_it, CHUNK)
                    if not got:
                        raise EOFError
                    self._rest += got


def _pipe(end: IO[bytes] | None) -> int:
    if end is None:
        raise AssertionError("unreachable: both ends are pipes")
    return end.fileno()


def _parsed(line: bytes) -> dict[str, Any]:
    """Return a line's object; an empty one for noise."""
    try:
        said = json.loads(line)
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return said if isinstance(said, dict) else {}
