"""What a config says about pixels: `render: true`, `render: false`, or what is wanted beside.

render:
  passes: [depth, parts]          # of simulator.rendering.passes.PASSES
"""

from typing import Self

from pydantic import BaseModel, model_validator

from simulator.fault_entries import STRICT
from simulator.rendering.passes import check_passes


class RenderEntry(BaseModel):
    """What is drawn."""

    model_config = STRICT

    passes: list[str] = []
    """Videos of truth for every pixel, beside the pictures."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        check_passes(self.passes)
        if len(set(self.passes)) < len(self.passes):
            raise ValueError(f"passes: expected each once, got {self.passes}")
        return self
