"""Scorers that other people run: what is sent, what may come back, and how they may fail."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import workbench
from motions.errors import FormbenchError
from motions.motion import Span
from scoring.contract import Verdict, abstain, check_scorer, load_scorer
from scoring.sample import missing_person, squat
from scoring.strangers.address import AddressScorer
from scoring.strangers.command import CommandScorer
from scoring.strangers.file import FileScorer
from scoring.wire import prediction, request, sequence_of, to_line, verdict_of

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "scorers"
SCHEMA = json.loads((ROOT / "scoring" / "prediction.schema.json").read_text())
FULL = Verdict(
    score=12.5,
    good=False,
    joint_distances={"left_knee": 3.0},
    fault_severities={"squat.jump": -0.5},
    fault_sides={"squat.jump": "left"},
    fault_spans={"squat.jump": Span(0.5, 1.0)},
    repetitions=(Span(0.0, 1.5),),
)


@pytest.mark.parametrize("sequence", [squat(), squat(hidden="nose"), missing_person()])
def test_a_request_is_the_sequence_to_the_bit(sequence: Any) -> None:
    asked = json.loads(to_line(request(sequence)))
    again = sequence_of(asked)
    np.testing.assert_array_equal(again.keypoints, sequence.keypoints)
    np.testing.assert_array_equal(again.confidence, sequence.confidence)
    assert request(again) == request(sequence) == asked


def test_an_id_is_of_what_is_shown_and_of_nothing_else() -> None:
    assert request(squat())["id"] == request(squat())["id"]
    assert request(squat())["id"] != request(squat(depth=0.9))["id"]
    assert set(request(squat())) == {
        "schema", "id", "keypoints", "confidence", "convention_name", "fps", "source", "unit",
        "exercise", "view", "person",
    }  # fmt: skip


@pytest.mark.parametrize("verdict", [FULL, Verdict(score=0), abstain("too dark")])
def test_a_verdict_comes_back_equal_and_keeps_to_the_schema(verdict: Verdict) -> None:
    said = json.loads(to_line(prediction("ab", verdict)))
    jsonschema.validate(said, SCHEMA)
    assert verdict_of(said) == verdict


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "formbench.prediction/9"}, "expected schema formbench.prediction/1"),
        ({"score": 101}, "expected a finite number of 0 to 100"),
        ({"score": "good"}, "expected a finite number of 0 to 100"),
        ({"score": None}, "either a score or a reason to abstain"),
        ({"scor": 1}, "no 'scor'. Did you mean 'score'"),
        ({"repetitions": 3}, "expected values as in its schema"),
        ({"fault_sides": {"squat.jump": "up"}}, "no 'up'"),
        ({"fault_spans": {"squat.jump": 3}}, "expected values as in its schema"),
        ({"fault_severities": [1]}, "expected values as in its schema"),
    ],
)
def test_what_is_no_prediction_is_refused(change: dict[str, Any], message: str) -> None:
    said = {"schema": "formbench.prediction/1", "id": "ab", "score": 1} | change
    with pytest.raises(FormbenchError, match=message):
        verdict_of(said)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(said, SCHEMA)


SCORER = """\
import json, sys, time, os
fitted = False
for line in sys.stdin:
    asked = json.loads(line)
    if asked["ask"] == "about":
        answer = {"name": "odd", "version": "1", "fits": True}
    elif asked["ask"] == "fit":
        fitted = len(asked["good"])
        answer = {"ok": True}
    else:
        answer = {"schema": "formbench.prediction/1", "id": asked["id"], "score": 60 + fitted}
        frames = len(asked["keypoints"])
        HOOK
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Callable[..., CommandScorer]]:
    """Makes a command that does something before it answers; `frames` is 90 in the bad cases."""
    made: list[CommandScorer] = []

    def make(hook: str = "pass", **limits: float) -> CommandScorer:
        script = tmp_path / "scorer.py"
        script.write_text(SCORER.replace("HOOK", hook))
        made.append(CommandScorer(f"{sys.executable} {script}", **limits))
        return made[-1]

    yield make
    for scorer in made:
        scorer.close()


