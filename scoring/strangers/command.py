"""A scorer that is a command: requests on its stdin, predictions on its stdout, a line each.

First it is asked `{"ask": "about"}` and answers `{"name": ..., "version": ..., "fits": true}`. If
it fits, it is then given `{"ask": "fit", "good": [request, ...]}` and answers `{"ok": true}`. Every
request after that is answered by its prediction. What it prints beside that is counted by kind, see
`scoring.wire.COMPLAINTS`, and not believed. It runs in an empty folder; when it hangs, dies or
takes too much memory, the one repetition fails with the last line of its stderr, and it is started
and fitted again for the next.
"""

import os
import resource
import selectors
import shlex
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from motions.errors import FormbenchError
from scoring.contract import Scorer, Verdict
from scoring.poses import PoseSequence
from scoring.wire import ScorerFailure, from_line, request, to_line, verdict_of

TIMEOUT_S = 60.0
MEMORY_GB = 8.0
CHUNK = 1 << 16
_LAST_WORDS = 2000
"""How many bytes of stderr are kept."""


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
        self._rest = self._errors = b""
        self._answered: set[str] = set()
        self.complaints: Counter[str] = Counter()
        """How many lines answered nothing that was asked, by key of `COMPLAINTS`."""
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

    @property
    def memory_mb(self) -> float:
        """The most that the process held since it was started; 0 when it is not running."""
        if self._process is None:
            return 0.0
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(peaks[0]) / 1024 if peaks else 0.0

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
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
                said = from_line(line)
                if all(key in said for key in keys) and equal.items() <= said.items():
                    self._answered |= {*equal.values()}
                    return said
                self.complaints[self._complaint(said.get("id"))] += 1
        except TimeoutError as error:
            raise self._failure("hung", f"no answer within {self._timeout_s:g} s") from error
        except (OSError, EOFError) as error:
            raise self._failure("died", "it ended instead of answering") from error
        raise AssertionError("unreachable: an exchange ends by raising")

    def _complaint(self, answered: object) -> str:
        """Say what is wrong with a line that answers another request, or none."""
        if not isinstance(answered, str):
            return "noise"
        return "repeated" if answered in self._answered else "unknown"

    def _failure(self, kind: str, what: str) -> ScorerFailure:
        """End the process, and say what it did and the last line of its stderr."""
        if self._process is not None:
            errors = _pipe(self._process.stderr)
            os.set_blocking(errors, False)
            with suppress(BlockingIOError):
                while got := os.read(errors, CHUNK):
                    self._errors = (self._errors + got)[-_LAST_WORDS:]
        self.close()
        words = self._errors.decode(errors="replace").strip().rpartition("\n")[2]
        return ScorerFailure(kind, f"{self._command[0]}: {what}{words and f': {words}'}")

    def _start(self) -> subprocess.Popen[bytes]:
        self._folder = tempfile.TemporaryDirectory(prefix="formbench-scorer-")
        self._rest = self._errors = b""
        try:
            process = subprocess.Popen(
                self._command,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
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
        to_it, from_it, errors = map(_pipe, (process.stdin, process.stdout, process.stderr))
        with selectors.DefaultSelector() as selector:
            selector.register(from_it, selectors.EVENT_READ)
            selector.register(errors, selectors.EVENT_READ)
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
                    got = os.read(key.fd, CHUNK)
                    if key.fd == errors:
                        self._errors = (self._errors + got)[-_LAST_WORDS:]
                        if not got:
                            selector.unregister(errors)
                    elif not got:
                        raise EOFError
                    else:
                        self._rest += got


def _pipe(end: IO[bytes] | None) -> int:
    if end is None:
        raise AssertionError("unreachable: both ends are pipes")
    return end.fileno()
