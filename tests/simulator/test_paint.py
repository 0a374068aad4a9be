import numpy as np
import trimesh

from simulator.bodies.body import BODY_PARTS
from simulator.bodies.stick import build_stick
from simulator.rendering.looks import cylinder
from simulator.rendering.paint import FIRST_PART, THING, coarse_faces, paint_person, paint_thing
from simulator.rendering.scene import Prop


def test_every_face_keeps_its_place_and_has_the_colour_of_its_part(make_scene):
    body = build_stick()
    looks = make_scene().looks
    painted = paint_person(body, looks)
    source = np.concatenate([np.arange(len(body.rest_vertices_m)), painted.doubled])
    colours = np.array([looks.part_rgb[name] for name in BODY_PARTS])

    assert np.array_equal(source[painted.faces], body.faces)
    paint = painted.paint[painted.faces]
    assert (paint[..., 3] == FIRST_PART + body.face_parts[:, None]).all()
    assert (paint[..., :3] == np.round(255 * colours[body.face_parts])[:, None]).all()


def test_a_thing_has_one_colour_and_normals_that_point_outwards():
    mesh = cylinder(0.1, 0.5, n_sides=32)
    prop = Prop("bar", mesh.vertices_m, mesh.faces, (1.0, 0.5, 0.0), np.eye(4)[None])
    normals, paint = paint_thing(prop)

    assert (paint == [255, 128, 0, THING]).all()
    assert np.allclose(np.linalg.norm(normals, axis=1), 1)
    side = np.abs(normals[:, 0]) < 0.5
    outwards = mesh.vertices_m[side] * [0, 10, 10]
    assert (np.sum(normals[side] * outwards, axis=1) > 0.99).all()
    assert (np.abs(normals[~side, 0]) > 0.99).all()


def test_coarse_faces_are_fewer_and_nearly_the_same_surface():
    ball = trimesh.creation.icosphere(subdivisions=5, radius=0.5)
    coarse = coarse_faces(ball.vertices, ball.faces, cell_m=0.1)
    shape = trimesh.Trimesh(ball.vertices, coarse)

    assert len(coarse) < 0.15 * len(ball.faces)
    assert 0.93 < shape.volume / ball.volume < 1
    assert shape.is_winding_consistent


def test_cells_smaller_than_every_edge_change_nothing():
    ball = trimesh.creation.icosphere(subdivisions=2, radius=0.5)

    assert np.array_equal(coarse_faces(ball.vertices, ball.faces, cell_m=0.01), ball.faces)