def test_a_command_says_who_it_is_is_fitted_and_answers(command: Any) -> None:
    scorer = command()
    assert (scorer.name, scorer.version) == ("odd", "1")
    assert scorer.fit([squat(), squat()]).score(squat()).score == 62
    assert not scorer.complaints


@pytest.mark.parametrize(
    ("hook", "message"),
    [
        ("if frames == 90: os._exit(3)", "it ended instead of answering$"),
        ("if frames == 90: raise ValueError('no idea')", "answering: ValueError: no idea$"),
        ("if frames == 90: time.sleep(60)", "no answer within 0.5 s"),
        ("if frames == 90: list(range(10**9))", "it ended instead of answering: MemoryError"),
        ("if frames == 90: answer['score'] = 101", "expected a finite number of 0 to 100"),
        ("if frames == 90: answer['score'] = float('nan')", "finite number of 0 to 100, got nan"),
        ("if frames == 90: answer['id'] = 'other'", "no answer within 0.5 s"),
    ],
    ids=["dies", "raises", "hangs", "eats memory", "out of range", "NaN", "unknown clip"],
)
def test_one_repetition_fails_and_the_next_is_judged_by_the_fitted(
    command: Any, hook: str, message: str
) -> None:
    scorer = command(hook, timeout_s=0.5 if "0.5" in message else 30, memory_gb=0.5)
    scorer.fit([squat()])
    with pytest.raises(FormbenchError, match=message):
        scorer.score(squat(duration_s=3))
    assert scorer.score(squat()).score == 61


@pytest.mark.parametrize(
    ("hook", "complaints"),
    [
        # A second answer, and what comes after it, are read with the next question.
        ("print('hello'); print(json.dumps(answer)); print('[1]')", {"noise": 5, "repeated": 2}),
        ("print(json.dumps(answer | {'id': 'x'}))", {"unknown": 3}),
        ("os.write(1, b'\\xff\\n')", {"noise": 3}),
        ("os.write(2, b'x' * 100_000)", {}),
    ],
    ids=["noise and twice", "unknown", "no text", "much on stderr"],
)
def test_what_a_command_says_beside_its_answers_is_counted(
    command: Any, hook: str, complaints: dict[str, int]
) -> None:
    scorer = command(hook)
    assert [scorer.score(squat(depth=d)).score for d in (1, 0.9, 0.8)] == [60, 60, 60]
    assert scorer.complaints == complaints


def test_an_answer_out_of_order_is_not_taken_for_another(command: Any) -> None:
    scorer = command("answer['id'] = globals().setdefault('first', asked['id'])", timeout_s=0.5)
    assert scorer.score(squat()).score == 60
    with pytest.raises(FormbenchError, match="no answer"):
        scorer.score(squat(depth=0.9))
    assert scorer.complaints == {"repeated": 1}


def test_a_command_that_does_not_read_cannot_block_us(tmp_path: Path) -> None:
    script = tmp_path / "deaf.py"
    about = {"name": "deaf", "version": "1", "fits": True}
    script.write_text(
        f"import time\ninput()\nprint({json.dumps(about)!r}, flush=True)\ntime.sleep(60)\n"
    )
    scorer = CommandScorer(f"{sys.executable} {script}", timeout_s=0.5)
    with pytest.raises(FormbenchError, match=r"no answer within 0\.5 s"):
        scorer.fit([squat()] * 50)
    scorer.close()


def test_a_command_that_is_not_there_is_told() -> None:
    with pytest.raises(FormbenchError, match="no-such-program: cannot be run: No such file"):
        CommandScorer("no-such-program --fast")


