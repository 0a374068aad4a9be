import json
import re
from html.parser import HTMLParser

import pytest

from export.dataset import read_dataset
from motions.errors import FormbenchError
from scoring.contract import Verdict, abstain
from scoring.evaluation.evaluate import Wishes, evaluate

FILES = ("predictions.jsonl", "report.html", "report.md", "results.json")
SCORERS = ("dtw", "dtw-article")


class Strangers:
    """Scorers that the tests name as `strangers:NAME`."""

    seen: list
    learnt: list

    class Remembering:
        name, version = "remembering", "1"

        def fit(self, good):
            Strangers.learnt = list(good)
            return self

        def score(self, sequence):
            Strangers.seen.append(sequence)
            return Verdict(score=50)

    class Cheating:
        """Looks for the truth in everything that it can reach from the sequence."""

        name, version = "cheating", "1"

        def score(self, sequence):
            found = repr({name: getattr(sequence, name) for name in dir(sequence)})
            known = ("rounded_back", "incomplete_range", "clip_0", "ada", "ben", "cleo", "dan")
            return Verdict(score=0 if any(word in found for word in known) else 100)

    class Crashing:
        name, version = "crashing", "1"

        def score(self, sequence):
            if sequence.view == "side":
                raise ValueError("no idea <of> the side")
            return "fine" if sequence.exercise == "squat" else abstain("too dark")

    class Knowing:
        """Gives the severity of one fault, from a person who leans forward on the side view."""

        name, version = "knowing", "1"

        def score(self, sequence):
            lean_px = abs(sequence.at("nose")[:, 0] - sequence.at("left_hip")[:, 0]).max()
            severities = {f"{sequence.exercise}.rounded_back": lean_px / 100}
            return Verdict(score=50, good=lean_px < 60, fault_severities=severities)


@pytest.fixture(autouse=True)
def strangers(tmp_path, monkeypatch):
    Strangers.seen, Strangers.learnt = [], []
    monkeypatch.setitem(__import__("sys").modules, "strangers", Strangers)


@pytest.fixture
def evaluated(dataset_folder, tmp_path):
    def run(*scorers, out="out", **settings):
        dataset = read_dataset(dataset_folder)
        on_clip = settings.pop("on_clip", lambda done, total: None)
        wishes = Wishes(**{"validation_share": 0.5, "n_resamples": 100} | settings)
        return evaluate(dataset, scorers, tmp_path / out, wishes, on_clip)

    return run


def test_the_same_run_gives_the_same_bytes(evaluated, tmp_path):
    first = evaluated(*SCORERS)
    again = evaluated(*SCORERS, out="again")
    other = evaluated(*SCORERS, out="other", seed=2)

    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {*FILES, "cost.json"}
    for name in FILES:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    assert first == again
    assert first.validation_subjects != other.validation_subjects


def test_what_was_found_is_written(evaluated, tmp_path):
    results = evaluated(*SCORERS)
    written = json.loads((tmp_path / "out" / "results.json").read_text())

    assert written == json.loads(json.dumps(results.to_json()))
    assert written["schema"] == "formbench.results/3"
    assert [scorer["n_failed"] for scorer in written["scorers"]] == [0, 0]


def test_dtw_tells_a_rounded_back_from_the_side(evaluated):
    results = evaluated(*SCORERS)

    # All bodies of the fixture are alike: 2 people of 2 clean and 2 rounded repetitions each.
    for scorer in SCORERS:
        row = results.row(scorer, "squat.rounded_back", "side", "squat")
        assert row.auroc.value == row.auroc.low == row.auroc.high == 1
        assert (row.auroc.n_positive, row.auroc.n_negative, row.auroc.n_subjects) == (4, 4, 2)
        assert row.evidence == "score"
        assert row.n_abstained == row.n_failed == 0
    assert results.row("dtw-article", "squat.rounded_back", "all", "squat").auroc.n_positive == 8


def test_repetitions_are_counted_once_whatever_the_cameras(evaluated):
    count = evaluated("dtw").counts[1]

    assert count.exercise == "squat"
    assert (count.train_clean, count.clean, count.faulty, count.grey) == (4, 4, 4, 0)


