"""The gallery, in Chromium as a user sees it, and as files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from selenium.webdriver.support.wait import WebDriverWait

from export.dataset import read_dataset, seal_dataset
from export.gallery import write_gallery
from motions.errors import FormbenchError
from simulator.config import parse_config
from simulator.generate import generate
from simulator.masks import decode_mask
from simulator.rendering.passes import PASSES


def script(path: Path, function: str) -> Any:
    """Return what a script hands to a function."""
    text = path.read_text()
    assert text.startswith(f"{function}(") and text.endswith(");\n")
    return json.loads(text[len(function) + 1 : -3])


def test_the_scripts_hold_what_the_clips_hold(dataset_folder: Path, tmp_path: Path) -> None:
    dataset = read_dataset(dataset_folder)
    page = write_gallery(dataset, tmp_path / "page")
    assert page == tmp_path / "page" / "index.html"
    listed = script(tmp_path / "page" / "clips.js", "showClips")
    assert [row["clip_id"] for row in listed["clips"]] == list(dataset.clip_ids)
    for row in dataset.rows:
        clip = dataset.clip(row.clip_id)
        truth = script(tmp_path / "page" / "clips" / f"{row.clip_id}.js", "showClip")
        for view, told in zip(clip.views, truth["views"], strict=True):
            for name, points in view.keypoints_px.items():
                got = np.array(told["keypoints"][name], dtype=float)
                np.testing.assert_allclose(got, points, atol=0.051)
            assert told["masks"] == list(view.masks)
        assert [f["measured"] for f in truth["faults"]] == [f.measured for f in clip.faults]


def test_the_same_dataset_gives_the_same_page(dataset_folder: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_gallery(read_dataset(dataset_folder), tmp_path / name)
    for path in (tmp_path / "a").rglob("*"):
        if path.is_file():
            other = tmp_path / "b" / path.relative_to(tmp_path / "a")
            assert other.read_bytes() == path.read_bytes()


def test_a_folder_with_something_in_it_is_left_alone(dataset_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FormbenchError, match="expected a new or empty folder"):
        write_gallery(read_dataset(dataset_folder), dataset_folder)


def test_in_a_browser_clips_are_filtered_and_looked_at(
    open_browser: Callable[..., Any],
    make_dataset: Callable[..., Path],
    make_clip: Callable[..., Any],
    tmp_path: Path,
) -> None:
    clips = [
        make_clip(clip_id="clip_000000", faults={"rounded_back": 35.0}, masks=True),
        make_clip(clip_id="clip_000001", subject_id="ben", masks=True),
    ]
    dataset = read_dataset(make_dataset(clips))
    browser = open_browser()
    browser.get(write_gallery(dataset, tmp_path / "page").as_uri())

    def visible() -> list[str]:
        cards = browser.find_elements("css selector", "#clips button")
        return [card.get_attribute("data-clip") for card in cards]

    assert visible() == ["clip_000000", "clip_000001"]
    browser.find_element("css selector", "[name=fault] option[value=none]").click()
    assert visible() == ["clip_000001"]
    option = "[name=fault] option[value='squat.rounded_back']"
    browser.find_element("css selector", option).click()
    assert visible() == ["clip_000000"]

    browser.find_element("css selector", "[data-clip=clip_000000]").click()
    wait = WebDriverWait(browser, 10)
    wait.until(lambda b: b.find_element("id", "title").text == "clip_000000, squat")
    browser.execute_script("seek(arguments[0])", 3)
    assert "frame 3" in browser.find_element("id", "where").text
    assert "Rounded back" in browser.find_element("id", "faults").text
    context = "open.views[0].canvas.getContext('2d')"
    assert browser.execute_script(
        f"return {context}.getImageData(0, 0, 640, 480).data.some(Number)"
    )

    view = clips[0].views[0]
    runs = browser.execute_script("return runLengths(arguments[0])", view.masks[3])
    values = np.repeat(np.arange(len(runs)) % 2, runs)
    size = view.camera.width_px, view.camera.height_px
    assert (decode_mask(view.masks[3], *size) == values.reshape(size).T).all()
    assert browser.get_log("browser") == []


@pytest.mark.gl
def test_in_a_browser_every_pass_can_be_looked_at(
    open_browser: Callable[..., Any], tmp_path: Path
) -> None:
    config = {
        "seed": 0, "exercises": ["squat"], "body": "stick", "reps": 1, "fps": 10,
        "cameras": {"width_px": 96, "height_px": 64}, "render": {"passes": [*PASSES]},
    }  # fmt: skip
    generate(parse_config(config, "x"), tmp_path / "made", 1)
    seal_dataset(tmp_path / "made")
    browser = open_browser()
    browser.get(write_gallery(read_dataset(tmp_path / "made"), tmp_path / "page").as_uri())
    browser.find_element("css selector", "[data-clip=clip_000000]").click()
    wait = WebDriverWait(browser, 10)
    wait.until(lambda b: b.find_elements("css selector", "#picture option"))

    options = browser.find_elements("css selector", "#picture option")
    assert [option.text for option in options] == ["picture", *sorted(PASSES), "nothing"]
    playing = "return open.views.map((view) => [view.element.currentSrc, view.element.videoWidth])"
    for name in PASSES:
        browser.execute_script("at('picture').value = arguments[0]; showBehind()", name)
        names = [f"clips/clip_000000/{camera}.{name}.mp4" for camera in ("front", "side")]
        wait.until(
            lambda b, names=names: all(
                source.endswith(file) and width == 96
                for (source, width), file in zip(b.execute_script(playing), names, strict=True)
            )
        )
    assert browser.get_log("browser") == []
