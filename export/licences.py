"""What the licences of a dataset's ingredients allow, and a refusal where they don't.

A clip carries an SPDX expression for each of its ingredients: motion, body and so on. What is not
in the table below, LicenseRef-... above all, is taken to allow nothing. A reading aid, no legal
advice.
"""

import re
from dataclasses import dataclass

from export.dataset import Dataset
from motions.errors import FormbenchError, unknown_name
from simulator.clip import read_about

USES = ("research", "commercial")


@dataclass(frozen=True)
class Licence:
    """What one licence says about use and about handing on."""

    id: str
    """The SPDX identifier."""
    uses: tuple[str, ...]
    """Those of USES that it allows."""
    duties: str
    """What it asks of whoever hands the data on."""

    @property
    def url(self) -> str:
        """Where SPDX has its text."""
        return f"https://spdx.org/licenses/{self.id}.html"


_ANY_USE = ("research", "commercial")
_KEEP_NOTICE = "keep the licence text and the notices"
_CREDIT = "name the authors, link to the licence, say what was changed"

LICENCES = {
    licence.id: licence
    for licence in (
        Licence("Apache-2.0", _ANY_USE, _KEEP_NOTICE),
        Licence("BSD-2-Clause", _ANY_USE, _KEEP_NOTICE),
        Licence("BSD-3-Clause", _ANY_USE, _KEEP_NOTICE),
        Licence("CC-BY-4.0", _ANY_USE, _CREDIT),
        Licence("CC-BY-NC-4.0", ("research",), _CREDIT),
        Licence("CC-BY-NC-SA-4.0", ("research",), f"{_CREDIT}; hand on under the same licence"),
        Licence("CC-BY-SA-4.0", _ANY_USE, f"{_CREDIT}; hand on under the same licence"),
        Licence("CC0-1.0", _ANY_USE, "none"),
        Licence("MIT", _ANY_USE, _KEEP_NOTICE),
        Licence("Zlib", _ANY_USE, "do not claim to be the author; mark changes"),
    )
}


def allows(expression: str, use: str) -> bool:
    """Whether an SPDX expression of identifiers, AND and OR allows a use.

    AND binds tighter than OR, as in SPDX. An identifier that is not in LICENCES allows nothing.

    >>> allows("Apache-2.0 AND CC0-1.0", "commercial")
    True
    >>> allows("CC-BY-NC-4.0", "commercial"), allows("CC-BY-NC-4.0 OR MIT", "commercial")
    (False, True)
    """
    if use not in USES:
        raise unknown_name("use", use, USES)
    return any(
        all(name in LICENCES and use in LICENCES[name].uses for name in names)
        for names in _alternatives(expression)
    )


def check_use(dataset: Dataset, use: str) -> None:
    """Prove that every ingredient of every clip allows a use.

    Raises:
        FormbenchError: One does not; the message names the first clip, the ingredient, its
            licence and how many clips are like it.
    """
    refused = {expression for expression in dataset.licences if not allows(expression, use)}
    clips = [row for row in dataset.rows if refused.intersection(row.licences)]
    if clips:
        lineage = read_about(dataset.clip_folder(clips[0].clip_id))["licences"]
        ingredient = min(name for name, expression in lineage.items() if expression in refused)
        raise FormbenchError(
            f"clip {clips[0].clip_id}: the {ingredient} is under {lineage[ingredient]}, which does "
            f"not allow {use} use; {len(clips)} of {len(dataset.rows)} clips have such ingredients"
        )


def duties(dataset: Dataset) -> dict[str, str]:
    """Return what each licence in a dataset asks of whoever hands it on, by identifier, sorted."""
    names = {
        name
        for expression in dataset.licences
        for alternative in _alternatives(expression)
        for name in alternative
    }
    unknown = "not known here: ask whoever gave you the ingredient"
    return {name: LICENCES[name].duties if name in LICENCES else unknown for name in sorted(names)}


def _alternatives(expression: str) -> list[list[str]]:
    """Part "A AND B OR C" into [[A, B], [C]]."""
    alternatives = [
        [name.strip() for name in part.split(" AND ")] for part in expression.split(" OR ")
    ]
    for names in alternatives:
        for name in names:
            if not re.fullmatch(r"[A-Za-z0-9.+-]+", name):
                raise FormbenchError(
                    f"licence: expected SPDX identifiers joined by AND and OR, got {expression!r}"
                )
    return alternatives