def test_learning_meets_clean_repetitions_of_others_only(evaluated):
    results = evaluated("strangers:Remembering")

    assert len(results.train_subjects) == len(results.validation_subjects) == 2
    assert not set(results.train_subjects) & set(results.validation_subjects)
    # 2 people x 2 exercises x 2 repetitions x 2 cameras, and as many faulty ones to judge besides.
    # What comes after these is asked to measure the cost.
    assert len(Strangers.learnt) == 16 and len(Strangers.seen) == 32 + 1 + 20 + 3
    assert {sequence.person for sequence in Strangers.learnt} == {"person_0", "person_1"}
    assert {sequence.person for sequence in Strangers.seen} == {""}
    assert {sequence.n_frames for sequence in Strangers.seen} == {10}


def test_a_scorer_that_looks_for_the_truth_finds_none(evaluated):
    for row in evaluated("strangers:Cheating").rows:
        if row.auroc.value is not None:
            assert row.auroc.value == 0.5


def test_clips_come_in_an_order_that_tells_nothing(evaluated, dataset_folder):
    results = evaluated("strangers:Remembering")
    stored = [
        row.exercise
        for row in read_dataset(dataset_folder).rows
        if row.subject_id in results.validation_subjects
    ]
    met = [sequence.exercise for sequence in Strangers.seen[:32:4]]  # four of each clip

    assert sorted(met) == sorted(stored)
    assert met != stored and met != stored[::-1]


def test_a_scorer_that_fails_or_abstains_is_counted_and_the_run_goes_on(evaluated, tmp_path):
    results = evaluated("strangers:Crashing", "dtw")
    summary = results.scorers[0]

    assert (summary.n_judged, summary.n_abstained, summary.n_failed) == (32, 8, 24)
    row = results.row("crashing", "squat.rounded_back", "side", "squat")
    assert row.auroc.value is None and row.auroc.reason == "no faulty repetition among 0"
    assert (row.n_abstained, row.n_failed) == (0, 8)
    assert results.row("crashing", "any", "front", "deadlift").n_abstained == 8
    page = (tmp_path / "out" / "report.html").read_text()
    assert "ValueError: no idea &lt;of&gt; the side" in page
    assert "expected a Verdict, got a str" in page and "too dark" in page


def test_a_severity_of_the_fault_is_better_evidence_than_the_score(evaluated):
    results = evaluated("strangers:Knowing")
    row = results.row("knowing", "squat.rounded_back", "side", "squat")

    assert row.evidence == "severity"
    assert row.auroc.value == 1
    assert (row.own_sensitivity, row.own_false_alarm_rate) == (1, 0)
    assert results.row("knowing", "squat.incomplete_range", "side", "squat").evidence == "score"
    assert results.row("knowing", "any", "side", "squat").auroc.value == 0.5


def test_sizes_stand_on_the_page_for_who_names_them(evaluated, tmp_path):
    results = evaluated("strangers:Knowing", "dtw")
    page = (tmp_path / "out" / "report.html").read_text()
    part = page.partition("<h3>Size, side and time</h3>")[2].partition("<h3>")[0]
    rows = [row for row in part.split("<tr>") if "Rounded back" in row]
    row = results.row("knowing", "deadlift.rounded_back", "all", "deadlift")

    assert len(rows) == 2
    knowing = next(text for text in rows if "knowing" in text)
    assert f"{row.grading.size_error:.3g} deg" in knowing
    assert f"{row.grading.spearman:.2f}" in knowing
    assert "deg" not in next(text for text in rows if "dtw" in text)


def test_the_grey_zone_counts_as_neither(make_clip, make_dataset, tmp_path):
    sizes_deg = {"clean": 0.0, "grey": 17.0, "faulty": 30.0}
    folder = make_dataset(
        [
            make_clip(clip_id=f"{person}_{kind}", subject_id=person, faults={"rounded_back": size})
            for person in ("ada", "ben")
            for kind, size in sizes_deg.items()
        ]
    )
    results = evaluate(
        read_dataset(folder), ["dtw"], tmp_path / "out", Wishes(validation_share=0.5)
    )
    count = results.counts[0]
    estimate = results.row("dtw", "squat.rounded_back", "side", "squat").auroc

    assert (count.train_clean, count.clean, count.faulty, count.grey) == (2, 2, 2, 2)
    assert (estimate.n_positive, estimate.n_negative) == (2, 2)
    assert estimate.low is None and "one person has all faulty" in estimate.reason


