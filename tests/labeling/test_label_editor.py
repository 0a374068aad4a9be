"""What an annotator does in the real editor, in headless Chromium, and what comes back.

With FORMBENCH_SCREENSHOTS set to a folder, pictures of the tasks are kept there; those in the docs
are made so, with FORMBENCH_DATASET naming a dataset with rendered people.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from export.dataset import Dataset, read_dataset
from labeling.annotations import read_results
from labeling.convert import judged
from labeling.folder import LabelFolder
from labeling.interface import JOINTS, KINDS, faults_of_exercise
from labeling.labels import Annotation, FaultLabels, Page, Pose, RepetitionLabels, Task
from labeling.predictions import template
from labeling.prepare import Wishes, prepare_labelling
from labeling.pull import pull, read_annotations
from labeling.push import project_title, push
from labeling.server import read_credentials
from motions.motion import Span
from simulator.rendering.images import read_image, write_image

pytestmark = [pytest.mark.labelstudio, pytest.mark.xdist_group("labelstudio")]

WAIT_S = 60


class Editor:
    """The browser, signed in."""

    def __init__(self, browser: webdriver.Chrome, label_studio: Any) -> None:
        self.browser = browser
        self.label_studio = label_studio
        credentials = read_credentials(label_studio.server.data_dir)
        browser.get(f"{label_studio.server.url}/user/login/")
        browser.find_element(By.NAME, "email").send_keys(credentials.username)
        browser.find_element(By.NAME, "password").send_keys(credentials.password)
        browser.find_element(By.CSS_SELECTOR, "form [type=submit]").click()
        self.wait(lambda: "/user/login" not in browser.current_url)

    def wait(self, until: Callable[[], Any]) -> Any:
        return WebDriverWait(self.browser, WAIT_S, 0.1).until(lambda _: until())

    def open(self, campaign: str, task: Task, ready: str) -> None:
        """Show a task and wait until what the selector names is ready."""
        project = self.label_studio.client.find_project(project_title(campaign, task.kind))
        task_id = self.label_studio.client.uids(project)[task.uid]
        url = f"{self.label_studio.server.url}/projects/{project.id}/data?task={task_id}"
        self.browser.get(url)
        self.settle(ready)

    def settle(self, selector: str) -> None:
        """Wait until what the selector names is there and keeps still."""
        self.wait(lambda: self.all(selector))
        seen: list[Any] = [None]

        def still() -> bool:
            seen.append(self.box(selector))
            return len(seen) > 10 and len({str(box) for box in seen[-10:]}) == 1

        self.wait(still)

    def all(self, selector: str) -> list[Any]:
        found = self.browser.find_elements(By.CSS_SELECTOR, selector)
        return [element for element in found if element.is_displayed()]

    def box(self, selector: str) -> tuple[float, float, float, float]:
        """Return left, top, width and height on the screen of the last match."""
        script = """const all = document.querySelectorAll(arguments[0]);
            const box = all[all.length - 1].getBoundingClientRect();
            return [box.x, box.y, box.width, box.height]"""
        return tuple(self.browser.execute_script(script, selector))

    def select_region(self) -> None:
        """Select the first region, unless one is selected already."""
        selected = "return window.Htx.annotationStore.selected.selectedRegions.length"
        if not self.browser.execute_script(selected):
            self.all(".lsf-outliner-item__content")[0].click()
        self.wait(lambda: self.browser.execute_script(selected))

    def tick(self, text: str) -> None:
        """Click the first shown choice of this name, and see that the editor has taken it."""
        before = self.results()
        path = f"//span[normalize-space(text())='{text}']"
        found = self.wait(
            lambda: [e for e in self.browser.find_elements(By.XPATH, path) if e.is_displayed()]
        )
        found[0].click()
        self.wait(lambda: self.results() != before)

    def drag(self, x: list[float], y: list[float]) -> None:
        """Press at the first point, move through the others, release at the last."""
        chain = ActionChains(self.browser, duration=50)
        mouse = chain.w3c_actions.pointer_action
        mouse.move_to_location(round(x[0]), round(y[0]))
        mouse.pointer_down()
        for across, down in zip(x[1:], y[1:], strict=True):
            mouse.move_to_location(round(across), round(down))
        mouse.pointer_up()
        chain.perform()

    def drag_joint(self, name: str, pose: Pose, page: Page) -> tuple[int, np.ndarray]:
        """Drag a joint of the page that is shown; return its index and by how many image pixels."""
        self.settle("img")
        left, top, width, height = self.box("img")
        joint = JOINTS.keypoint_names.index(name)
        on_screen = np.array([width / page.width_px, height / page.height_px])
        start = pose.keypoints_px[joint] * on_screen + [left, top]
        path = start + np.linspace(0, 1, 9)[:, None] * [60, -45]
        self.drag(path[:, 0].tolist(), path[:, 1].tolist())
        return joint, np.array([60, -45]) / on_screen

    def turn_page(self) -> None:
        """Show the next picture of the task."""
        before = self.all("img")[-1].get_attribute("src")
        self.all("[class*=pagination__btn_arrow-right]")[-1].click()
        self.wait(lambda: [i for i in self.all("img") if i.get_attribute("src") != before])
        self.settle("img")

    def mark_repetition(self, first: int, last: int) -> None:
        """Draw a range on the timeline, from one frame's column to another's, counted from 1."""
        self.browser.find_element(By.TAG_NAME, "body").send_keys("1")
        self.wait(lambda: self.all(".lsf-label_selected, .lsf-label[class*=selected]"))
        left, top, _, _ = self.box(".lsf-timeline-frames__background")
        _, _, step, _ = self.box(".lsf-timeline-frames__indicator")
        columns = [left + (frame - 0.5) * step for frame in range(first, last + 1)]
        self.drag(columns, [top + 60] * len(columns))
        self.wait(self.results)

    def results(self) -> Any:
        """Return what the editor would submit."""
        script = "return window.Htx.annotationStore.selected.serializeAnnotation()"
        return self.browser.execute_script(script)

    def submit(self) -> None:
        self.press("Submit")
        self.wait(lambda: self.button("Update"))

    def press(self, text: str) -> None:
        """Press a button, also one that the page's own foot covers."""
        self.browser.execute_script("arguments[0].click()", self.button(text))

    def button(self, text: str) -> Any:
        found = [b for b in self.all("button") if b.text.strip() == text]
        return found[0] if found else None

    def photograph(self, name: str) -> None:
        folder = os.environ.get("FORMBENCH_SCREENSHOTS")
        if folder:
            path = Path(folder) / f"{name}.png"
            self.browser.save_screenshot(str(path))
            write_image(path.with_suffix(".jpg"), read_image(path))
            path.unlink()


