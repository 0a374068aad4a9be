"""Things of the user's own: a mesh file becomes a surface that stands on the floor.

The only file that imports trimesh. Sizes are metres; glTF is Y-up as its specification says, all
other formats are taken as Z-up.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
import trimesh

from motions.errors import FormbenchError
from simulator.rendering.looks import Mesh

FORMATS = (".glb", ".obj", ".off", ".ply", ".stl")
MOST_FACES = 200_000
SMALLEST_M, LARGEST_M = 0.05, 4.0


@lru_cache(maxsize=16)
def mesh_of_file(file: str) -> Mesh:
    """Read a thing.

    Returns:
        Its surface, its lowest point at height 0 and the middle of its outline at the origin.

    Raises:
        FormbenchError: There is no such file, it is no mesh of FORMATS, has too many faces, or its
            size is not that of a thing in a room.
    """
    path = Path(file)
    if path.suffix.lower() not in FORMATS:
        raise FormbenchError(f"thing: {path}: expected one of {', '.join(FORMATS)}")
    if not path.is_file():
        raise FormbenchError(f"thing: {path}: no such file")
    try:
        mesh = trimesh.load_mesh(path, process=False)
        vertices_m, faces = np.asarray(mesh.vertices, dtype=np.float64), np.asarray(mesh.faces)
    except Exception as error:  # its readers raise whatever they stumble over
        reason = " ".join(str(error).split())
        raise FormbenchError(f"thing: {path}: not a mesh that can be read: {reason}") from error
    if not 0 < len(faces) <= MOST_FACES:
        raise FormbenchError(f"thing: {path}: expected 1 to {MOST_FACES} faces, got {len(faces)}")
    if path.suffix.lower() == ".glb":
        vertices_m = vertices_m @ np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    low_m, high_m = vertices_m.min(axis=0), vertices_m.max(axis=0)
    size_m = float((high_m - low_m).max())
    if not SMALLEST_M <= size_m <= LARGEST_M:  # NaN too
        raise FormbenchError(
            f"thing: {path}: expected a size of {SMALLEST_M:g} to {LARGEST_M:g} m, got {size_m:g}; "
            "is it in another unit?"
        )
    middle_m = np.array([*(low_m + high_m)[:2] / 2, low_m[2]])
    return Mesh((vertices_m - middle_m).astype(np.float32), faces.astype(np.int32))
