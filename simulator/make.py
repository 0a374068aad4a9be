"""A plan becomes a clip on disk. Nothing is drawn here: the plan decides everything."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from motions.errors import FormbenchError
from motions.library import EXERCISES, exercise
from motions.motion import resample
from motions.perform import perform
from motions.recordings import recording
from simulator.bodies.body import Body
from simulator.bodies.library import build_body
from simulator.cameras.handheld import turns_rad
from simulator.clip import Clip, write_clip
from simulator.clutter import furnished
from simulator.deliver import deliver
from simulator.faults.injection import Injection
from simulator.faults.library import faults_of
from simulator.faults.spec import FaultSpan, FaultSpec
from simulator.filming import film
from simulator.performance import Performance, Unperformable
from simulator.physics.balancing import balance, on_feet
from simulator.physics.report import plausibility
from simulator.physics.tracking import can_settle, settle
from simulator.plan import ClipPlan
from simulator.putting_down import put_down
from simulator.rendering.renderer import Renderer
from simulator.rendering.staging import stage
from simulator.truth import measure_views


def performance_of(plan: ClipPlan) -> Performance:
    """Perform or play, deliver the faults and judge the mechanics: the clip without cameras."""
    performance, figures = deliver_plan(plan), {}
    if plan.balance and on_feet(performance):
        balanced = balance(performance)
        performance = balanced.performance
        figures = {"balanced_mean_m": balanced.moved_mean_m, "balanced_max_m": balanced.moved_max_m}
    if plan.settle and can_settle(performance):
        settled = settle(performance)
        performance = settled.performance
        figures |= settled.figures
    figures |= plausibility(performance)
    return replace(performance, metrics={**performance.metrics, **figures})


def deliver_plan(plan: ClipPlan) -> Performance:
    """Perform or play and deliver the faults, without judging the mechanics.

    Raises:
        Unperformable: The person cannot show them.
    """
    grip = plan.exercise in EXERCISES and exercise(plan.exercise).grips
    body = _body(plan.body_model, tuple(plan.body_values.items()), grip)
    if plan.recording is not None:
        motion = resample(recording(plan.recording), plan.fps)
    elif plan.style is not None:
        what, style = exercise(plan.exercise), plan.style
        style = put_down(what, style, body, plan.fps) if what.puts_down else style
        motion = perform(what, style, plan.fps)
    else:
        raise FormbenchError(f"{plan.clip_id}: expected a recording or a style, got neither")
    try:
        return deliver(motion, body, plan.injections)
    except FormbenchError as error:
        raise Unperformable(f"{plan.clip_id} of {plan.subject_id}: {error}") from error


@lru_cache(maxsize=2)
def _body(model: str, values: tuple[tuple[str, float], ...], grip: bool) -> Body:
    """Build a person once for all clips of a set."""
    return build_body(model, dict(values), grip=grip)


def make_clip(
    plan: ClipPlan, renderer: Renderer | None, folder: Path, performance: Performance | None = None
) -> Clip:
    """Make a clip and write it into an existing, empty folder.

    Args:
        plan: What to make.
        renderer: Draws the pixels; None for keypoints only.
        folder: Where the files go.
        performance: What `performance_of` gives for the plan, where that is known already.
    """
    if performance is None:
        performance = performance_of(plan)
    scene = furnished(stage(performance, plan.looks), plan.things, plan.others, plan.body_model)
    others = [person.performance for person in scene.others]
    cameras = plan.cameras
    if plan.shakes:
        n_frames, fps = performance.n_frames, performance.fps
        cameras = tuple(
            replace(camera, turns_rad=turns_rad(shake, n_frames, fps))
            for camera, shake in zip(cameras, plan.shakes, strict=True)
        )
    views = measure_views(performance, cameras, scene.props, others)
    if renderer is not None:
        views = film(scene, views, renderer, folder, plan.passes, plan.sensors)
    body = performance.body.params
    clip = Clip(
        clip_id=plan.clip_id,
        exercise=plan.exercise,
        subject_id=plan.subject_id,
        group_id=plan.group_id,
        fps=plan.fps,
        joints_world_m=performance.joints_world_m,
        world_wxyz=performance.world_wxyz,
        rest_offsets_m=performance.body.skeleton.offsets_m,
        keypoints_world_m={
            name: points
            for name, points in performance.body.keypoints_world_m(
                performance.root_m, performance.world_wxyz
            ).items()
            if name != "smpl22"
        },
        contacts=performance.motion.contacts,
        phase=performance.motion.phase,
        reps=performance.motion.reps,
        faults=measure_faults(performance, plan),
        views=views,
        body={
            "model": body.model,
            "version": body.version,
            "values": dict(body.values),
            "height_m": performance.body.height_m,
        },
        metrics=dict(performance.metrics),
        licences={"motion": performance.motion.licence, "body": body.licence} | _of_pixels(plan),
        plan=plan.to_json(),
    )
    write_clip(clip, folder)
    return clip


def _of_pixels(plan: ClipPlan) -> dict[str, str]:
    if not plan.render:
        return {}
    surroundings = plan.looks.surroundings
    found = {f"thing {number}": thing.licence for number, thing in enumerate(plan.things, 1)}
    found["surroundings"] = surroundings.licence if surroundings else ""
    return {name: licence for name, licence in found.items() if licence}


def measure_faults(performance: Performance, plan: ClipPlan) -> tuple[FaultSpan, ...]:
    """Measure every fault of the exercise in every repetition, injected or not."""
    asked = {(i.fault_id, i.rep): i for i in plan.injections}
    return tuple(
        _measured(performance, fault, rep, asked.get((fault.id, rep)))
        for rep in range(len(performance.motion.reps))
        for fault in (faults_of(plan.exercise) if plan.exercise in EXERCISES else ())
    )


def _measured(
    performance: Performance, fault: FaultSpec, rep: int, asked: Injection | None
) -> FaultSpan:
    span = performance.motion.reps[rep]
    size, side = fault.read(performance, span)
    return FaultSpan(
        fault_id=fault.id,
        rep=rep,
        span=span,
        side=side,
        unit=fault.unit,
        requested=None if asked is None else asked.size,
        requested_side="" if asked is None else asked.side,
        measured=size,
        severity=fault.severity(size),
        present=fault.is_present(size),
        grey=fault.is_grey(size),
    )