@pytest.fixture
def server() -> Iterator[Callable[[Any], str]]:
    """Makes a server of a function from messages to (status, body)."""
    running: list[HTTPServer] = []

    def serve(answer: Callable[[dict[str, Any]], tuple[int, bytes]]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, body = answer(asked)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *about: object) -> None:
                pass

        running.append(HTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=running[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{running[-1].server_port}/"

    yield serve
    for one in running:
        one.shutdown()
        one.server_close()


ABOUT = json.dumps({"name": "far", "version": "2"}).encode()


def test_an_address_answers(server: Any) -> None:
    def answer(asked: dict[str, Any]) -> tuple[int, bytes]:
        if asked["ask"] == "about":
            return 200, ABOUT
        return 200, json.dumps(prediction(asked["id"], FULL)).encode()

    scorer = AddressScorer(server(answer))
    assert scorer.name == "far"
    assert scorer.fit([squat()]).score(squat()) == FULL


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (500, b"", "answered 500 Internal Server Error"),
        (200, b"<html>", "expected JSON in answer"),
        (200, b"[]", "expected id in its answer"),
        (200, b'{"id": "other"}', "expected an answer to"),
    ],
)
def test_what_an_address_may_do_wrong(server: Any, status: int, body: bytes, message: str) -> None:
    scorer = AddressScorer(
        server(lambda a: (200, ABOUT) if a["ask"] == "about" else (status, body))
    )
    with pytest.raises(FormbenchError, match=message):
        scorer.score(squat())


def test_nothing_at_an_address_is_told() -> None:
    with pytest.raises(FormbenchError, match=r"http://127\.0\.0\.1:9/: no answer"):
        AddressScorer("http://127.0.0.1:9/")


def test_a_file_answers_by_id_and_abstains_on_what_it_does_not_know(tmp_path: Path) -> None:
    path = tmp_path / "My Net.jsonl"
    path.write_text(to_line(prediction(request(squat())["id"], FULL)))
    scorer = FileScorer(path)
    assert (scorer.name, scorer.score(squat())) == ("mynet", FULL)
    assert scorer.score(squat(depth=0.9)).abstained == "no prediction in the file"


def test_what_else_a_file_says_is_counted(tmp_path: Path) -> None:
    known, twice = (request(squat(depth=depth))["id"] for depth in (1, 0.9))
    lines = [to_line(prediction(name, FULL)) for name in (known, twice, twice, "nobody")]
    path = tmp_path / "a.jsonl"
    path.write_text("".join([*lines, "{\n", "[]\n", "{}\n"]))
    scorer = FileScorer(path)
    assert scorer.score(squat()) == FULL
    with pytest.raises(FormbenchError, match=f"2 predictions for {twice}"):
        scorer.score(squat(depth=0.9))
    assert scorer.complaints == {"noise": 3, "repeated": 1, "unknown": 1}


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("name,score\n")
    with pytest.raises(FormbenchError, match=r"a\.jsonl: expected a prediction with an id"):
        FileScorer(tmp_path / "a.jsonl")


def test_the_example_command_passes_the_check() -> None:
    scorer = load_scorer(f"cmd:{sys.executable} {EXAMPLES / 'command.py'}")
    assert check_scorer(scorer) == ("score",)


def test_the_example_server_passes_the_check() -> None:
    script = [sys.executable, EXAMPLES / "address.py", "0"]
    with subprocess.Popen(script, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert check_scorer(load_scorer(running.stdout.readline().strip())) == ("score",)
        finally:
            running.kill()


def test_requests_are_written_answered_by_the_example_and_evaluated(
    dataset_folder: Path, tmp_path: Path, capfd: Any
) -> None:
    def run(*arguments: object) -> str:
        with pytest.raises(SystemExit) as ended:
            workbench.main(["evaluate", "--data", str(dataset_folder), *map(str, arguments)])
        assert not ended.value.code
        return str(capfd.readouterr().out)

    asked = tmp_path / "asked"
    run("--requests-only", "-o", asked)
    answers = tmp_path / "fifty.jsonl"
    script = [sys.executable, EXAMPLES / "predictions.py", asked / "judge.jsonl"]
    answers.write_text(subprocess.run(script, capture_output=True, text=True, check=True).stdout)
    for line in answers.read_text().splitlines():
        jsonschema.validate(json.loads(line), SCHEMA)
    run("--scorer", f"file:{answers}", "--alone", "-o", tmp_path / "out")
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    (summary,) = results["scorers"]
    assert (summary["name"], summary["n_abstained"], summary["n_failed"]) == ("fifty", 0, 0)
    assert {row["auroc"]["value"] for row in results["rows"]} <= {0.5, None}