def test_without_clean_repetitions_there_is_nothing_to_learn_from(
    make_clip, make_dataset, tmp_path
):
    folder = make_dataset(
        [
            make_clip(clip_id=name, subject_id=name, faults={"rounded_back": 40.0})
            for name in ("ada", "ben")
        ]
    )
    with pytest.raises(FormbenchError, match=r"clean repetitions of \w+ to learn from, got none"):
        evaluate(read_dataset(folder), ["dtw"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_fault_of_no_table_is_met_with_the_nearest(make_clip, make_dataset, tmp_path):
    folder = make_dataset(
        [make_clip(clip_id=n, subject_id=n, exercise="sqat") for n in ("ada", "ben")]
    )
    with pytest.raises(FormbenchError, match=r"no 'sqat.rounded_back'. Did you mean 'squat.ro"):
        evaluate(read_dataset(folder), ["dtw"], tmp_path / "out")


@pytest.mark.parametrize(
    ("scorers", "settings", "message"),
    [
        ([], {}, "scorers of different names, got none"),
        (["dtw", "dtw"], {}, "scorers of different names, got dtw, dtw"),
        (["dwt"], {}, "Did you mean 'dtw'"),
        (["dtw"], {"convention_name": "coco-17"}, "Did you mean 'coco17'"),
        (["dtw"], {"validation_share": 1.5}, "share above 0 and below 1"),
    ],
)
def test_bad_settings_leave_nothing_behind(evaluated, tmp_path, scorers, settings, message):
    with pytest.raises(FormbenchError, match=message):
        evaluated(*scorers, **settings)
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_in_it_is_left_alone(evaluated, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep")
    with pytest.raises(FormbenchError, match="expected a new or empty folder"):
        evaluated("dtw")
    assert (tmp_path / "out" / "mine.txt").read_text() == "keep"


def test_progress_counts_every_clip(evaluated):
    told = []
    evaluated("strangers:Remembering", on_clip=lambda done, total: told.append((done, total)))

    assert told == [(done, 16) for done in range(1, 17)]


def test_predictions_hold_what_was_said_and_no_truth(evaluated, tmp_path):
    evaluated("dtw", "strangers:Crashing")
    text = (tmp_path / "out" / "predictions.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]

    assert len(lines) == 2 * 32
    assert {line["schema"] for line in lines} == {"formbench.judgement/2"}
    keys = [(line["scorer"], line["clip_id"], line["rep"], line["view"]) for line in lines]
    assert keys == sorted(set(keys))
    assert set(lines[-1]["verdict"]) == set(Verdict(score=1).__dataclass_fields__)
    assert lines[0]["failure"] or lines[0]["verdict"]
    assert "present" not in text and "rounded" not in text


class _Page(HTMLParser):
    """Reads a page: the text of its tables, and whether every tag is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.cells = [], set(), []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if {"td", "th"} & set(self.open):
            self.cells[-1] += f"{data} "


def test_the_page_is_whole_and_needs_no_script_and_no_network(evaluated, tmp_path):
    results = evaluated(*SCORERS)
    text = (tmp_path / "out" / "report.html").read_text()
    page = _Page()
    page.feed(text)

    assert page.open == []
    assert not page.tags & {"script", "link", "img", "iframe"}
    assert not re.search(r"https?://|url\(|@import", text)
    for row in results.rows:
        if row.auroc.low is not None:
            a = row.auroc
            shown = f"{a.value:.2f} {a.low:.2f}\u2013{a.high:.2f} {a.n_positive} / {a.n_negative}"
            assert shown in [cell.strip() for cell in page.cells]
    # The table as a chart and a reliability diagram a scorer; of each exercise a forest and, of the
    # one fault that is in it, a panel a scorer; two false alarms a scorer, and no severe fault.
    assert text.count("<svg viewBox") == 1 + 2 + 2 * (1 + 1 * 2) + 2 * 2
    assert "Only 2 people." in text


def test_names_cannot_break_the_page(evaluated, tmp_path, monkeypatch):
    monkeypatch.setattr(Strangers.Remembering, "name", "<script>&")
    evaluated("strangers:Remembering")
    text = (tmp_path / "out" / "report.html").read_text()

    assert "<script" not in text and "&lt;script&gt;&amp;" in text
