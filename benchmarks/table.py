"""What every benchmark prints: a row a figure with its target and its peer; exit 1 on a miss."""

import argparse
import json
import operator
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

_HOLDS = {">=": operator.ge, "<=": operator.le, "==": operator.eq}


@dataclass(frozen=True)
class Row:
    """One measured figure."""

    figure: str
    value: float
    target: str = ""
    """">= 0.99" and the like; empty for what is only told."""
    peer: str = ""
    """What it is held against: another library in the same run, or a published value."""

    @property
    def ok(self) -> bool:
        """Whether the value reaches the target."""
        if not self.target:
            return True
        sign, _, bound = self.target.partition(" ")
        return bool(_HOLDS[sign](self.value, float(bound)))


def arguments(
    about: str | None, exercises: Sequence[str] = (), *, workers: bool = False
) -> argparse.Namespace:
    """Read --quick and --json from the command line, and where asked for --exercise, --workers."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--quick", action="store_true", help="less of it, within 50 s")
    parser.add_argument("--json", action="store_true", help="print JSON")
    if exercises:
        parser.add_argument(
            "--exercise", action="append", choices=exercises, help="only this one; may be repeated"
        )
    if workers:
        parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes")
    return parser.parse_args()


def finish(rows: Sequence[Row], as_json: bool) -> None:
    """Print the rows as a Markdown table or JSON; exit with 1 where one falls short."""
    if as_json:
        print(json.dumps([asdict(row) | {"ok": row.ok} for row in rows], indent=1))
    else:
        print("| figure | value | target | peer |\n|---|---|---|---|")
        for row in rows:
            short = "" if row.ok else " (short)"
            print(f"| {row.figure} | {row.value:.4g}{short} | {row.target} | {row.peer} |")
    sys.exit(not all(row.ok for row in rows))
