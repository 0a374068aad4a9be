"""A performance, its looks and the things it needs become a scene."""

from simulator.performance import Performance
from simulator.rendering.looks import PAINTED_STEEL, RUBBER, STEEL, barbell, pullup_bar
from simulator.rendering.scene import Looks, Prop, Scene


def stage(performance: Performance, looks: Looks) -> Scene:
    """Put the meshes of the performance's props where its hands hold them."""
    props: list[Prop] = []
    for name, T_world_prop in performance.props.items():
        if name == "barbell":
            parts = zip(("barbell", "plates"), barbell(), (STEEL, RUBBER), strict=True)
        else:
            meshes = pullup_bar(float(T_world_prop[0, 2, 3]))
            parts = zip(("pullup_bar", "stand"), meshes, (STEEL, PAINTED_STEEL), strict=True)
        props += [Prop(part, m.vertices_m, m.faces, rgb, T_world_prop) for part, m, rgb in parts]
    return Scene(performance, looks, tuple(props))
