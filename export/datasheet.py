"""The datasheet of a dataset: one page of Markdown that says what is in it and what may be done.

After Gebru et al. 2021, "Datasheets for Datasets", as far as the files themselves can answer.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from export.dataset import Dataset
from export.licences import LICENCES, USES, allows, duties
from export.rows import ClipRow
from simulator.clip import read_about

Sides = Mapping[str, Sequence[ClipRow]]


def datasheet(dataset: Dataset, sides: Sides) -> str:
    """Return the datasheet of a dataset whose clips are on these sides."""
    lines = [
        "# Datasheet",
        "",
        f"Dataset `{dataset.content_sha256}`, sealed by formbench {dataset.formbench}.",
        "",
        "## What is in it",
        "",
        *_table(("", *sides), _counts(sides)),
        "",
        "Clips by exercise, and by the faults that are present in some of their repetitions:",
        "",
        *_table(("exercise", "fault", *sides), _contents(sides)),
        "",
        "## What may be done with it",
        "",
        *(_use(dataset, use) for use in USES),
        "",
        *_table(("ingredient", "licence", "clips"), _lineage(dataset)),
        "",
        *_table(("licence", "asks of whoever hands it on"), _duties(dataset)),
        "",
        "## How it was made",
        "",
        "The plan in each clip.json is complete: the same plan and versions give the same bytes.",
        "",
        *_table(("package", "version"), sorted(dataset.packages.items())),
    ]
    return "\n".join(lines) + "\n"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(header) + " |"
    yield "|---" * len(header) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _counts(sides: Sides) -> Iterator[Sequence[str]]:
    for what, count in (
        ("subjects", lambda rows: len({row.subject_id for row in rows})),
        ("clips", len),
        ("repetitions", lambda rows: sum(row.n_reps for row in rows)),
        ("seconds", lambda rows: round(sum(row.n_frames / row.fps for row in rows))),
        ("views", lambda rows: sum(len(row.cameras) for row in rows)),
    ):
        yield (what, *(str(count(rows)) for rows in sides.values()))


def _contents(sides: Sides) -> Iterator[Sequence[str]]:
    counts: Counter[tuple[str, str, str]] = Counter()
    for side, rows in sides.items():
        for row in rows:
            counts.update((row.exercise, fault, side) for fault in row.faults or ("none",))
    for exercise, fault in sorted({(exercise, fault) for exercise, fault, _ in counts}):
        yield (exercise, fault, *(str(counts[exercise, fault, side]) for side in sides))


def _use(dataset: Dataset, use: str) -> str:
    refused = [expression for expression in dataset.licences if not allows(expression, use)]
    verdict = f"not allowed by {', '.join(refused)}" if refused else "allowed"
    return f"- {use} use: {verdict}"


def _lineage(dataset: Dataset) -> Iterator[Sequence[str]]:
    """Yield what clips are made from, under which licence, and how many there are."""
    counts: Counter[tuple[str, str]] = Counter()
    for row in dataset.rows:
        counts.update(read_about(dataset.clip_folder(row.clip_id))["licences"].items())
    for (ingredient, licence), n_clips in sorted(counts.items()):
        yield (ingredient, licence, str(n_clips))


def _duties(dataset: Dataset) -> Iterator[Sequence[str]]:
    for name, duty in duties(dataset).items():
        yield (f"[{name}]({LICENCES[name].url})" if name in LICENCES else name, duty)
