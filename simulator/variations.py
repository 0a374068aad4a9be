"""Hard negatives: what looks odd and is correct, for scorers that cry fault too soon.

A variation goes some of the way towards a fault and stays within its correct range, so that the
label is measured as every other: nothing is present, and the clip says which variation it is.
"""

from dataclasses import dataclass

from motions.errors import FormbenchError, unknown_name
from simulator.faults.injection import Injection
from simulator.faults.library import faults_of
from simulator.faults.spec import FaultSpec


@dataclass(frozen=True)
class Variation:
    """One way of being correct that looks like a fault."""

    name: str
    title: str
    fault: str
    """The name of the fault that it looks like; exercises that have this one have the variation."""
    share: float = 0.8
    """Share of the way from neutral to the end of the correct range."""

    def spec(self, exercise_name: str) -> FaultSpec | None:
        """Return the fault of an exercise that it looks like, None if the exercise has none."""
        specs = {spec.name: spec for spec in faults_of(exercise_name)}
        return specs.get(self.fault)

    def injections(self, exercise_name: str, n_reps: int, side: str) -> tuple[Injection, ...]:
        """Return what makes a set of an exercise look so, on a side if it has one."""
        spec = self.spec(exercise_name)
        if spec is None:
            raise FormbenchError(f"{exercise_name}: has no variation {self.name!r}")
        size = spec.neutral + self.share * (spec.correct - spec.neutral)
        side = side if spec.one_sided else "both"
        return tuple(Injection(spec.id, rep, size, side) for rep in range(n_reps))


VARIATIONS: dict[str, Variation] = {
    variation.name: variation
    for variation in (
        Variation("wide_stance", "Wide stance", "feet_too_wide"),
        Variation("narrow_stance", "Narrow stance", "feet_too_narrow"),
        Variation("knees_past_toes", "Deep, with the knees past the toes", "knees_forward"),
        Variation("knock_knees", "Knock-kneed body", "knees_in"),
        Variation("forward_trunk", "Trunk well forward, as long thighs need", "forward_lean"),
        Variation("slow_tempo", "Slow tempo", "tempo_slow"),
        Variation("brisk_tempo", "Brisk tempo", "tempo_fast"),
        Variation("slow_lift", "Lifted more slowly than lowered", "uncontrolled_eccentric"),
        Variation("looking_down", "Looking down a little", "head_dropped"),
        Variation("looking_up", "Looking up a little", "head_craned"),
        # Less of the way, for a bar overhead tips with the trunk, which is a fault of its own.
        Variation("leaning_a_little", "Leaning a little to one side", "lateral_sway", share=0.6),
    )
}


def variations_of(exercise_name: str) -> tuple[Variation, ...]:
    """Return the variations that an exercise has, in the order of the table."""
    return tuple(v for v in VARIATIONS.values() if v.spec(exercise_name) is not None)


def variation(exercise_name: str, name: str) -> Variation:
    """Look up a variation of an exercise, or raise with those that it has."""
    if name not in VARIATIONS:
        raise unknown_name("variation", name, VARIATIONS)
    own = [v.name for v in variations_of(exercise_name)]
    if name not in own:
        raise FormbenchError(
            f"{exercise_name}: has no variation {name!r}; it has {', '.join(own) or 'none'}"
        )
    return VARIATIONS[name]
