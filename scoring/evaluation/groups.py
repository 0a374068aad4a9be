"""What an evaluation found on groups of people, as plain data."""

from dataclasses import dataclass

from scoring.evaluation.thresholds import Threshold


@dataclass(frozen=True)
class BodyRow:
    """From which size on one scorer sees one fault in one view on one group of people."""

    scorer: str
    poses: str
    exercise: str
    fault_id: str
    view: str
    """A camera's name, or `results.ALL_VIEWS`."""
    attribute: str
    """A key of `bodies.PARTS`."""
    group: str
    n_people: int
    threshold: Threshold


@dataclass(frozen=True)
class GroupGap:
    """How much less one scorer sees on one group of people than on the other."""

    scorer: str
    poses: str
    attribute: str
    """A key of `bodies.PARTS`."""
    worse: str
    better: str
    """The groups."""
    auroc_worse: float
    auroc_better: float
    """Macro, as in `results.Standing`, of the group's people alone."""
    gap: float
    """The first less the second."""
    low: float
    high: float
