"""Two evaluations compared: what counts as a fall, and what does not compare."""

import json
from pathlib import Path
from typing import Any

import pytest

import workbench
from motions.errors import FormbenchError
from scoring.evaluation.compare import Change, compare_results, to_markdown
from scoring.evaluation.results import SCHEMA


def results(path: Path, *rows: tuple[str, float | None, float | None], **about: Any) -> Path:
    told = {
        "schema": SCHEMA,
        "dataset_sha256": "ab",
        "settings": {"seed": 0},
        "train_subjects": ["a"],
        "validation_subjects": ["b"],
        "rows": [
            {"scorer": about.pop("scorer", "dtw"), "poses": "truth", "exercise": "squat",
             "fault_id": fault, "view": "side", "auroc": {"value": value, "low": low, "high": None}}
            for fault, value, low in rows
        ],
    }  # fmt: skip
    path.write_text(json.dumps(told | about))
    return path


@pytest.mark.parametrize(
    ("before", "low", "after", "fell"),
    [
        (0.9, 0.85, 0.9, False),
        (0.9, 0.85, 0.84, True),
        (0.9, 0.85, 0.86, False),  # within the interval
        (0.9, 0.89, 0.885, False),  # by less than the drop
        (0.9, None, 0.87, True),
        (0.9, 0.85, None, True),
        (None, None, 0.9, False),
        (0.5, 0.4, 0.9, False),
    ],
)
def test_a_figure_falls_beyond_the_drop_and_the_interval(
    tmp_path: Path, before: float, low: float, after: float, fell: bool
) -> None:
    old = results(tmp_path / "old.json", ("squat.jump", before, low))
    new = results(tmp_path / "new.json", ("squat.jump", after, None))
    assert compare_results(old, new) == (
        Change("dtw", "truth", "squat", "squat.jump", "side", before, after, fell),
    )


@pytest.mark.parametrize(
    "about", [{"dataset_sha256": "cd"}, {"settings": {"seed": 1}}, {"train_subjects": ["c"]}]
)
def test_other_data_do_not_compare(tmp_path: Path, about: dict[str, Any]) -> None:
    old = results(tmp_path / "old.json", ("squat.jump", 0.9, None))
    with pytest.raises(FormbenchError, match="expected the same"):
        compare_results(old, results(tmp_path / "new.json", ("squat.jump", 0.9, None), **about))


def test_a_figure_that_is_gone_is_told(tmp_path: Path) -> None:
    old = results(tmp_path / "old.json", ("squat.jump", 0.9, None))
    new = results(tmp_path / "new.json", ("squat.jump", 0.9, None), scorer="other")
    with pytest.raises(
        FormbenchError, match=r"has no figure for dtw, truth, squat, squat\.jump, side"
    ):
        compare_results(old, new)
    assert not compare_results(old, new, same_scorer=False)[0].fell


def test_the_table_begins_with_what_fell() -> None:
    stays = Change("dtw", "truth", "squat", "any", "side", 0.9, 0.91, False)
    falls = Change("dtw", "truth", "squat", "squat.jump", "side", 0.9, None, True)
    assert to_markdown((stays, falls)).splitlines()[2:] == [
        "| dtw | squat.jump | side | 0.900 |  | fell |",
        "| dtw | squat, any | side | 0.900 | 0.910 |  |",
    ]


@pytest.mark.parametrize(("after", "code"), [(0.9, 0), (0.5, 1)])
def test_the_command_is_a_gate(tmp_path: Path, capfd: Any, after: float, code: int) -> None:
    old = results(tmp_path / "old.json", ("squat.jump", 0.9, 0.8))
    new = results(tmp_path / "new.json", ("squat.jump", after, None))
    with pytest.raises(SystemExit) as ended:
        workbench.main(["compare-results", str(old), str(new)])
    assert (ended.value.code or 0) == code
    assert "| dtw | squat.jump | side | 0.900 |" in capfd.readouterr().out
