"""How right the truth is, found out another way: for benchmarks/render.py."""

from collections.abc import Sequence
from itertools import islice, pairwise

import cv2
import numpy as np
import trimesh

from simulator.bodies.body import Body
from simulator.cameras.camera import Camera
from simulator.rendering.passes import flow_px
from simulator.rendering.renderer import Frame, Renderer
from simulator.rendering.scene import Scene
from simulator.truth import measure_views, reaches_m

BAND_M = 0.003
"""Points whose skin is so near to where it would decide otherwise are left out."""
LIMB_MM = 40
"""Neighbouring pixels whose depths differ by more show two limbs."""
_AROUND = np.ones((3, 3))


def chosen_frames(
    renderer: Renderer, scene: Scene, cameras: Sequence[Camera], n: int, passes: Sequence[str]
) -> list[Frame]:
    """Draw instants spread over a scene."""
    step = scene.performance.n_frames // n
    drawn = islice(renderer.render(scene, cameras, passes), 0, n * step, step)
    return [frame for frames in drawn for frame in frames]


def depth_within_share(ours: Sequence[Frame], theirs: Sequence[Frame], mm: int) -> float:
    """Return the share of pixels well inside of both people whose depths differ by `mm` at most."""
    off_mm = []
    for a, b in zip(ours, theirs, strict=True):
        both = cv2.erode((a.person & b.person).astype(np.uint8), np.ones((5, 5))) > 0
        off_mm.append((a.passes["depth"].astype(int) - b.passes["depth"])[both])
    return float((np.abs(np.concatenate(off_mm)) <= mm).mean())


def flow_off_px(renderer: Renderer, scene: Scene, cameras: Sequence[Camera], n: int) -> float:
    """Return how far flow is off at the vertices that are seen, at 99.9 of 100 of them, in pixels.

    A vertex is seen where its depth is that of the pixel; its flow is mixed from the four pixels'
    centres about it, if all about them show the person and none of another limb.
    """
    step = scene.performance.n_frames // n
    frames = chosen_frames(renderer, scene, cameras, n, ["flow", "depth", "parts"])
    used = np.unique(scene.performance.body.faces)
    off_px = []
    for index, frame in enumerate(frames):
        instant, camera = index // len(cameras) * step, cameras[index % len(cameras)]
        now_m, then_m = scene.performance.skin(slice(instant, instant + 2))[0][:, used]
        (now_px, depth_m), (then_px, _) = camera.project(now_m), camera.project(then_m)
        at = [v.astype(np.float32)[None] for v in (now_px - 0.5).T]
        depth_mm = frame.passes["depth"].astype(np.float32)
        jumps = cv2.dilate(depth_mm, _AROUND) - cv2.erode(depth_mm, _AROUND) > LIMB_MM
        shown = cv2.erode((frame.passes["parts"] > 0).astype(np.uint8), _AROUND)
        inside = shown * ~jumps
        near = cv2.remap(depth_mm, *at, cv2.INTER_LINEAR)[0]
        seen = (cv2.remap(inside, *at, cv2.INTER_NEAREST)[0] > 0) & (
            np.abs(near - 1000 * depth_m) < 3
        )
        found = cv2.remap(flow_px(frame.passes["flow"]), *at, cv2.INTER_LINEAR)[0]
        off_px.append(np.linalg.norm(found - (then_px - now_px), axis=1)[seen])
    return float(np.quantile(np.concatenate(off_px), 0.999))


def warp_residual(renderer: Renderer, scene: Scene, cameras: Sequence[Camera], n: int) -> float:
    """Return how the person differs from the next frame's, brought back by flow, in 255ths."""
    middle = scene.performance.n_frames // 3
    drawn = list(islice(renderer.render(scene, cameras, ["flow"]), middle, middle + n + 1))
    residuals = []
    for now, then in pairwise(drawn):
        for a, b in zip(now, then, strict=True):
            height, width = a.person.shape
            u, v = np.meshgrid(np.arange(width), np.arange(height))
            moved = np.stack([u, v], axis=-1) + flow_px(a.passes["flow"])
            back = cv2.remap(b.rgb, moved.astype(np.float32), None, cv2.INTER_LINEAR)
            residuals.append(np.abs(back.astype(int) - a.rgb)[a.person].mean())
    return float(np.mean(residuals))


def reprojection_off_px(scene: Scene, cameras: Sequence[Camera]) -> float:
    """Return how far image points are from OpenCV's, with the lens."""
    performance = scene.performance
    world = performance.body.keypoints_world_m(performance.root_m, performance.world_wxyz)
    worst = 0.0
    for view in measure_views(performance, cameras, scene.props):
        camera, T_cam_world = view.camera, np.linalg.inv(view.camera.T_world_cam)
        turn, _ = cv2.Rodrigues(T_cam_world[:3, :3])
        for name, points_m in world.items():
            flat = points_m.reshape(-1, 3)
            lens = np.array(camera.distortion)
            px, _ = cv2.projectPoints(flat, turn, T_cam_world[:3, 3], camera.K, lens)
            off_px = np.abs(px[:, 0] - view.keypoints_px[name].reshape(-1, 2))
            worst = max(worst, float(off_px.max()))
    return worst


def visibility_agreement(scene: Scene, cameras: Sequence[Camera], n: int) -> tuple[float, int]:
    """Return the share of points of n instants on which ray casting agrees, and their number."""
    performance, body = scene.performance, scene.performance.body
    views = measure_views(performance, cameras, scene.props)
    world = body.keypoints_world_m(performance.root_m, performance.world_wxyz)
    reach, rest = reaches_m(body), body.rest_keypoints_m
    agree, compared = 0, 0
    for frame in range(0, performance.n_frames, performance.n_frames // n):
        skin_m = performance.skin(slice(frame, frame + 1))[0][0]
        mesh = trimesh.Trimesh(skin_m, body.faces, process=False)
        for view in views:
            for name in world:
                before_m, away_m = _first_surface(
                    mesh, body, view.camera, world[name][frame], rest[name]
                )
                clear = np.minimum(np.abs(before_m), np.abs(away_m - reach[name])) > BAND_M
                clear &= view.visibility[name][frame] > 0
                visible = (before_m < 0) | (away_m < reach[name])
                agree += int(((view.visibility[name][frame] == 2) == visible)[clear].sum())
                compared += int(clear.sum())
    return agree / compared, compared


def _first_surface(
    mesh: trimesh.Trimesh, body: Body, camera: Camera, points_m: np.ndarray, rest_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how far before each point the first surface is, and how far from it at rest. (K,)."""
    rays = points_m - camera.position_m
    origins = np.tile(camera.position_m, (len(rays), 1))
    where, ray, face = mesh.ray.intersects_location(origins, rays, multiple_hits=False)
    before_m, away_m = np.full(len(rays), -np.inf), np.full(len(rays), np.inf)
    lengths = np.linalg.norm(rays, axis=1)
    before_m[ray] = lengths[ray] - np.linalg.norm(where - camera.position_m, axis=1)
    corners = body.faces[face]
    weights = trimesh.triangles.points_to_barycentric(mesh.vertices[corners], where)
    pierced_m = np.einsum("nc,nca->na", weights, body.rest_vertices_m[corners])
    away_m[ray] = np.linalg.norm(pierced_m - rest_m[ray], axis=1)
    return before_m, away_m
