"""Audits of tables written by hand, in which every figure is known."""

import json

import pytest
from typer.testing import CliRunner

from export import audit
from export.audit import audit_dataset
from export.audit_found import Leak
from export.audit_report import verdict, write_audit
from export.dataset import Dataset, read_dataset
from export.rows import ClipRow, FaultRow
from motions.errors import FormbenchError

BACK, RANGE = "squat.rounded_back", "squat.incomplete_range"


def clip(clip_id, faults=(), variation="", group="g"):
    return ClipRow(
        clip_id=clip_id, exercise="squat", subject_id="s", group_id=group, n_frames=30, fps=30.0,
        n_reps=1, cameras=(), faults=tuple(faults), licences=("MIT",), origin="synthetic",
        session="x", motion="m", background="b", body_shape="tall", variation=variation,
    )  # fmt: skip


def fault(clip_id, fault_id, measured, requested=None, present=False, grey=False):
    unit = {BACK: "deg", RANGE: ""}[fault_id]
    return FaultRow(
        clip_id=clip_id, rep=0, fault_id=fault_id, start_s=0.0, end_s=1.0, side="both", unit=unit,
        requested=requested, measured=measured, severity=0.0, present=present, source="simulator",
        grey=grey, confidence=1.0,
    )  # fmt: skip


def dataset(folder, clips, faults):
    return Dataset(folder=folder, formbench="0", packages={}, licences=(), content_sha256="",
                   rows=tuple(clips), faults=faults)  # fmt: skip


@pytest.fixture
def honest(tmp_path):
    """A clean clip, one with a back rounded by 40 of 41 degrees, and a variation."""
    return dataset(
        tmp_path,
        [clip("a"), clip("b", [BACK]), clip("c", variation="slow_tempo")],
        [
            fault("a", BACK, 5.0),
            fault("a", RANGE, 1.0),
            fault("b", BACK, 41.0, requested=40.0, present=True),
            fault("b", RANGE, 0.88, grey=True),
            fault("c", BACK, 12.0, requested=12.0),
            fault("c", RANGE, 0.97),
        ],
    )


def test_labels_that_hold_are_counted_and_measured(honest):
    found = audit_dataset(honest)
    back = found.delivery[BACK]

    assert found.holds
    assert (found.clips, found.clean_clips, found.grey) == (3, 2, 1)
    assert (back.requests, back.within, back.faulty, back.missed) == (2, 2, 1, 0)
    assert (back.worst_off, back.mean_off) == (1.0, 0.5)
    assert (found.clean[BACK].repetitions, found.clean[BACK].worst) == (2, 12.0)
    assert found.clean[RANGE].worst == 0.97
    assert found.clean[RANGE].beyond_correct == 0


def test_lots_do_not_part_sets_and_add_up_to_the_whole(
    dataset_folder, backward_engine, monkeypatch
):
    whole = audit_dataset(read_dataset(dataset_folder))
    monkeypatch.setattr(audit, "LOT", 1)
    engine, told = backward_engine(), []
    lots = audit_dataset(
        read_dataset(dataset_folder), engine, lambda done, total: told.append((done, total))
    )

    n_sets = len({row.group_id for row in read_dataset(dataset_folder).rows})
    assert len(engine.done) == n_sets > 1
    assert whole.leaks  # which only sets that are whole have
    assert told == sorted(told)
    assert told[-1] == (whole.clips, whole.clips)
    for name in ("delivery", "leaks"):
        for one in (*getattr(lots, name).values(), *getattr(whole, name).values()):
            for total in ("total_off", "total"):
                if hasattr(one, total):
                    setattr(one, total, pytest.approx(getattr(one, total)))
    assert lots == whole


def test_clips_that_workers_fail_on_are_set_aside_and_told(
    dataset_folder, backward_engine, monkeypatch
):
    monkeypatch.setattr(audit, "LOT", 1)
    dataset = read_dataset(dataset_folder)
    found = audit_dataset(dataset, backward_engine(fails=(0,)))
    (log,) = (dataset_folder / "failed").iterdir()

    assert (found.clips + found.set_aside, found.set_aside > 0) == (len(dataset.rows), True)
    assert log.read_text().endswith("ValueError: a bug\n")


def test_a_leak_is_in_doses_of_the_other_for_each_dose_of_the_one(honest):
    [leak] = audit_dataset(honest).listed_leaks()

    assert (leak.of, leak.onto, leak.repetitions, leak.present) == (BACK, RANGE, 1, 0)
    # 1.0 to 0.88 is 0.2 of the way to 0.4; 40 degrees are 8/9 of the way to 45.
    assert leak.mean == pytest.approx(0.2 * 9 / 8)


def test_labels_that_do_not_hold_are_listed_with_the_reason(tmp_path):
    found = audit_dataset(
        dataset(
            tmp_path,
            [clip("a"), clip("b", [BACK]), clip("c")],
            [
                fault("a", BACK, 22.0, present=True),
                fault("b", BACK, 18.0, requested=40.0),
                fault("c", BACK, 21.0, requested=10.0, present=True),
            ],
        )
    )

    assert not found.holds
    assert [(b.clip_id, b.fault_id) for b in found.broken] == [
        ("a", BACK),
        ("b", BACK),
        ("c", BACK),
    ]
    assert [b.why for b in found.broken] == [
        "in a clean clip, measures as the fault: 22",
        "asked for as a fault, measures less than mild: 18, asked for 40",
        "asked for as less than mild, measures as the fault: 21, asked for 10",
    ]
    assert found.delivery[BACK].missed == 1
    assert found.clean[BACK].beyond_mild == 1
    assert verdict(found).endswith("3 labels do not hold")


def test_a_fault_that_nobody_knows_is_refused(tmp_path):
    named = FaultRow("a", 0, "squat.back", 0, 1, "both", "", None, 0, 0, False, "human", False, 1)
    unknown = dataset(tmp_path, [clip("a")], [named])

    with pytest.raises(FormbenchError, match=r"clip a: fault: no 'squat\.back'"):
        audit_dataset(unknown)


def test_the_page_and_the_json_say_the_same(honest, tmp_path):
    found = audit_dataset(honest)
    write_audit(found, tmp_path / "audit.html")
    page = (tmp_path / "audit.html").read_text(encoding="utf-8")
    plain = json.loads(json.dumps(found.to_json(), allow_nan=False))

    assert plain["holds"]
    assert plain["delivery"][0]["fault_id"] == BACK
    assert verdict(found) in page
    assert BACK in page
    assert "<script" not in page


def test_the_command_tells_by_its_exit_code(dataset_folder):
    import workbench

    ran = CliRunner().invoke(workbench.app, ["audit", str(dataset_folder), "--json"])
    found = json.loads(ran.stdout)

    assert ran.exit_code == (0 if found["holds"] else 1)
    assert found["clips"] == len(list((dataset_folder / "clips").iterdir()))


def test_a_leak_that_nothing_forces_is_counted_and_one_that_is_forced_is_not():
    free = Leak(BACK, RANGE, repetitions=2, total=0.6)
    forced = Leak("push_up.partial_down", "push_up.incomplete_range", repetitions=2, total=0.6)
    small = Leak(BACK, RANGE, repetitions=2, total=0.4)

    assert [leak.unexplained for leak in (free, forced, small)] == [True, False, False]
    assert "way" in forced.plain["why"]
