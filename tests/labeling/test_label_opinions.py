"""From what annotators answered to their rows beside scorers, over a folder as `pull` leaves it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from export.dataset import Dataset
from labeling.folder import LabelFolder
from labeling.interface import faults_of_exercise
from labeling.labels import FaultLabels, Labels, RepetitionLabels, Task
from labeling.opinions import write_opinions
from labeling.predictions import TRUTH_MODEL, to_results
from labeling.prepare import Wishes, prepare_labelling
from motions.errors import FormbenchError
from motions.motion import Span
from scoring.contract import abstain
from scoring.evaluation import evaluate as scoring
from scoring.evaluation.asking import Answer
from scoring.evaluation.people import TOGETHER, read_people
from workbench import app

SHARP, BLIND, COPIED = "sharp@x", "blind@x", "copied@x"
PEOPLE = ("ada", "ben", "cleo", "dan")
FAULT = "squat.rounded_back"


@pytest.fixture
def dataset(filmed_dataset: Callable[..., Dataset], make_clip: Any) -> Dataset:
    """Four people who squat well once and once with a rounded back."""
    clips: list[Any] = []
    for person in PEOPLE:
        for dose in (0.0, 45.0):
            faults = {"rounded_back": dose} if dose else {}
            about = {"clip_id": f"clip_{len(clips):06d}", "subject_id": person}
            clips.append(make_clip(**about, faults=faults, group_id=person))
    return filmed_dataset(*clips)


@pytest.fixture
def pulled(dataset: Dataset, tmp_path: Path) -> LabelFolder:
    """One annotator answered the truth, one saw no fault, one left the truth as it was shown."""
    wishes = Wishes(kinds=("repetitions", "faults"), mixed_frames=False)
    folder = prepare_labelling(tmp_path / "labels", dataset=dataset, wishes=wishes)
    names = {"1": SHARP, "2": BLIND, "3": COPIED}
    for kind in folder.kinds:
        stored = {
            str(number): {
                "uid": task.uid,
                "models": {"9": TRUTH_MODEL},
                "annotations": [
                    {
                        "id": 10 * number + who, "completed_by": who,
                        "created_at": "2026-01-01T00:00:00Z",
                        "updated_at": "2026-01-01T00:00:00Z", "lead_time": 5.0,
                        "was_cancelled": False, "ground_truth": False,
                        "parent_prediction": 9 if who == 3 else None,
                        "result": to_results(task, said(folder, task, names[str(who)])),
                    }
                    for who in (1, 2, 3)
                ],
            }
            for number, task in enumerate(folder.tasks_of(kind), 1)
        }  # fmt: skip
        about = {"url": "http://server", "project": 1, "changed_after": None, "annotators": names}
        store = {"schema": "formbench.labeling.annotations/1", **about, "tasks": stored}
        path = folder.folder / "annotations" / f"{kind}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(store), encoding="utf-8")
    return folder


def said(folder: LabelFolder, task: Task, who: str) -> Labels:
    truth = folder.answers[task.uid]
    if who != BLIND or isinstance(truth, RepetitionLabels):
        return truth
    assert isinstance(truth, FaultLabels)
    specs = {spec.id: spec for spec in faults_of_exercise(task.exercise)}
    none = [
        replace(f, present=False, measured=specs[f.fault_id].neutral, side="both")
        for f in truth.faults
    ]
    return replace(truth, faults=tuple(none))


def test_opinions_tell_no_address_and_leave_out_who_was_shown_the_truth(
    pulled: LabelFolder, dataset: Dataset, tmp_path: Path
) -> None:
    people = write_opinions(pulled, dataset, tmp_path / "o.jsonl")
    text = (tmp_path / "o.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]

    assert people == (BLIND, SHARP)
    assert {line["annotator"] for line in lines} == {"annotator-1", "annotator-2"}
    assert "@" not in text
    # Repetitions are asked for in one camera, faults in both.
    assert len(lines) == 2 * len(dataset.rows) * (1 + 2)
    clip = dataset.clip("clip_000001")
    spans = [[rep.start_s, rep.end_s] for rep in clip.reps]
    one = next(x for x in lines if x["clip_id"] == clip.clip_id and x["judged"])
    assert one["repetitions"] == [j["span"] for j in one["judged"]] == spans


def test_annotators_stand_in_the_table_of_scorers(
    pulled: LabelFolder, dataset: Dataset, tmp_path: Path
) -> None:
    write_opinions(pulled, dataset, tmp_path / "o.jsonl")
    people = read_people(tmp_path / "o.jsonl")
    wishes = scoring.Wishes(validation_share=0.5, n_resamples=50, flips=("distance",))
    results = scoring.evaluate(
        dataset, ["dtw", "always-correct"], tmp_path / "report", wishes, people=people
    )
    places = {s.scorer: s.macro_auroc for s in results.standings}
    rows = {row.scorer: row for row in results.rows if (row.fault_id, row.view) == (FAULT, "all")}
    found = {r.scorer: r for r in results.recordings if r.metric == "boundary_f1_0.1_s"}

    assert places["annotator-2"] == 1 and places["annotator-1"] == 0.5
    assert rows["annotator-1"].own_sensitivity == 0
    assert rows["annotator-2"].own_sensitivity == 1
    assert rows["annotator-2"].own_false_alarm_rate == 0
    # One of two sees the fault: half its size on average, which still tells all.
    assert places[TOGETHER] == 1
    assert rows[TOGETHER].evidence == "severity"
    assert rows["dtw"].auroc.n_positive == rows[TOGETHER].auroc.n_positive
    assert found["annotator-2"].value == 1 and TOGETHER not in found
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "annotator-2" in page


def test_only_what_annotators_judged_counts(
    pulled: LabelFolder, dataset: Dataset, tmp_path: Path
) -> None:
    write_opinions(pulled, dataset, tmp_path / "o.jsonl")
    lines = (tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()
    side = [line for line in lines if json.loads(line)["view"] == "side"]
    (tmp_path / "side.jsonl").write_text("\n".join(side), encoding="utf-8")
    wishes = scoring.Wishes(validation_share=0.5, n_resamples=50, flips=("fps",))
    people = read_people(tmp_path / "side.jsonl")
    results = scoring.evaluate(dataset, ["dtw"], tmp_path / "out", wishes, people=people)

    assert {row.view for row in results.rows} == {"all", "side"}
    assert {row.n_pairs for row in results.flips} == {4 * 2}  # clips of two people, two reps


def test_the_commands_bring_it_together(
    pulled: LabelFolder, dataset: Dataset, tmp_path: Path
) -> None:
    run, answers = CliRunner().invoke, str(tmp_path / "o.jsonl")
    data = str(dataset.folder)
    told = run(app, ["label", "opinions", str(pulled.folder), "--data", data, "-o", answers])
    assert told.exit_code == 0 and SHARP in told.stdout
    given = ["evaluate", "--data", data, "--human", answers, "--scorer", "dtw", "--alone"]
    out = run(app, [*given, "--validation-share", "0.5", "-o", str(tmp_path / "r"), "--json"])
    assert out.exit_code == 0
    scorers = {row["scorer"] for row in json.loads(out.stdout)}
    assert scorers == {"dtw", "annotator-1", "annotator-2", TOGETHER}


def test_answers_about_another_dataset_are_none_of_this(
    pulled: LabelFolder, filmed_dataset: Any, make_clip: Any, tmp_path: Path
) -> None:
    other = filmed_dataset(make_clip(clip_id="clip_000000", distance_m=5.0), name="other")
    with pytest.raises(FormbenchError, match="expected answers about repetitions or faults"):
        write_opinions(pulled, other, tmp_path / "o.jsonl")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 1: expected what `label opinions` writes"),
        ('{"schema": "formbench.answers/9"}', "expected schema formbench.opinions/1"),
        ('{"schema": "formbench.opinions/1"}', "no 'repetitions'"),
        ("", "expected opinions, got none"),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "o.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(FormbenchError, match=message):
        read_people(tmp_path / "o.jsonl")


def test_who_covers_several_repetitions_says_nothing_of_any(
    pulled: LabelFolder, dataset: Dataset, tmp_path: Path
) -> None:
    whole = {
        "schema": "formbench.opinions/1", "annotator": "a", "clip_id": "clip_000001",
        "view": "side", "repetitions": None,
        "judged": [{"span": [0, 2], "fault_severities": {FAULT: 1.0}, "fault_sides": {}}],
    }  # fmt: skip
    (tmp_path / "o.jsonl").write_text(json.dumps(whole), encoding="utf-8")
    (person,) = read_people(tmp_path / "o.jsonl")
    clip = dataset.clip("clip_000001")
    reps = (Span(0.0, 1.0), Span(1.0, 2.0))
    assert clip.reps == reps
    seen = next(scoring.material(dataset).to_judge()).repetitions()
    one = next(seen)
    one = one._replace(view="side", truth=replace(one.truth, clip_id="clip_000001", rep=0))
    assert person.judge(one, reps) == Answer(abstain("not judged"))
    alone = person.judge(one, reps[:1]).verdict
    assert alone is not None and alone.score == 100
