"""What a dataset has of each fault, dose, view and body, what is missing, and how to make it.

A repetition counts where it is seen from, at the quarter of the dose that its measured size is
nearest to, whatever was asked for; repetitions without a fault count under none.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby, product
from pathlib import Path

import yaml

from export.dataset import Dataset
from export.files import write_json
from export.rows import BODY_SHAPES, ClipRow, FaultRow
from motions.library import EXERCISES
from simulator.cameras.rigs import FEWEST_CAMERAS, STANDS
from simulator.faults.library import FAULTS, faults_of

SCHEMA = "formbench.balance/1"
DOSES = (0.25, 0.5, 0.75, 1.0)
USUAL_VIEWS = ("front", "side")
"""Where nothing simulated says which views are wanted."""
_SUBJECTS_A_SHAPE = 4


@dataclass(frozen=True, order=True)
class Cell:
    """One kind of repetition."""

    exercise: str
    fault_id: str
    """"none" for a clean repetition."""
    dose: float
    """One of DOSES; 0 for a clean repetition."""
    view: str
    body_shape: str


@dataclass(frozen=True)
class Balance:
    """How many repetitions there are of each kind."""

    synthetic: Counter[Cell]
    real: Counter[Cell]
    missing: tuple[Cell, ...]
    """What is in neither, of the faults that can be made, sorted."""


def balance_of(dataset: Dataset) -> Balance:
    """Count the repetitions of a dataset, and find what is missing in it."""
    counts: dict[str, Counter[Cell]] = {"synthetic": Counter(), "real": Counter()}
    # Both tables are in the order of clips, so that one pass over each is enough.
    by_clip = groupby(dataset.fault_rows(), key=lambda fault: fault.clip_id)
    clip_id, faults = next(by_clip, ("", iter(())))
    for row in dataset.rows:
        present: list[FaultRow] = []
        if clip_id == row.clip_id:
            present = [fault for fault in faults if fault.present]
            clip_id, faults = next(by_clip, ("", iter(())))
        for fault in present:
            counts[row.origin].update(_cells(row, fault.fault_id, dose_of(fault)))
        n_clean = row.n_reps - len({fault.rep for fault in present})
        for cell in _cells(row, "none", 0.0):
            counts[row.origin][cell] += n_clean
    there = {cell for count in counts.values() for cell, n in count.items() if n}
    missing = sorted(set(_wanted(dataset)) - there)
    return Balance(+counts["synthetic"], +counts["real"], tuple(missing))


def dose_of(fault: FaultRow) -> float:
    """Return the one of DOSES that a measured fault is nearest to.

    A fault that is not in the table, because others named it, goes by its severity.
    """
    spec = FAULTS.get(fault.fault_id)
    dose = fault.severity
    if spec is not None:
        dose = (fault.measured - spec.neutral) / (spec.severe - spec.neutral)
    return min(DOSES, key=lambda d: (abs(d - dose), d))


def write_balance(balance: Balance, folder: Path) -> None:
    """Write balance.json and, for each exercise that lacks anything, fill/<exercise>.yaml."""
    there = {"synthetic": balance.synthetic, "real": balance.real}
    write_json(
        {
            "schema": SCHEMA,
            "missing": [asdict(cell) for cell in balance.missing],
            **{
                origin: [{**asdict(cell), "n_reps": n} for cell, n in sorted(count.items())]
                for origin, count in there.items()
            },
        },
        folder / "balance.json",
    )
    for exercise in sorted({cell.exercise for cell in balance.missing}):
        (folder / "fill").mkdir(exist_ok=True)
        text = filling_config([cell for cell in balance.missing if cell.exercise == exercise])
        (folder / "fill" / f"{exercise}.yaml").write_text(text, encoding="utf-8")


def filling_config(missing: list[Cell]) -> str:
    """Return a config for `workbench generate` that makes the missing cells of one exercise.

    Bodies are drawn, so it asks for enough people to expect each shape among them.
    """
    doses: dict[str, list[float]] = {}
    for cell in missing:
        if cell.fault_id != "none" and cell.dose not in doses.setdefault(cell.fault_id, []):
            doses[cell.fault_id].append(cell.dose)
    views = sorted({cell.view for cell in missing})
    config = {
        "seed": 1,
        "exercises": [missing[0].exercise],
        "reps": max([2, *(FAULTS[fault_id].fewest_reps for fault_id in doses)]),
        "subjects": _SUBJECTS_A_SHAPE * len(BODY_SHAPES),
        "clean": any(cell.fault_id == "none" for cell in missing),
        "faults": [
            {"fault": FAULTS[fault_id].name, "dose_ladder": sorted(ladder)}
            for fault_id, ladder in sorted(doses.items())
        ],
        "cameras": {"named": views if len(views) >= FEWEST_CAMERAS else list(USUAL_VIEWS)},
    }
    return str(yaml.safe_dump(config, sort_keys=False))


def _cells(row: ClipRow, fault_id: str, dose: float) -> Iterator[Cell]:
    return (Cell(row.exercise, fault_id, dose, view, row.body_shape) for view in row.cameras)


def _wanted(dataset: Dataset) -> Iterator[Cell]:
    """Yield every cell that simulated clips of these exercises and views could fill."""
    simulated = (row for row in dataset.rows if row.origin == "synthetic")
    views = sorted({view for row in simulated for view in row.cameras} & set(STANDS))
    for exercise in sorted({row.exercise for row in dataset.rows} & set(EXERCISES)):
        kinds = [("none", 0.0)]
        for fault in faults_of(exercise):
            # A dose that is less than mild is no fault, so no clip could ever fill its cell.
            sizes = {dose: fault.neutral + dose * (fault.severe - fault.neutral) for dose in DOSES}
            kinds += [(fault.id, dose) for dose, size in sizes.items() if fault.is_present(size)]
        for (fault_id, dose), view, shape in product(kinds, views or USUAL_VIEWS, BODY_SHAPES):
            yield Cell(exercise, fault_id, dose, view, shape)
