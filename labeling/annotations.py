"""What annotators answered, read back from Label Studio's results into our types.

Nothing is dropped in silence and nothing is mended: every region becomes a label or a problem that
says what is wrong with it. A joint's visibility is 0 where the annotator says so or where the
point lies outside the image, 1 where the annotator says so, else 2.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import BaseModel, FiniteFloat, StrictInt, StrictStr, ValidationError

from labeling import interface as ui
from labeling.convert import from_percent, from_range, judged
from labeling.labels import FaultLabels, Labels, Pose, PoseLabels, RepetitionLabels, Task
from motions.errors import FormbenchError
from motions.motion import Span
from simulator.faults.library import FAULTS
from simulator.faults.spec import FaultSpan, FaultSpec
from simulator.faults.window import SIDES


class _Vertex(BaseModel):
    id: StrictStr
    x: FiniteFloat
    y: FiniteFloat


class _Range(BaseModel):
    start: StrictInt
    end: StrictInt


class _Value(BaseModel):
    """The parts of any result's value that we know; which must be there depends on its type."""

    vertices: list[_Vertex] = []
    vectorlabels: list[StrictStr] = []
    ranges: list[_Range] = []
    timelinelabels: list[StrictStr] = []
    choices: list[StrictStr] = []
    rating: StrictInt | None = None
    text: list[StrictStr] | StrictStr = []


class _Result(BaseModel):
    id: StrictStr
    from_name: StrictStr
    value: _Value
    item_index: StrictInt = 0
    original_width: int | None = None
    original_height: int | None = None


class _Region:
    """All results of one id: the region itself and what was said about it, by control."""

    def __init__(self) -> None:
        self.results: dict[str, _Result] = {}

    def choices(self, control: str) -> list[str]:
        result = self.results.get(control)
        return result.value.choices if result else []


def read_results(task: Task, results: Sequence[Any]) -> tuple[Labels, tuple[str, ...]]:
    """Read the results of one annotation or prediction.

    Args:
        task: The task that was answered.
        results: Label Studio's results, as they came.

    Returns:
        The labels, and for each region that could not become one, a line that says why.
    """
    problems: list[str] = []
    known = _controls(task)
    regions: dict[str, _Region] = {}
    for number, raw in enumerate(results):
        try:
            result = _Result.model_validate(raw)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            problems.append(f"result {number}: {where}: {first['msg']}")
            continue
        if result.from_name not in known:
            problems.append(f"result {result.id}: no control {result.from_name!r} is asked for")
            continue
        # Answers about a whole video stand alone, each with an id of its own.
        key = "" if task.kind == "clip_faults" else result.id
        same = regions.setdefault(key, _Region()).results
        if result.from_name in same:
            problems.append(f"result {result.id}: {result.from_name} was answered twice")
            continue
        same[result.from_name] = result
    if task.kind == "poses":
        return _poses(task, regions, problems)
    if task.kind == "repetitions":
        spans = _spans(task, regions, problems)
        return RepetitionLabels(tuple(span for span, _ in spans)), tuple(problems)
    return _faults(task, regions, ui.faults_of_exercise(task.exercise), problems)


def _controls(task: Task) -> set[str]:
    if task.kind == "poses":
        return {ui.POSE, ui.HIDDEN, ui.OUTSIDE}
    if task.kind == "repetitions":
        return {ui.REPS}
    names = [spec.name for spec in FAULTS.values()]
    controls = {ui.FAULTS_SEEN, ui.COMMENT, *map(ui.severity_control, names)}
    controls |= set(map(ui.side_control, names))
    return controls | ({ui.REPS} if task.kind == "faults" else set())


def _poses(
    task: Task, regions: dict[str, _Region], problems: list[str]
) -> tuple[PoseLabels, tuple[str, ...]]:
    poses: dict[int, Pose] = {}
    for region_id, region in regions.items():
        try:
            pose = _pose(task, region)
            if pose.page in poses:
                raise FormbenchError(f"a second person on page {pose.page + 1}")
        except FormbenchError as error:
            problems.append(f"region {region_id}: {error}")
        else:
            poses[pose.page] = pose
    return PoseLabels(tuple(poses[page] for page in sorted(poses))), tuple(problems)


def _pose(task: Task, region: _Region) -> Pose:
    result = region.results.get(ui.POSE)
    if result is None:
        raise FormbenchError("joints are said to be hidden or outside, but there is no skeleton")
    if not 0 <= result.item_index < len(task.pages):
        raise FormbenchError(
            f"expected a page from 1 to {len(task.pages)}, got {result.item_index + 1}"
        )
    page = task.pages[result.item_index]
    size = (result.original_width, result.original_height)
    if size != (page.width_px, page.height_px):
        raise FormbenchError(
            f"expected an image of {page.width_px} x {page.height_px}, got {size[0]} x {size[1]}"
        )
    if result.value.vectorlabels != [ui.PERSON]:
        raise FormbenchError(f"expected the label {ui.PERSON!r}, got {result.value.vectorlabels}")
    names = ui.JOINTS.keypoint_names
    percent = {vertex.id: (vertex.x, vertex.y) for vertex in result.value.vertices}
    lost = sorted(set(names) - set(percent))
    if lost or len(result.value.vertices) != len(names):
        detail = f"without {', '.join(lost)}" if lost else "with others besides"
        raise FormbenchError(
            f"expected the {len(names)} named joints, got {len(result.value.vertices)} {detail}"
        )
    hidden, outside = region.choices(ui.HIDDEN), region.choices(ui.OUTSIDE)
    for name in [*hidden, *outside]:
        if name not in names:
            raise FormbenchError(f"no joint is called {name!r}")
    both = sorted(set(hidden) & set(outside))
    if both:
        raise FormbenchError(f"{', '.join(both)}: hidden inside the image and outside at once")
    points = from_percent(np.array([percent[n] for n in names]), page.width_px, page.height_px)
    inside = ((points >= 0) & (points <= [page.width_px, page.height_px])).all(axis=1)
    inside &= ~np.isin(names, outside)
    visibility = np.where(inside, np.where(np.isin(names, hidden), 1, 2), 0)
    return Pose(result.item_index, np.where(inside[:, None], points, np.nan), visibility)


