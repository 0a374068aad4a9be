"""Simulated annotators of known skill, through a real server, and what the report says of them."""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.dataset import Dataset
from labeling.agreement import keypoint_errors_px
from labeling.convert import from_range, judged, to_range, to_rating
from labeling.folder import LabelFolder
from labeling.interface import faults_of_exercise
from labeling.labels import FaultLabels, Labels, Pose, PoseLabels, RepetitionLabels, Task
from labeling.predictions import to_results
from labeling.prepare import Wishes, prepare_labelling
from labeling.pull import pull, read_annotations
from labeling.push import project_title, push
from labeling.report import write_trust
from labeling.trust import Annotator, Trust, assess
from motions.errors import FormbenchError
from motions.motion import Span
from simulator.clip import Clip

pytestmark = [pytest.mark.labelstudio, pytest.mark.xdist_group("labelstudio")]

N_CLIPS, N_REPS = 24, 3
CAMPAIGN = "simulated people"


@dataclass(frozen=True)
class Person:
    """How good a simulated annotator is."""

    name: str
    sd_px: float
    """Of each coordinate of a joint."""
    p_off: float
    """Of each boundary, to be a frame too late."""
    sensitivity: float
    specificity: float
    stars_off: int
    """Added to every severity, as far as the scale goes."""
    seconds: float


PEOPLE = (
    Person("ann@formbench.local", 2.0, 0.1, 0.95, 0.95, 0, 30.0),
    Person("bob@formbench.local", 5.0, 0.3, 0.75, 0.9, 1, 20.0),
    Person("cat@formbench.local", 12.0, 0.6, 0.5, 0.6, 0, 10.0),
)


def answer(person: Person, task: Task, true: Labels, rng: np.random.Generator) -> Labels:
    """Return what a person of this skill would say of a task."""
    if isinstance(true, PoseLabels):
        poses = []
        for pose in true.poses:
            moved = pose.keypoints_px + rng.normal(0, person.sd_px, (17, 2))
            page = task.pages[pose.page]
            moved = np.round(np.clip(moved, 1, [page.width_px - 1, page.height_px - 1]), 6)
            poses.append(Pose(pose.page, moved, pose.visibility))
        return PoseLabels(tuple(poses))
    if isinstance(true, RepetitionLabels):
        return RepetitionLabels(off_by_frames(person, task, true.reps, rng))
    faults = []
    for fault in true.faults:
        right = rng.random() < (person.sensitivity if fault.present else person.specificity)
        spec = next(s for s in faults_of_exercise("squat") if s.id == fault.fault_id)
        stars = min(5, to_rating(fault.severity) + person.stars_off) if fault.present else 3
        seen = right == fault.present
        faults.append(judged(spec, fault.rep, fault.span, stars if seen else None, "both"))
    return FaultLabels(true.reps, tuple(faults), true.comments)