@pytest.fixture(scope="module")
def editor(label_studio: Any, chromium: tuple[str, str]) -> Iterator[Editor]:
    options = webdriver.ChromeOptions()
    options.binary_location = chromium[0]
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.add_argument("--window-size=1500,1300")
    browser = webdriver.Chrome(options=options, service=Service(chromium[1]))
    try:
        yield Editor(browser, label_studio)
    finally:
        browser.quit()


@pytest.fixture
def campaign(request: pytest.FixtureRequest) -> str:
    return hashlib.sha256(request.node.name.encode()).hexdigest()[:12]


@pytest.fixture
def pushed(
    label_studio: Any, filmed_dataset: Callable[..., Dataset], campaign: str
) -> Callable[..., LabelFolder]:
    """A function that pushes one view of each clip, unless other things are wished."""

    def make(**wishes: Any) -> LabelFolder:
        rendered = os.environ.get("FORMBENCH_DATASET")
        usual = {"kinds": KINDS, "cameras": ("side",), "frames_per_view": 2}
        folder = prepare_labelling(
            label_studio.document_root / campaign,
            dataset=read_dataset(Path(rendered)) if rendered else filmed_dataset(),
            wishes=Wishes(**{**usual, **wishes}),
            document_root=label_studio.document_root,
        )
        push(folder, label_studio.client, campaign)
        return folder

    return make


def pulled(label_studio: Any, folder: LabelFolder, campaign: str) -> Annotation:
    reports = pull(folder, label_studio.client, campaign)
    assert [problem for report in reports for problem in report.rejected] == []
    (annotation,) = read_annotations(folder)
    assert annotation.annotator == "admin@formbench.local"
    assert annotation.seconds is not None and annotation.seconds > 0
    return annotation


