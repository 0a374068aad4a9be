"""The page of an evaluation in Chromium, as a user sees it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from export.dataset import read_dataset
from scoring.evaluation.evaluate import Wishes, evaluate


@pytest.fixture
def browser(chromium: tuple[str, str]) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = chromium[0]
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    service = webdriver.ChromeService(chromium[1])
    with webdriver.Chrome(options=options, service=service) as opened:
        yield opened


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
