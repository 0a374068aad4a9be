"""Uploads and what becomes of them: a folder each, one job at a time, all deleted in the end."""

import json
import secrets
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from motions.errors import FormbenchError, unknown_name
from motions.library import EXERCISES
from scoring.score_report import FILES

PLACES = {name: f"report/{name}" for name in FILES} | {
    "comparison.html": "comparison/comparison.html"
}
"""What of a job may be looked at, and where it lies."""
MOST_KEPT = 8
"""With more the oldest that is not at work is deleted."""
COMMAND = [sys.executable, "-m", "scoring.page.job"]


@dataclass
class Job:
    """One folder and its state."""

    folder: Path
    state: str = "uploaded"
    """Then "waiting", "working", and "done" or "failed"."""
    told: dict[str, Any] = field(default_factory=dict)
    """The last line that the worker said."""
    process: subprocess.Popen[str] | None = None
    dropped: bool = False


class Jobs:
    """All jobs of one server.

    Args:
        folder: Everything lies in here; whoever made it deletes it.
        scorer: Judges repetitions, by the name that `scoring.contract` knows.
        boundaries: The folder of a model that finds repetitions.
    """

    def __init__(self, folder: Path, scorer: str = "dtw", boundaries: Path | None = None) -> None:
        self._folder, self._with = folder, (scorer, str(boundaries or ""))
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._runner = ThreadPoolExecutor(max_workers=1)

    def new(self) -> tuple[str, Path]:
        """Make a folder for a video and return its id and the file to write.

        Raises:
            FormbenchError: There is too much to do already.
        """
        with self._lock:
            idle = [i for i, job in self._jobs.items() if job.state not in ("waiting", "working")]
            if len(self._jobs) >= MOST_KEPT and not idle:
                raise FormbenchError(f"{MOST_KEPT} videos are waiting: try again later")
            job_id = secrets.token_urlsafe(16)
            job = Job(self._folder / job_id)
            job.folder.mkdir()
            self._jobs[job_id] = job
            oldest = idle[0] if len(self._jobs) > MOST_KEPT else None
        if oldest is not None:
            self.drop(oldest)
        return job_id, job.folder / "video"

    def start(self, job_id: str, exercise: str, trainer_id: str | None) -> None:
        """Begin to score an upload.

        Args:
            job_id: Of the video.
            exercise: What is done; empty to find it.
            trainer_id: Of another upload, which becomes the reference.

        Raises:
            FormbenchError: An upload or the exercise is not known, or was started before.
        """
        if exercise and exercise not in EXERCISES:
            raise unknown_name("exercise", exercise, EXERCISES)
        with self._lock:
            job = self._at(job_id)
            if job.state != "uploaded" or trainer_id == job_id:
                raise FormbenchError(f"expected a new upload, got one that is {job.state}")
            if trainer_id is not None:
                trainer = self._at(trainer_id)
                (trainer.folder / "video").replace(job.folder / "trainer")
            job.state = "waiting"
        if trainer_id is not None:
            self.drop(trainer_id)
        self._runner.submit(self._run, job, exercise)

    def state(self, job_id: str) -> dict[str, Any]:
        """Return the state of a job with the last that its worker said."""
        job = self._at(job_id)
        return {"state": job.state, **job.told}

    def file(self, job_id: str, name: str) -> Path:
        """Return a file that a job has made.

        Raises:
            FormbenchError: The job has no such file, or no file of that name is ever made.
        """
        if name not in PLACES:
            raise FormbenchError("no such file")
        path = self._at(job_id).folder / PLACES[name]
        if not path.exists():
            raise FormbenchError("no such file")
        return path

    def drop(self, job_id: str) -> None:
        """End a job if it is at work, and delete all that it has."""
        with self._lock:
            job = self._at(job_id)
            del self._jobs[job_id]
            job.dropped = True
            if job.process is not None:
                job.process.kill()
        shutil.rmtree(job.folder, ignore_errors=True)

    def close(self) -> None:
        """End and delete everything."""
        for job_id in list(self._jobs):
            self.drop(job_id)
        self._runner.shutdown()

    def _at(self, job_id: str) -> Job:
        if job_id not in self._jobs:
            raise FormbenchError("no such video: it was deleted, or the server was started anew")
        return self._jobs[job_id]

    def _run(self, job: Job, exercise: str) -> None:
        with self._lock:
            if job.dropped:
                return
            job.state = "working"
            job.process = subprocess.Popen(
                [*COMMAND, str(job.folder), exercise, *self._with],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
        with job.process as process:
            for line in process.stdout or ():
                job.told = json.loads(line)
        if process.returncode and not job.dropped:
            job.told = {"error": "the video broke the program that reads it"}
        job.state = "failed" if "error" in job.told else "done"
        if job.dropped:
            shutil.rmtree(job.folder, ignore_errors=True)
