"""Both halves of the page in Chromium: stand-ins score and see, and at the end it is all real."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import uvicorn
from selenium.webdriver.support.expected_conditions import text_to_be_present_in_element
from selenium.webdriver.support.wait import WebDriverWait

from scoring.page import jobs, server
from simulator.config import parse_config
from simulator.environments import make_environment
from simulator.generate import generate
from simulator.rendering.video import read_video


@pytest.fixture
def address(uploads: Path) -> Iterator[str]:
    """Where the page is served, in a thread."""
    config = uvicorn.Config(
        server.make_app(jobs.Jobs(uploads)), host=server.ADDRESS, port=0, ws="none"
    )
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    yield f"http://{server.ADDRESS}:{running.servers[0].sockets[0].getsockname()[1]}"
    running.should_exit = True
    thread.join()


def camera(path: Path, pictures: list[np.ndarray], fps: int) -> tuple[str, ...]:
    """Write pictures as Motion JPEG, and return what makes Chromium play them as its camera."""
    with av.open(str(path), "w", format="mjpeg") as container:
        stream = container.add_stream("mjpeg", rate=fps)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuvj420p"
        for rgb in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(stream.encode(None))
    return (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    )


def text_of(browser: Any, element_id: str) -> str:
    return str(browser.find_element("id", element_id).text)


@pytest.mark.usefixtures("page_stand_ins")
def test_in_a_browser_a_video_is_scored(
    address: str, uploads: Path, open_browser: Callable[..., Any], tmp_path: Path
) -> None:
    for name in ("broken", "fine"):
        (tmp_path / f"{name}.mp4").write_bytes(name.encode())
    browser = open_browser()
    browser.get(address)
    wait = WebDriverWait(browser, 20)
    wait.until(lambda b: len(b.find_elements("css selector", "#exercise option")) == 18)

    def send(name: str) -> None:
        browser.find_element("id", "video").send_keys(str(tmp_path / f"{name}.mp4"))
        browser.find_element("css selector", "#score [type=submit]").click()

    send("broken")
    wait.until(lambda b: text_of(b, "wrong") == "video: not a video that can be read")
    send("fine")
    wait.until(lambda b: text_of(b, "step") == "Done: 1 repetition.")
    assert text_of(browser, "wrong") == ""
    assert "Nearest to the exercise Bodyweight squat; next come" in text_of(browser, "found")
    browser.switch_to.frame("report")
    wait.until(lambda b: b.find_element("css selector", "body").text == "found False")
    browser.switch_to.default_content()
    assert len(list(uploads.iterdir())) == 1, "the broken one is gone"
    browser.get("about:blank")
    wait.until(lambda b: not list(uploads.iterdir()))


def test_in_a_browser_a_pose_is_followed(
    page_stand_ins: Any, address: str, open_browser: Callable[..., Any], tmp_path: Path
) -> None:
    frames = [
        np.full((120, 160, 3), page_stand_ins.brightness(frame), np.uint8)
        for frame in range(len(page_stand_ins.points_m))
    ]
    browser = open_browser(*camera(tmp_path / "camera.mjpeg", frames, 15))
    browser.get(address)
    wait = WebDriverWait(browser, 30, poll_frequency=0.05)
    wait.until(lambda b: len(b.find_elements("css selector", "#target option")) == 18)
    browser.find_element("css selector", "#target option[value=squat]").click()
    browser.find_element("css selector", "#follow [type=submit]").click()
    wait.until(lambda b: text_of(b, "word") == "FIGHTING")
    wait.until(lambda b: "bend the" in text_of(b, "suggestions"))
    wait.until(lambda b: text_of(b, "word") == "PERFECT")
    wait.until(lambda b: text_of(b, "numbers").startswith("Repetitions 1"))
    drawn = "return document.getElementById('seen').width"
    assert browser.execute_script(drawn) == 480
    browser.find_element("id", "stop").click()
    wait.until(lambda b: page_stand_ins.opened == 0)
    assert browser.get_log("browser") == []


@pytest.mark.mediapipe
@pytest.mark.anny
def test_a_rendered_person_is_scored_and_followed(
    address: str, open_browser: Callable[..., Any], tmp_path: Path
) -> None:
    make_environment("mediapipe", lambda line: None)
    wishes = {
        "seed": 1, "exercises": ["squat"], "reps": 3, "fps": 15, "faults": [],
        "cameras": {"named": ["front", "side"]},
    }  # fmt: skip
    generate(parse_config(wishes, "this test"), tmp_path / "data", workers=1)
    (video,) = (tmp_path / "data").rglob("*side*.mp4")
    frames = list(read_video(video).frames)
    browser = open_browser(*camera(tmp_path / "camera.mjpeg", frames, 15))
    browser.get(address)
    wait = WebDriverWait(browser, 120)
    wait.until(lambda b: len(b.find_elements("css selector", "#exercise option")) == 18)
    browser.find_element("id", "video").send_keys(str(video))
    browser.find_element("id", "trainer").send_keys(str(video))
    browser.find_element("css selector", "#score [type=submit]").click()
    wait.until(lambda b: text_of(b, "step").startswith("Done") or text_of(b, "wrong"))
    assert text_of(browser, "step") == "Done: 3 repetitions."
    assert "Nearest to the exercise Bodyweight squat" in text_of(browser, "found")
    report = browser.find_element("id", "report")
    browser.switch_to.frame(report)
    wait.until(lambda b: len(b.find_elements("css selector", "tbody button")) == 3)
    scores = browser.find_elements("css selector", "tbody tr td:nth-child(4)")
    assert [score.text for score in scores] == ["100", "100", "100"]
    wait.until(lambda b: b.execute_script("return document.querySelector('video').readyState") > 1)
    browser.switch_to.default_content()
    assert browser.find_element("id", "compared").is_displayed()

    browser.find_element("css selector", "#follow [type=submit]").click()
    wait.until(lambda b: text_of(b, "numbers").startswith("Repetitions 1"))
    browser.find_element("id", "hold").click()
    for word in ("PERFECT", "FIGHTING", "PERFECT", "FIGHTING"):
        wait.until(text_to_be_present_in_element(("id", "word"), word))
    assert browser.get_log("browser") == []