def off_by_frames(
    person: Person, task: Task, reps: tuple[Span, ...], rng: np.random.Generator
) -> tuple[Span, ...]:
    # The end of one and the start of the next move together, so that none overlap.
    late = (rng.random(len(reps) + 1) < person.p_off).astype(int)
    late[-1] = 0  # the last frame is the last there is
    ranges = [to_range(rep, task.fps, task.n_frames) for rep in reps]
    return tuple(
        from_range(start + late[i], end + late[i + 1], task.fps)
        for i, (start, end) in enumerate(ranges)
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return {}


@pytest.fixture
def trust(
    made: dict[str, Any],
    label_studio: Any,
    make_clip: Callable[..., Clip],
    filmed_dataset: Callable[..., Dataset],
) -> Trust:
    """Everyone answers every task, once for all tests here."""
    if "trust" not in made:
        clips = [
            make_clip(
                clip_id=f"clip_{i:06d}",
                n_reps=N_REPS,
                n_cameras=1,
                faults={"rounded_back": 35.0} if i % 2 else {},
            )
            for i in range(N_CLIPS)
        ]
        folder = prepare_labelling(
            label_studio.document_root / "simulated",
            dataset=filmed_dataset(*clips),
            wishes=Wishes(frames_per_view=1, mixed_frames=False),
            document_root=label_studio.document_root,
        )
        import_answered(label_studio, folder)
        assert [(p.n_new, p.n_there) for p in push(folder, label_studio.client, CAMPAIGN)] == [
            (0, N_CLIPS)
        ] * 3
        pulled = pull(folder, label_studio.client, CAMPAIGN)
        assert [(p.n_annotations, p.rejected) for p in pulled] == [(3 * N_CLIPS, ())] * 3
        made["folder"] = folder
        made["trust"] = assess(folder)
    return made["trust"]


def import_answered(label_studio: Any, folder: LabelFolder) -> None:
    """Import tasks with everyone's answers, which is faster than answering one by one."""
    ids = {
        person.name: label_studio.sdk.users.create(username=person.name, email=person.name).id
        for person in PEOPLE
    }
    rng = np.random.default_rng(13)
    for kind in folder.kinds:
        title = project_title(CAMPAIGN, kind)
        project = label_studio.client.create_project(title, folder.interface(kind), len(PEOPLE))
        label_studio.client.serve_folder(project, str(folder.folder / "media"))
        answered = []
        for task, as_json in zip(folder.tasks_of(kind), folder.tasks_json(kind), strict=True):
            annotations = [
                {
                    "completed_by": ids[person.name],
                    "ground_truth": False,
                    "lead_time": person.seconds,
                    "result": to_results(task, answer(person, task, folder.answers[task.uid], rng)),
                }
                for person in PEOPLE
            ]
            answered.append({**as_json, "annotations": annotations})
        label_studio.client.import_tasks(project, answered)


def found(trust: Trust) -> list[tuple[Person, Annotator]]:
    by_name = {annotator.name: annotator for annotator in trust.annotators}
    return [(person, by_name[person.name]) for person in PEOPLE]


def test_everyone_is_there_with_all_their_answers(trust: Trust) -> None:
    assert [a.name for a in trust.annotators] == [person.name for person in PEOPLE]
    assert {a.n_annotations for a in trust.annotators} == {3 * N_CLIPS}
    assert trust.problems == ()


def test_joint_errors_are_recovered(trust: Trust) -> None:
    for person, annotator in found(trust):
        assert annotator.poses is not None
        # The mean length of a two-dimensional normal error is sd sqrt(pi / 2).
        assert annotator.poses.error_px.contains(person.sd_px * (np.pi / 2) ** 0.5)
        assert annotator.poses.visibility_accuracy.value == 1
    similarities = [a.poses.oks.value for _, a in found(trust)]
    assert similarities == sorted(similarities, reverse=True)


def test_boundary_errors_are_recovered(trust: Trust) -> None:
    for person, annotator in found(trust):
        grade = annotator.repetitions
        assert grade is not None
        assert (grade.found.value, grade.n_extra) == (1, 0)
        # Of the six boundaries of a clip the last never is late; a frame is 0.1 s.
        expected_s = 0.1 * person.p_off * (2 * N_REPS - 1) / (2 * N_REPS)
        assert grade.boundary_error_s.contains(expected_s)
        assert grade.boundary_bias_s.contains(expected_s)


def test_sensitivity_specificity_and_severity_bias_are_recovered(trust: Trust) -> None:
    for person, annotator in found(trust):
        by_id = {grade.fault_id: grade for grade in annotator.faults}
        grade = by_id["squat.rounded_back"]
        assert grade.sensitivity.n == grade.specificity.n == N_CLIPS // 2 * N_REPS
        assert grade.sensitivity.contains(person.sensitivity)
        assert grade.specificity.contains(person.specificity)
        assert grade.severity_bias.value == person.stars_off / 4
        # Of many intervals some miss, so the other faults are looked at together.
        others = [by_id[other] for other in set(by_id) - {"squat.rounded_back"}]
        assert {other.sensitivity.n for other in others} == {0}
        n = sum(other.specificity.n for other in others)
        right = sum((other.specificity.value or 0) * other.specificity.n for other in others)
        spread = (person.specificity * (1 - person.specificity) / n) ** 0.5
        assert right / n == pytest.approx(person.specificity, abs=3 * spread)


def test_agreement_is_what_the_skills_make_likely(trust: Trust) -> None:
    of_faults = {(a.about, a.measure): a.value for a in trust.agreements["faults"]}
    alpha = of_faults["squat.rounded_back", "alpha of presence"]
    assert alpha.n == N_CLIPS * N_REPS
    # With a share p present, two people agree with probability p(ab + (1-a)(1-b)) + (1-p)(...);
    # for these three and p = 1/2 alpha is about 0.35.
    assert alpha.value == pytest.approx(0.35, abs=0.15)
    best, _, worst = (annotator for _, annotator in found(trust))
    for kind in ("poses", "repetitions", "faults"):
        assert best.agreement[kind].value > worst.agreement[kind].value


def test_effort_is_told_by_what_tasks_started_from(trust: Trust) -> None:
    assert [(e.kind, e.n_annotations, e.median_s) for e in trust.efforts] == [
        (kind, 3 * N_CLIPS, 20.0) for kind in ("poses", "repetitions", "faults")
    ]


def test_the_page_and_the_json_hold_the_same(
    trust: Trust, made: dict[str, Any], tmp_path: Path
) -> None:
    page = write_trust(trust, tmp_path).read_text(encoding="utf-8")
    stored = json.loads((tmp_path / "trust.json").read_text(encoding="utf-8"))
    assert [a["name"] for a in stored["annotators"]] == [person.name for person in PEOPLE]
    for annotator in trust.annotators:
        error = annotator.poses.error_px
        assert f"{error.value:.3g}<small>{error.low:.3g} to {error.high:.3g}, n {error.n}" in page
    assert "<script" not in page
    first = write_trust(assess(made["folder"]), tmp_path / "again").read_bytes()
    assert first == (tmp_path / "trust.html").read_bytes()


def test_tasks_without_a_known_answer_are_agreed_on_and_queued(
    trust: Trust, made: dict[str, Any]
) -> None:
    # The same answers, held against each other only: nobody's skill is known from half the tasks.
    folder = made["folder"]
    unknown = {task.uid for task in folder.tasks if task.clip_id >= "clip_000012"}
    half = replace(folder, answers={u: a for u, a in folder.answers.items() if u not in unknown})
    blind = assess(half)
    assert {one.uid for one in blind.consensus} == unknown == {one.uid for one in blind.queue}
    doubts = [one.doubt for one in blind.queue]
    assert doubts == sorted(doubts, reverse=True)

    by_uid = {one.uid: one for one in blind.consensus}
    right: dict[str, list[bool]] = defaultdict(list)
    off_px: dict[str, list[float]] = defaultdict(list)
    said = {(a.uid, a.annotator): a.labels for a in read_annotations(folder)}
    for task in folder.tasks:
        if task.uid not in unknown:
            continue
        true, one = folder.answers[task.uid], by_uid[task.uid]
        assert one.n_annotators == len(PEOPLE)
        if isinstance(true, RepetitionLabels):
            assert len(one.reps) == N_REPS
        elif isinstance(true, FaultLabels):
            agreed = {(f.rep, f.fault_id): f.probability > 0.5 for f in one.faults}
            right["all"] += [agreed[f.rep, f.fault_id] == f.present for f in true.faults]
            for person in PEOPLE:
                pairs = zip(said[task.uid, person.name].faults, true.faults, strict=True)
                right[person.name] += [a.present == b.present for a, b in pairs]
        else:
            (pose,) = one.poses
            off_px["all"] += keypoint_errors_px(pose.pose, true.poses[0]).tolist()
            # It is about as near as it says it is.
            assert np.median(off_px["all"]) < 2 * np.median(pose.error_px)
            for person in PEOPLE:
                off = keypoint_errors_px(said[task.uid, person.name].poses[0], true.poses[0])
                off_px[person.name] += off.tolist()
    # Together they are better than each alone, the best included, although two are much worse.
    assert all(np.mean(right["all"]) >= np.mean(right[person.name]) for person in PEOPLE)
    assert all(np.mean(off_px["all"]) < np.mean(off_px[person.name]) for person in PEOPLE)


def test_nothing_pulled_is_told(
    label_studio: Any, filmed_dataset: Callable[..., Dataset], tmp_path: Path
) -> None:
    folder = prepare_labelling(
        tmp_path / "out", dataset=filmed_dataset(), wishes=Wishes(kinds=("repetitions",))
    )
    with pytest.raises(FormbenchError, match="holds no annotations; pull some first"):
        assess(folder)
