"""One YAML file says which clips make a dataset and how they are parted.

    seed: 0
    sources:
      - {name: gym, dataset: ../gym}                                     # simulated, or imported
      - {name: film, labels: ../campaign, licence: CC-BY-4.0}            # what `label pull` brought
    splits:
      shares: {train: 0.7, validation: 0.2, test: 0.1}
      by: [session]                  # besides people
      real: {validation: 1.0}        # share of real clips
    private_test: {share: 0.1, seed: 77}

Folders are relative to the file. Unknown keys are errors.
"""

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from export.licences import USES
from export.splits import SIDES, TEST
from motions.errors import FormbenchError, unknown_name

_Share = Annotated[float, Field(gt=0, lt=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceEntry(_Strict):
    """Where clips come from: a sealed dataset, or a folder of pulled annotations."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_]*$")
    """Comes before the ids of clips, groups and simulated people."""
    dataset: Path | None = None
    labels: Path | None = None
    licence: str | None = None
    """What the people in the footage and its owner consented to, an SPDX expression."""

    @model_validator(mode="after")
    def _one_place(self) -> "SourceEntry":
        if (self.dataset is None) == (self.labels is None):
            raise ValueError("expected either dataset or labels")
        if (self.licence is None) == (self.labels is not None):
            raise ValueError("expected the licence of the footage, with labels and only there")
        return self


class SplitEntry(_Strict):
    """How clips are parted; see `export.splits.split_dataset`."""

    shares: dict[str, _Share] = {"train": 0.7, "validation": 0.3}
    by: tuple[str, ...] = ()
    real: dict[str, Annotated[float, Field(ge=0, le=1)]] = {}


class PrivateTest(_Strict):
    """A test set that is written apart; another seed draws other people."""

    share: _Share
    seed: int = Field(ge=0)


class BuildSpec(_Strict):
    """What a dataset is built from."""

    seed: int = Field(ge=0)
    sources: list[SourceEntry] = Field(min_length=1)
    splits: SplitEntry = SplitEntry()
    private_test: PrivateTest | None = None
    licence: str | None = None
    """A use that the dataset has to allow, or nothing is built."""

    @model_validator(mode="after")
    def _consistent(self) -> "BuildSpec":
        names = [source.name for source in self.sources]
        if len(set(names)) < len(names):
            raise ValueError(f"sources: expected each name once, got {', '.join(names)}")
        if self.licence is not None and self.licence not in USES:
            raise unknown_name("licence", self.licence, USES)
        for side in self.splits.shares:
            if side not in (*SIDES, TEST):
                raise unknown_name("splits.shares: side", side, (*SIDES, TEST))
        if self.private_test is not None and "test" in self.splits.shares:
            raise ValueError("expected a test set in splits.shares or private_test, got both")
        return self


def read_spec(path: Path) -> BuildSpec:
    """Read a spec with its folders as seen from here, or say in one line what is wrong with it."""
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FormbenchError(f"{path}: no such file") from error
    except (UnicodeDecodeError, IsADirectoryError) as error:
        raise FormbenchError(f"{path}: expected a YAML text file: {error}") from error
    except yaml.YAMLError as error:
        raise FormbenchError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    try:
        spec = BuildSpec.model_validate(given)
    except FormbenchError as error:
        raise FormbenchError(f"{path}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(map(str, first["loc"])) or "the file"
        said = first["msg"].removeprefix("Value error, ")
        got = "" if first["type"] == "value_error" else f", got {first['input']!r}"
        raise FormbenchError(f"{path}: {at}: {said}{got}") from error
    sources = [source.model_copy(update=_from(path.parent, source)) for source in spec.sources]
    return spec.model_copy(update={"sources": sources})


def spec_text(spec: BuildSpec) -> str:
    """Write a spec without the private test's seed and without folders, as a dataset keeps it."""
    plain = spec.model_dump(mode="json", exclude_none=True)
    for source in plain["sources"]:
        for kind in ("dataset", "labels"):
            if kind in source:
                source[kind] = Path(source[kind]).name
    plain.get("private_test", {}).pop("seed", None)
    return str(yaml.safe_dump(plain, sort_keys=False))


def _from(folder: Path, source: SourceEntry) -> dict[str, Any]:
    places = {"dataset": source.dataset, "labels": source.labels}
    return {kind: folder / place for kind, place in places.items() if place is not None}