def _spans(
    task: Task, regions: dict[str, _Region], problems: list[str]
) -> list[tuple[Span, _Region]]:
    """Return the good repetitions in order, each with what was said about it."""
    spans: list[tuple[Span, _Region]] = []
    for region_id, region in regions.items():
        try:
            spans.append((_span(task, region), region))
        except FormbenchError as error:
            problems.append(f"region {region_id}: {error}")
    spans.sort(key=lambda item: item[0])
    apart = spans[:1]
    for span, region in spans[1:]:
        if span.start_s < apart[-1][0].end_s:
            problems.append(
                f"region {next(iter(region.results.values())).id}: repetition at "
                f"{span.start_s:.2f} s begins before the one at {apart[-1][0].start_s:.2f} s ends"
            )
        else:
            apart.append((span, region))
    return apart


def _span(task: Task, region: _Region) -> Span:
    result = region.results.get(ui.REPS)
    if result is None:
        raise FormbenchError("an answer that belongs to no repetition")
    if result.value.timelinelabels != [ui.REP]:
        raise FormbenchError(f"expected the label {ui.REP!r}, got {result.value.timelinelabels}")
    if len(result.value.ranges) != 1:
        raise FormbenchError(f"expected one range, got {len(result.value.ranges)}")
    start, end = result.value.ranges[0].start, result.value.ranges[0].end
    if not 1 <= start <= end <= task.n_frames:
        raise FormbenchError(
            f"expected frames from 1 to {task.n_frames}, the first before the last, "
            f"got {start} to {end}"
        )
    return from_range(start, end, task.fps)


def _faults(
    task: Task, regions: dict[str, _Region], specs: list[FaultSpec], problems: list[str]
) -> tuple[FaultLabels, tuple[str, ...]]:
    if task.kind == "faults":
        judgements = _spans(task, regions, problems)
    else:
        judgements = [(from_range(1, task.n_frames, task.fps), r) for r in regions.values()]
    reps: list[Span] = []
    faults: list[FaultSpan] = []
    comments: list[str] = []
    for span, region in judgements:
        try:
            faults += _judgement(region, specs, len(reps), span)
        except FormbenchError as error:
            problems.append(f"repetition at {span.start_s:.2f} s: {error}")
            continue
        reps.append(span)
        comments.append(_comment(region))
    return FaultLabels(tuple(reps), tuple(faults), tuple(comments)), tuple(problems)


def _judgement(region: _Region, specs: list[FaultSpec], rep: int, span: Span) -> list[FaultSpan]:
    seen = region.choices(ui.FAULTS_SEEN)
    if not seen:
        raise FormbenchError(f"not judged: expected faults or {ui.NO_FAULT!r}")
    if ui.NO_FAULT in seen and len(seen) > 1:
        raise FormbenchError(f"expected faults or {ui.NO_FAULT!r}, got {', '.join(seen)}")
    for name in seen:
        if name not in {ui.NO_FAULT, *(spec.name for spec in specs)}:
            raise FormbenchError(f"{specs[0].exercise} has no fault {name!r}")
    return [
        judged(
            spec,
            rep,
            span,
            _rating(region, spec.name) if spec.name in seen else None,
            _side(region, spec.name) if spec.name in seen else SIDES[0],
        )
        for spec in specs
    ]


def _rating(region: _Region, fault_name: str) -> int:
    result = region.results.get(ui.severity_control(fault_name))
    if result is None or result.value.rating is None:
        raise FormbenchError(f"{fault_name} was chosen without a severity")
    if not 1 <= result.value.rating <= ui.MAX_RATING:
        raise FormbenchError(
            f"{fault_name}: expected 1 to {ui.MAX_RATING} stars, got {result.value.rating}"
        )
    return result.value.rating


def _side(region: _Region, fault_name: str) -> str:
    chosen = region.choices(ui.side_control(fault_name)) or [SIDES[0]]
    if len(chosen) > 1 or chosen[0] not in SIDES:
        raise FormbenchError(f"{fault_name}: expected a side of {SIDES}, got {chosen}")
    return chosen[0]


def _comment(region: _Region) -> str:
    result = region.results.get(ui.COMMENT)
    text = result.value.text if result else ""
    return text if isinstance(text, str) else "\n".join(text)
