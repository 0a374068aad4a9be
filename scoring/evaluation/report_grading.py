"""The page's account of sizes: whether a score falls as a fault grows, and what scorers name."""

from html import escape

from scoring.evaluation.report_table import name_of, table
from scoring.evaluation.results import ALL_VIEWS, ANY_FAULT, Grading, Results
from scoring.evaluation.wording import fault_title, number_cell, share_cell
from simulator.faults.library import FAULTS


def grading(results: Results, exercise: str) -> str:
    """Show rank correlation, monotonicity, and errors of what is said, over all views."""
    rows = []
    for fault_id in results.faults_to_tell(exercise):
        for name in results.names if fault_id != ANY_FAULT else ():
            row = results.row(name, fault_id, ALL_VIEWS, exercise)
            if row is not None and row.grading is not None and row.grading.spearman is not None:
                rows.append(
                    f'<tr><th scope="row">{escape(fault_title(fault_id))}</th>'
                    f"<td>{name_of(results, name)}</td>{_cells(row.grading, fault_id)}</tr>"
                )
    if not rows:
        return ""
    told = (
        "Over all views, where no other fault is present. Rank correlation with the measured size; "
        "the share of neighbouring rungs of a ladder between which the evidence grows; the error "
        "of the size that a scorer names, in the fault's unit; how often the side that it names is "
        "right; how much of the time."
    )
    head = ["Fault", "Scorer", "Spearman", "Kendall", "Monotonicity", "Size off by", "Side right",
            "Time overlaps"]  # fmt: skip
    return f"<h3>Size, side and time</h3>{table(head, rows, told)}"


def _cells(g: Grading, fault_id: str) -> str:
    size = "&ndash;" if g.size_error is None else f"{g.size_error:.3g} {FAULTS[fault_id].unit}"
    return (
        f"{number_cell(g.spearman, f'{g.n} repetitions')}{number_cell(g.kendall)}"
        f'{share_cell(g.monotonicity)}<td class="number">{size}</td>'
        f"{share_cell(g.side_accuracy)}{share_cell(g.time_overlap)}"
    )
