import numpy as np
import pytest
import trimesh

from simulator.bodies.body import BODY_PARTS
from simulator.bodies.clothes import LIFT_M, hemmed, vertex_normals, worn

SKIN, SHIRT, SHORTS = (BODY_PARTS.index(name) for name in ("skin", "shirt", "shorts"))


def ball(radius_m=0.5):
    """A ball above the floor, the upper half a shirt, with a ragged edge."""
    mesh = trimesh.creation.icosphere(subdivisions=4, radius=radius_m)
    vertices_m = mesh.vertices + np.array([0, 0, 1])
    parts = np.where(vertices_m[mesh.faces].mean(axis=1)[:, 2] > 1.0, SHIRT, SKIN)
    weights = np.random.default_rng(0).dirichlet(np.ones(22), len(vertices_m))
    return vertices_m, mesh.faces, parts.astype(np.uint8), weights


def test_hems_cut_faces_without_opening_or_bending_the_surface():
    vertices_m, faces, parts, weights = ball()
    cut = hemmed(vertices_m, faces, parts, weights)
    before, after = trimesh.Trimesh(vertices_m, faces), trimesh.Trimesh(cut[0], cut[1])

    assert after.is_watertight
    assert after.is_winding_consistent
    assert after.volume == pytest.approx(before.volume, rel=1e-12)
    assert len(cut[2]) == len(cut[1]) > len(faces)
    assert np.array_equal(cut[0][: len(vertices_m)], vertices_m)
    assert cut[3].sum(axis=1) == pytest.approx(1, abs=1e-12)


def test_hems_run_straighter_than_the_edges_of_faces():
    def hem_m(vertices_m, faces, parts):
        edges = np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
        of_part = np.repeat(parts, 3)
        shirt, skin = ({tuple(e) for e in edges[of_part == p].tolist()} for p in (SHIRT, SKIN))
        ends_m = vertices_m[np.array(sorted(shirt & skin))]
        return np.linalg.norm(ends_m[:, 0] - ends_m[:, 1], axis=1).sum()

    vertices_m, faces, parts, weights = ball()
    cut = hemmed(vertices_m, faces, parts, weights)

    assert hem_m(vertices_m, faces, parts) > 1.1 * np.pi
    assert hem_m(*cut[:3]) < 1.02 * np.pi  # the equator's length


def test_one_part_is_not_cut():
    vertices_m, faces, _, weights = ball()
    parts = np.full(len(faces), SHORTS, dtype=np.uint8)
    cut = hemmed(vertices_m, faces, parts, weights)

    assert len(cut[0]) == len(vertices_m)
    assert np.array_equal(cut[1], faces)
    assert np.array_equal(cut[2], parts)


def test_clothes_lie_off_the_skin_and_the_skin_stays():
    vertices_m, faces, parts, _ = ball()
    shape_m = worn(vertices_m, faces, parts)
    radius_m = np.linalg.norm(shape_m - [0, 0, 1], axis=1)
    is_skin = vertices_m[:, 2] < 0.99
    is_shirt = vertices_m[:, 2] > 1.05

    assert np.array_equal(shape_m[is_skin], vertices_m[is_skin])
    assert radius_m[is_shirt].mean() > 0.5  # evening out takes away less than lifting adds
    assert radius_m[is_shirt].min() > 0.499
    assert radius_m[is_shirt].max() < 0.5 + LIFT_M["shirt"] + 1e-6


def test_nothing_is_worn_below_the_soles():
    vertices_m, faces, _, _ = ball()
    parts = np.full(len(faces), SHORTS, dtype=np.uint8)
    shape_m = worn(vertices_m, faces, parts)

    assert shape_m[:, 2].min() == vertices_m[:, 2].min()
    assert shape_m[:, 2].max() > vertices_m[:, 2].max()


def test_normals_of_a_ball_point_away_from_its_middle():
    vertices_m, faces, _, _ = ball()

    assert vertex_normals(vertices_m, faces) == pytest.approx(
        (vertices_m - [0, 0, 1]) / 0.5, abs=0.02
    )
