"""Which frames to label."""

from labeling.labels import Chosen, Source


def evenly_spaced(source: Source, camera: str, n_frames: int) -> tuple[Chosen, ...]:
    """Choose frames of one camera from the middle of as many equal stretches.

    Fewer are chosen where the source is shorter.
    """
    wanted = min(n_frames, source.n_frames)
    return tuple(
        Chosen(camera, (2 * i + 1) * source.n_frames // (2 * wanted), "even") for i in range(wanted)
    )
