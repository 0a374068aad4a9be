"""Do the labels hold? What was asked for against what the finished bodies show, over a dataset.

Only the tables are read, lot by lot: clips tell which counterfactual set they are of, and the rows
of faults what each repetition measured. So a dataset of any size takes little memory.

* delivery: of each fault, how far what was measured is from what was asked for;
* labels: clips whose label does not hold, with the reason;
* clean: of each fault, the largest size in clean clips and variations, against its correct range;
* leakage: how much larger a fault makes another's size than in the clean sibling of the same set,
  doses of the other for each dose of the one, and why (`simulator.faults.kinship`). A set's clips
  follow one another in the tables.
"""

from collections.abc import Callable, Iterator
from itertools import groupby

from export.audit_found import Audit, Broken, Clean, Delivery, Leak
from export.dataset import Dataset, read_dataset
from export.rows import ClipRow, FaultRow
from motions.errors import unknown_name
from motions.storage import place
from simulator.deliver import allowed_off
from simulator.engines.engine import Engine, Unit, in_order, keep_log, unit_key
from simulator.faults.library import FAULTS
from simulator.faults.spec import FaultSpec

LEAST_DOSE = 0.1
"""Smaller doses are not counted, because a leak is in shares of the dose."""
LOT = 1000
"""So many clips are audited at a time, and those that follow of the last one's set."""


def audit_dataset(
    dataset: Dataset,
    engine: Engine | None = None,
    on_clip: Callable[[int, int], None] = lambda done, total: None,
) -> Audit:
    """Audit a dataset from its tables.

    What an engine's workers failed on is counted as set aside, with the reason in DIR/failed.

    Args:
        dataset: Whose labels.
        engine: Where the work runs, for a dataset that is in files; this process when None.
        on_clip: Called with clips done and clips in all.

    Raises:
        FormbenchError: The dataset has a fault that is not in the table FAULTS.
    """
    found = Audit()
    for outcome in in_order(engine, _audit, _lots(dataset, in_files=engine is not None)):
        start, stop = outcome.unit.given[1:]
        if outcome.log:
            keep_log(dataset.folder / "failed", outcome.unit, outcome.log)
            found.set_aside += stop - start
        else:
            found.add(outcome.result)
        on_clip(stop, len(dataset.rows))
    return found


def _lots(dataset: Dataset, in_files: bool) -> Iterator[Unit]:
    """Part the clips into lots, none of which ends within a counterfactual set."""
    shared = str(dataset.folder) if in_files else dataset
    start, before, rows = 0, "", iter(dataset.rows)
    for stop in range(len(dataset.rows) + 1):
        group = row.group_id if (row := next(rows, None)) else ""
        if stop > start and (row is None or (stop - start >= LOT and group != before)):
            name = f"clips {start} to {stop - 1}"
            yield Unit(unit_key(dataset.content_sha256, name), name, (shared, start, stop))
            start = stop
        before = group


def _audit(given: tuple[Dataset | str, int, int]) -> Audit:
    """Audit a lot, in whatever process."""
    shared, start, stop = given
    dataset = read_dataset(place(shared)) if isinstance(shared, str) else shared
    clips = {row.clip_id: row for row in dataset.rows[start:stop]}
    found = Audit(clips=len(clips), repetitions=sum(row.n_reps for row in clips.values()))
    by_clip = groupby(dataset.fault_rows(start, stop), key=lambda row: row.clip_id)
    each = ((clips[clip_id], list(rows)) for clip_id, rows in by_clip)
    for _, of_set in groupby(each, key=lambda one: one[0].group_id):
        _check_set(found, list(of_set))
    return found


def _check_set(found: Audit, of_set: list[tuple[ClipRow, list[FaultRow]]]) -> None:
    clean: dict[tuple[int, str], float] = {}
    for clip, rows in of_set:
        asked = {row.fault_id for row in rows if row.requested is not None}
        found.grey += sum(row.grey for row in rows)
        if clip.variation or not asked:
            found.clean_clips += 1
            _check_clean(found, rows)
        if asked:
            _check_delivery(found, rows)
        else:
            clean |= {(row.rep, row.fault_id): row.measured for row in rows}
    for clip, rows in of_set:
        if not clip.variation and len({r.fault_id for r in rows if r.requested is not None}) == 1:
            _add_leaks(found, rows, clean)


def _spec(row: FaultRow) -> FaultSpec:
    if row.fault_id not in FAULTS:
        raise unknown_name(f"clip {row.clip_id}: fault", row.fault_id, FAULTS)
    return FAULTS[row.fault_id]


def _check_delivery(found: Audit, rows: list[FaultRow]) -> None:
    for row in rows:
        if row.requested is None:
            continue
        spec = _spec(row)
        one = found.delivery.setdefault(row.fault_id, Delivery(row.fault_id, row.unit))
        off = abs(row.measured - row.requested)
        one.requests += 1
        one.total_off += off
        one.worst_off = max(one.worst_off, off)
        one.within += off <= allowed_off(spec, row.requested)
        if spec.is_present(row.requested):
            one.faulty += 1
            if not row.present:
                one.missed += 1
                found.broken.append(_broken(row, "asked for as a fault, measures less than mild"))
        elif row.present:
            found.broken.append(_broken(row, "asked for as less than mild, measures as the fault"))


def _check_clean(found: Audit, rows: list[FaultRow]) -> None:
    for row in rows:
        spec = _spec(row)
        one = found.clean.setdefault(row.fault_id, Clean(row.fault_id, row.unit))
        one.repetitions += 1
        one.beyond_correct += not spec.is_correct(row.measured)
        one.beyond_mild += row.present
        one.see(row.measured)
        if row.present and row.requested is None:
            found.broken.append(_broken(row, "in a clean clip, measures as the fault"))


def _broken(row: FaultRow, why: str) -> Broken:
    asked = "" if row.requested is None else f", asked for {row.requested:.4g}"
    return Broken(row.clip_id, row.rep, row.fault_id, f"{why}: {row.measured:.4g}{asked}")


def _add_leaks(found: Audit, rows: list[FaultRow], siblings: dict[tuple[int, str], float]) -> None:
    requested = {row.rep: row for row in rows if row.requested is not None}
    for row in rows:
        cause = requested.get(row.rep)
        clean = siblings.get((row.rep, row.fault_id))
        if cause is None or cause.requested is None or clean is None or row.requested is not None:
            continue
        dose = _dose(_spec(cause), cause.requested)
        if dose < LEAST_DOSE:
            continue
        change = max(0.0, _dose(_spec(row), row.measured) - _dose(_spec(row), clean)) / dose
        key = (cause.fault_id, row.fault_id)
        leak = found.leaks.setdefault(key, Leak(*key))
        leak.repetitions += 1
        leak.total += change
        leak.present += row.present


def _dose(spec: FaultSpec, size: float) -> float:
    """Return 0 for no fault, 1 for severe; less than none is none."""
    return max(0.0, spec.dose(size))
