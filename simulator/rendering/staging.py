"""A performance, its looks and the things it needs become a scene."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from simulator.held import BENCH_M, plate_radius_m
from simulator.performance import Performance
from simulator.rendering.looks import (
    LEATHER,
    MAT,
    PAINTED_STEEL,
    RUBBER,
    STEEL,
    Mesh,
    barbell,
    bench,
    dumbbell,
    pullup_bar,
)
from simulator.rendering.scene import Looks, Prop, Rgb, Scene


def stage(performance: Performance, looks: Looks) -> Scene:
    """Put the meshes of the performance's props where they are."""
    props = tuple(
        Prop(part, mesh.vertices_m, mesh.faces, rgb, T_world_prop)
        for name, T_world_prop in performance.props.items()
        for part, mesh, rgb in _parts(name, T_world_prop, performance.motion.exercise)
    )
    if "mat" in performance.props and looks.mat_rgb is None:
        looks = replace(looks, mat_rgb=MAT)
    return Scene(performance, looks, props)


def _parts(
    name: str, T_world_prop: np.ndarray, exercise_name: str
) -> Iterator[tuple[str, Mesh, Rgb]]:
    """Name the parts of a prop with their surfaces and colours; a mat is painted on the floor."""
    if name == "barbell":
        meshes = barbell(plate_radius_m(exercise_name))
        yield from zip(("barbell", "plates"), meshes, (STEEL, RUBBER), strict=True)
    elif name == "pullup_bar":
        meshes = pullup_bar(float(T_world_prop[0, 2, 3]))
        yield from zip(("pullup_bar", "stand"), meshes, (STEEL, PAINTED_STEEL), strict=True)
    elif name == "bench":
        meshes = bench(BENCH_M, float(T_world_prop[0, 2, 3]))
        yield from zip(("bench", "bench_stand"), meshes, (LEATHER, PAINTED_STEEL), strict=True)
    elif name.endswith("dumbbell"):
        parts = (name, name.replace("dumbbell", "weights"))
        yield from zip(parts, dumbbell(), (STEEL, RUBBER), strict=True)
