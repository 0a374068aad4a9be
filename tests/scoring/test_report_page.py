"""The page of an evaluation in Chromium, as a user sees it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.support.wait import WebDriverWait

from export.dataset import Dataset, read_dataset
from scoring.evaluation.evaluate import Wishes, evaluate
from simulator.rendering.video import VideoWriter


@pytest.fixture
def browser(chromium: tuple[str, str]) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = chromium[0]
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    service = webdriver.ChromeService(chromium[1])
    with webdriver.Chrome(options=options, service=service) as opened:
        yield opened


@pytest.fixture
def filmed(make_clip: Any, make_dataset: Any) -> Dataset:
    """Four people who squat well and with a rounded back, in grey videos from the side."""
    clips: list[Any] = []
    for person in ("ada", "ben", "cleo", "dan"):
        for faults in ({}, {"rounded_back": 40.0}):
            clip = make_clip(clip_id=f"clip_{len(clips):06d}", subject_id=person, faults=faults)
            views = (replace(clip.view("side"), video="side.mp4"),)
            clips.append(replace(clip, views=views))
    folder = make_dataset(clips)
    for clip in clips:
        camera = clip.view("side").camera
        path = folder / "clips" / clip.clip_id / "side.mp4"
        with VideoWriter(path, camera.width_px, camera.height_px, clip.fps) as video:
            for _ in range(clip.n_frames):
                video.write(np.full((camera.height_px, camera.width_px, 3), 90, dtype=np.uint8))
    return read_dataset(folder)


def test_failures_are_shown_on_video_where_there_is_one(
    browser: Any, filmed: Dataset, tmp_path: Path
) -> None:
    wishes = Wishes(validation_share=0.5, n_resamples=50)
    evaluate(filmed, ["random"], tmp_path / "out", wishes)
    (tmp_path / "out").rename(tmp_path / "elsewhere")
    browser.get((tmp_path / "elsewhere" / "report.html").as_uri())
    videos = browser.find_elements("css selector", "#failures figure video")
    figures = browser.find_elements("css selector", "#failures figure")

    assert len(videos) == len(figures) == 2  # the worst alarms of two people
    for video in videos:
        assert video.get_attribute("src").partition("#")[2] in ("t=0.00,1.00", "t=1.00,2.00")
        WebDriverWait(video, 20).until(lambda v: v.get_property("readyState") >= 1)
        assert video.get_property("duration") == pytest.approx(2.0)


def test_in_a_browser_every_part_stands_and_skeletons_move(
    browser: Any, dataset_folder: Path, tmp_path: Path
) -> None:
    wishes = Wishes(validation_share=0.5, n_resamples=50, flips=("fps",))
    evaluate(read_dataset(dataset_folder), ["dtw", "peaks", "random"], tmp_path / "out", wishes)
    browser.get((tmp_path / "out" / "report.html").as_uri())

    parts = [s.get_attribute("id") for s in browser.find_elements("css selector", "section[id]")]
    assert parts == [
        "standings", "cameras", "exercise-0", "exercise-1", "flips", "recordings", "reliability",
        "failures", "programs", "method",
    ]  # fmt: skip
    for link in browser.find_elements("css selector", "nav a"):
        assert link.get_attribute("href").rpartition("#")[2] in parts
    first = browser.find_elements("css selector", "#standings tbody tr")[0]
    assert first.text.split()[:2] == ["1", "dtw"]
    assert {
        cell.text.split("\n")[0] for cell in browser.find_elements("css selector", "#cameras td")
    }

    bones = browser.find_element("css selector", "#failures path.bones")
    frames = bones.find_element("css selector", "animate").get_attribute("values").split(";")
    assert len(frames) == 10 and len(set(frames)) > 1
    # What is drawn is one of the frames, and another one half a second later.
    script = """
        const svg = arguments[0].ownerSVGElement; svg.pauseAnimations();
        return [0, 0.5].map(t => { svg.setCurrentTime(t); return arguments[0].getBBox().height; })
    """
    heights = browser.execute_script(script, bones)
    assert heights[0] > heights[1] > 0  # standing, then down in the squat
    assert not [line for line in browser.get_log("browser") if line["level"] == "SEVERE"]
