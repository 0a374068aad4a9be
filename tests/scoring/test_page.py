"""The page's server: what it refuses, what becomes of uploads, and whom it follows.

A stand-in scores and another sees people, so that this is quick.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn
from starlette.testclient import TestClient

import workbench
from motions.conventions import MEDIAPIPE_33
from scoring.page import following, jobs, server

HOME = "http://127.0.0.1:8377"
VIDEO = {"Content-Type": "video/mp4"}


@pytest.fixture
def client(uploads: Path, page_stand_ins: Any) -> Iterator[TestClient]:
    with TestClient(server.make_app(jobs.Jobs(uploads)), base_url=HOME) as opened:
        yield opened


def upload(client: TestClient, content: bytes) -> str:
    response = client.post("/videos", content=content, headers=VIDEO)
    assert response.status_code == 201
    return str(response.json()["id"])


def finished(client: TestClient, job_id: str) -> dict[str, Any]:
    for _ in range(200):
        told: dict[str, Any] = client.get(f"/videos/{job_id}").json()
        if told["state"] in ("done", "failed"):
            return told
        time.sleep(0.05)
    raise AssertionError(told)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8377", "127.0.0.1.evil.example", ""]
)
def test_another_name_for_this_machine_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 403
    assert client.get("/about", headers={"Host": "localhost:8377"}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999"])
def test_another_page_is_refused(client: TestClient, uploads: Path, origin: str) -> None:
    response = client.post("/videos", content=b"x", headers={**VIDEO, "Origin": origin})
    assert response.status_code == 403
    assert list(uploads.iterdir()) == []
    assert (
        client.post("/videos", content=b"x", headers={**VIDEO, "Origin": HOME}).status_code == 201
    )


def test_a_form_of_another_page_cannot_send_what_we_take(client: TestClient) -> None:
    # These three a browser sends to anyone without asking; some leave out Origin.
    for kind in ("text/plain", "multipart/form-data", "application/x-www-form-urlencoded"):
        response = client.post("/videos", content=b"x", headers={"Content-Type": kind})
        assert (response.status_code, response.json()["error"]) == (415, "expected a video")


def test_size_is_limited_while_it_streams_and_nothing_stays(
    client: TestClient, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MOST_BYTES", 1000)
    sent = []

    def endless() -> Iterator[bytes]:
        for number in range(1000):
            sent.append(number)
            yield bytes(300)

    response = client.post("/videos", content=endless(), headers=VIDEO)
    assert response.status_code == 413
    assert "expected at most 0.001 MB" in response.json()["error"]
    assert list(uploads.iterdir()) == []
    assert client.post("/videos", content=bytes(1000), headers=VIDEO).status_code == 201


def test_every_answer_tells_the_browser_what_the_page_may_do(client: TestClient) -> None:
    for path in ("/", "/page.js", "/about", "/nothing"):
        headers = client.get(path).headers
        assert "default-src 'none'; script-src 'self';" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "name", ["video", "..%2f..%2fworker.py", "report%2freport.html", "%2fetc%2fpasswd", "x.html"]
)
def test_only_listed_files_are_handed_out(client: TestClient, name: str) -> None:
    job_id = upload(client, b"fine")
    client.post(f"/videos/{job_id}", json={})
    finished(client, job_id)
    assert client.get(f"/videos/{job_id}/report.html").text == "<p>found False</p>"
    assert client.get(f"/videos/{job_id}/{name}").status_code in (400, 404)


def test_a_trainers_video_goes_with_the_other_and_all_is_deleted(
    client: TestClient, uploads: Path
) -> None:
    mine, trainers = upload(client, b"fine"), upload(client, b"of the trainer")
    client.post(f"/videos/{mine}", json={"exercise": "lunge", "trainer": trainers})
    told = finished(client, mine)
    assert (told["state"], told["exercise"], told["compared"]) == ("done", "lunge", True)
    assert client.get(f"/videos/{mine}/report.html").text == "<p>lunge of the trainer</p>"
    assert [path.name for path in uploads.iterdir()] == [mine]
    assert client.delete(f"/videos/{mine}").status_code == 204
    assert list(uploads.iterdir()) == []
    assert "it was deleted" in client.get(f"/videos/{mine}").json()["error"]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"broken", "video: not a video that can be read"),
     (b"crash", "the video broke the program that reads it")],
)  # fmt: skip
def test_what_goes_wrong_is_told(client: TestClient, content: bytes, message: str) -> None:
    job_id = upload(client, content)
    client.post(f"/videos/{job_id}", json={})
    assert finished(client, job_id) == {"state": "failed", "error": message}


def test_a_job_that_is_deleted_ends(client: TestClient, uploads: Path) -> None:
    job_id = upload(client, b"slow")
    client.post(f"/videos/{job_id}", json={})
    while client.get(f"/videos/{job_id}").json().get("step") is None:
        time.sleep(0.05)
    client.delete(f"/videos/{job_id}")
    after = upload(client, b"fine")
    client.post(f"/videos/{after}", json={})
    assert finished(client, after)["state"] == "done", "the next does not wait a minute"
    assert [path.name for path in uploads.iterdir()] == [after]


def test_the_oldest_uploads_make_room(client: TestClient, uploads: Path) -> None:
    ids = [upload(client, b"fine") for _ in range(jobs.MOST_KEPT + 2)]
    assert {path.name for path in uploads.iterdir()} == set(ids[2:])


@pytest.mark.parametrize(
    "asked", [{"exercise": "sqat"}, {"trainer": "nothing"}, {"trainer": 3}, [], "text"]
)
def test_what_cannot_be_started_is_refused(client: TestClient, asked: Any) -> None:
    job_id = upload(client, b"fine")
    assert client.post(f"/videos/{job_id}", json=asked).status_code == 400
    assert client.post(f"/videos/{job_id}", json={"trainer": job_id}).status_code == 400
    assert client.post(f"/videos/{job_id}", content=b"{" * 20_000).status_code == 413
    assert client.post(f"/videos/{job_id}", json={}).status_code == 202
    assert client.post(f"/videos/{job_id}", json={}).status_code == 400, "only once"


def test_when_the_server_ends_nothing_is_left(uploads: Path, page_stand_ins: Any) -> None:
    with TestClient(server.make_app(jobs.Jobs(uploads)), base_url=HOME) as client:
        client.post(f"/videos/{upload(client, b'slow')}", json={})
        client.post("/people", content=b"")
        assert page_stand_ins.opened == 1
    assert list(uploads.iterdir()) == []
    assert page_stand_ins.opened == 0


def picture(grey: int) -> bytes:
    """Eight by six pixels."""
    return np.full((6, 8, 4), grey, np.uint8).tobytes()


def test_a_person_is_held_against_a_pose_in_a_picture(
    client: TestClient, page_stand_ins: Any
) -> None:
    ankle = MEDIAPIPE_33.keypoint_names.index("left_ankle")
    deep = int(page_stand_ins.points_m[:, ankle, 2].argmax())
    seen = picture(page_stand_ins.brightness(deep))
    begun = client.post("/people?width=8&height=6", content=seen).json()
    assert len(begun["target"]) == 17
    path = f"/people/{begun['id']}?width=8&height=6"
    same = client.post(path, content=seen).json()
    assert (same["word"], same["similarity"], same["suggestions"]) == ("PERFECT", 100, [])
    assert client.post(path, content=bytes(8 * 6 * 4)).json() == {
        "count": 0, "word": "", "points": None,
    }  # fmt: skip
    assert client.delete(f"/people/{begun['id']}").status_code == 204
    assert page_stand_ins.opened == 0
    assert "begin anew" in client.post(path, content=picture(9)).json()["error"]


@pytest.mark.parametrize(
    ("query", "n_bytes", "status"),
    [("width=8&height=6", 8 * 6 * 4 - 1, 400), ("width=8&height=6", 8 * 6 * 4 + 1, 413),
     ("width=-8&height=6", 4, 400), ("width=8", 4, 400), ("width=0&height=5", 0, 413),
     ("width=99999&height=99999", 4, 413), ("width=²&height=1", 4, 400)],
)  # fmt: skip
def test_a_picture_of_another_size_than_it_says_is_refused(
    client: TestClient, query: str, n_bytes: int, status: int
) -> None:
    assert client.post(f"/people?{query}", content=bytes(n_bytes)).status_code == status


def test_a_picture_of_nobody_and_an_unknown_exercise_are_no_targets(
    client: TestClient, page_stand_ins: Any
) -> None:
    response = client.post("/people?width=8&height=6", content=bytes(8 * 6 * 4))
    assert response.json() == {"error": "expected a person in the picture, found none"}
    assert client.post("/people?exercise=sqat").status_code == 404
    assert page_stand_ins.opened == 0


def test_at_most_two_are_followed(client: TestClient, page_stand_ins: Any) -> None:
    for _ in range(4):
        client.post("/people?exercise=squat")
    assert page_stand_ins.opened == following.MOST


def test_the_command_says_where_the_page_is_and_serves_it_here_alone(
    monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    served: list[Any] = []

    def run(self: uvicorn.Server, sockets: list[Any]) -> None:
        served.extend(socket.getsockname() for socket in sockets)

    monkeypatch.setattr(uvicorn.Server, "run", run)
    with pytest.raises(SystemExit) as ended:
        workbench.main(["serve", "--port", "0"])
    assert not ended.value.code
    ((host, port),) = served
    assert host == "127.0.0.1"
    assert f"open http://127.0.0.1:{port} in a browser" in capfd.readouterr().out


def test_what_cannot_be_loaded_is_told_before_the_page_opens(capfd: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        workbench.main(["serve", "--scorer", "dwt"])
    assert ended.value.code == 1
    assert "Did you mean 'dtw'?" in capfd.readouterr().err