def test_a_dragged_joint_and_its_visibility_come_back_as_they_were_shown(
    label_studio: Any, editor: Editor, pushed: Callable[..., LabelFolder], campaign: str
) -> None:
    folder = pushed()
    task = folder.tasks_of("poses")[0]
    editor.open(campaign, task, ".konvajs-content canvas")
    left, top, width, height = editor.box("img")
    stage = editor.box(".konvajs-content canvas")
    assert (left, top) >= stage[:2] and (width, height) <= stage[2:]  # nothing is cut off
    editor.select_region()
    editor.tick("left_ear")

    before = template(task).poses[0]
    page = task.pages[0]
    knee, by_px = editor.drag_joint("left_knee", before, page)
    shown = editor.results()
    editor.submit()

    labels = pulled(label_studio, folder, campaign).labels
    assert read_results(task, shown) == (labels, ())
    moved, other = labels.poses
    assert other == template(task).poses[1]
    expected = before.keypoints_px.copy()
    expected[knee] += by_px
    # The mouse stands on whole pixels of the screen, of which one is less than one of the image.
    assert np.abs(moved.keypoints_px - expected)[knee].max() < 1
    assert np.array_equal(np.delete(moved.keypoints_px, knee, 0), np.delete(expected, knee, 0))
    hidden = [JOINTS.keypoint_names[i] for i in np.flatnonzero(moved.visibility == 1)]
    assert hidden == ["left_ear"] and moved.visibility.min() == 1


def test_joints_dragged_on_the_pictures_of_two_cameras_come_back_to_each(
    label_studio: Any, editor: Editor, pushed: Callable[..., LabelFolder], campaign: str
) -> None:
    folder = pushed(kinds=("poses",), cameras=("front", "side"), together=True)
    task = folder.tasks[0]
    assert [page.camera for page in task.pages] == ["front", "side"]
    start = template(task).poses
    editor.open(campaign, task, ".konvajs-content canvas")
    moved = []
    for page, before, name in zip(task.pages, start, ("left_knee", "right_wrist"), strict=True):
        if moved:
            editor.turn_page()
        editor.select_region()
        moved.append(editor.drag_joint(name, before, page))
    editor.photograph("label_poses_cameras")
    shown = editor.results()
    editor.submit()

    labels = pulled(label_studio, folder, campaign).labels
    assert read_results(task, shown) == (labels, ())
    for pose, before, (joint, by_px) in zip(labels.poses, start, moved, strict=True):
        assert (pose.page, pose.visibility.min()) == (before.page, 2)
        off_px = pose.keypoints_px - before.keypoints_px
        assert np.abs(off_px[joint] - by_px).max() < 1
        assert not np.delete(off_px, joint, 0).any()


def test_a_repetition_drawn_on_the_timeline_comes_back_frame_by_frame(
    label_studio: Any, editor: Editor, pushed: Callable[..., LabelFolder], campaign: str
) -> None:
    folder = pushed()
    task = folder.tasks_of("repetitions")[0]
    editor.open(campaign, task, ".lsf-timeline-frames__filler")
    editor.mark_repetition(5, 15)
    editor.photograph("label_repetitions")
    editor.submit()
    labels = pulled(label_studio, folder, campaign).labels
    assert labels == RepetitionLabels((Span(4 / task.fps, 15 / task.fps),))


def test_a_chosen_fault_comes_back_with_stars_side_and_comment(
    label_studio: Any, editor: Editor, pushed: Callable[..., LabelFolder], campaign: str
) -> None:
    folder = pushed()
    task = folder.tasks_of("faults")[0]
    specs = faults_of_exercise(task.exercise)
    chosen = specs[-1]
    editor.open(campaign, task, ".lsf-timeline-frames__filler")
    editor.mark_repetition(2, 9)
    editor.select_region()
    editor.tick(chosen.name)
    editor.wait(lambda: editor.all(".ant-rate-star"))[3].click()
    editor.tick("left")
    editor.all("textarea")[0].send_keys("as it came up")
    editor.press("Add")
    editor.wait(lambda: "as it came up" in str(editor.results()))
    editor.photograph("label_faults")
    editor.submit()
    rep = Span(1 / task.fps, 9 / task.fps)
    assert pulled(label_studio, folder, campaign).labels == FaultLabels(
        reps=(rep,),
        faults=tuple(
            judged(spec, 0, rep, 4, "left")
            if spec is chosen
            else judged(spec, 0, rep, None, "both")
            for spec in specs
        ),
        comments=("as it came up",),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_submitted_untouched_is_what_went_in(
    label_studio: Any, editor: Editor, pushed: Callable[..., LabelFolder], campaign: str, kind: str
) -> None:
    folder = pushed(with_truth=True)
    task = next(t for t in folder.tasks_of(kind) if t.clip_id.endswith("0"))  # the faulty clip
    shown = ".konvajs-content canvas" if kind == "poses" else ".lsf-timeline-controls__time"
    editor.open(campaign, task, shown)
    editor.wait(editor.results)
    if kind == "poses":
        editor.select_region()
        editor.photograph("label_poses")
    editor.submit()
    annotation = pulled(label_studio, folder, campaign)
    assert annotation.labels == folder.answers[task.uid]
    assert annotation.started_from.startswith("formbench-truth-")
