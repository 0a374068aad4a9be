"use strict";
// The page of a dataset. clips.js calls showClips once; clips/ID.js calls showClip for one clip.
const at = (id) => document.getElementById(id);
const PAGE = 24;
let all = null;
let shown = PAGE;
let open = null;

function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

function showClips(about) {
  all = about;
  const filters = at("filters");
  const fill = (name, values) => {
    for (const value of [...new Set(values)].sort()) filters.elements[name].add(new Option(value, value));
  };
  fill("exercise", about.clips.map((clip) => clip.exercise));
  fill("fault", about.clips.flatMap((clip) => clip.faults));
  fill("camera", about.clips.flatMap((clip) => clip.cameras));
  fill("person", about.clips.map((clip) => clip.subject_id));
  for (const [name, value] of new URLSearchParams(location.hash.slice(1)))
    if (filters.elements[name]) filters.elements[name].value = value;
  filters.addEventListener("change", () => { shown = PAGE; list(); });
  at("more").addEventListener("click", () => { shown += PAGE; list(); });
  list();
}

function matching() {
  const wanted = Object.fromEntries(new FormData(at("filters")));
  location.replace("#" + new URLSearchParams(Object.entries(wanted).filter(([, v]) => v)));
  const fits = (value, list) => !value || list.includes(value);
  return all.clips.filter((clip) =>
    fits(wanted.exercise, [clip.exercise]) && fits(wanted.camera, clip.cameras) &&
    fits(wanted.person, [clip.subject_id]) &&
    fits(wanted.fault, clip.faults.length ? clip.faults : ["none"]));
}

function list() {
  const clips = matching();
  at("count").value = `${clips.length} of ${all.clips.length} clips`;
  at("clips").replaceChildren(...clips.slice(0, shown).map(card));
  at("more").hidden = clips.length <= shown;
}

function card(clip) {
  const button = element("button");
  button.type = "button";
  button.dataset.clip = clip.clip_id;
  const camera = at("filters").elements.camera.value || clip.cameras[0];
  const video = clip.videos[camera];
  const picture = element(video ? "video" : "div", "", video ? "" : "empty");
  if (video) {
    Object.assign(picture, { src: video, muted: true, loop: true, preload: "metadata" });
    button.addEventListener("mouseenter", () => picture.play());
    button.addEventListener("mouseleave", () => picture.pause());
  }
  const text = element("div", "", "about");
  const faults = clip.faults.map((id) => all.faults[id]?.title ?? id).join(", ");
  text.append(element("div", `${clip.clip_id}, ${clip.exercise}`),
    element("div", faults || "clean", faults ? "fault" : "clean"),
    element("div", `${clip.subject_id}, ${clip.cameras.join(", ")}`, "soft"));
  button.append(picture, text);
  button.addEventListener("click", () => load(clip.clip_id));
  const item = element("li");
  item.append(button);
  return item;
}

function load(id) {
  const script = element("script");
  script.src = `clips/${id}.js`;
  script.addEventListener("load", () => script.remove());
  document.head.append(script);
}

function showClip(clip) {
  open = { clip, frame: 0, timer: null, views: clip.views.map(makeView) };
  at("title").textContent = `${clip.clip_id}, ${clip.exercise}`;
  const sets = Object.keys(clip.views[0].keypoints);
  at("keypoints").replaceChildren(new Option("none", ""), ...sets.map((name) => new Option(name, name)));
  at("keypoints").value = sets.includes("coco17") ? "coco17" : sets[0];
  const passes = new Set(clip.views.flatMap((view) => Object.keys(view.videos)));
  passes.delete("picture");
  const behind = ["picture", ...passes, "nothing"];
  at("picture").replaceChildren(...behind.map((name) => new Option(name, name)));
  at("views").replaceChildren(...open.views.map((view) => view.figure));
  at("frame").max = clip.n_frames - 1;
  at("faults").tBodies[0].replaceChildren(...clip.faults.map(faultRow));
  at("play").textContent = "Play";
  at("clip").showModal();
  drawSpans();
  seek(0);
}

function makeView(view) {
  const figure = element("figure");
  const stack = element("div", "", "stack");
  stack.style.aspectRatio = `${view.width} / ${view.height}`;
  const canvas = Object.assign(element("canvas"), { width: view.width, height: view.height });
  const src = view.videos.picture;
  const video = src ? Object.assign(element("video"), { src, muted: true, preload: "auto" }) : null;
  if (video) stack.append(video);
  stack.append(canvas);
  figure.append(stack, element("figcaption", view.camera, "soft"));
  return { ...view, figure, canvas, element: video };
}

function faultRow(fault) {
  const row = element("tr", "", fault.present ? "fault" : "");
  const size = (value) => value === null ? "" : `${Number(value.toPrecision(3))} ${fault.unit}`;
  const state = fault.present ? "present" : fault.grey ? "grey zone" : "";
  for (const text of [fault.rep + 1, all.faults[fault.fault_id]?.title ?? fault.fault_id, fault.side,
    size(fault.requested), size(fault.measured), fault.severity.toFixed(2), state])
    row.append(element("td", text));
  return row;
}

function seek(frame) {
  open.frame = Math.max(0, Math.min(frame, open.clip.n_frames - 1));
  // The middle of a frame, so that rounding cannot show its neighbour.
  for (const view of open.views)
    if (view.element) view.element.currentTime = (open.frame + 0.5) / open.clip.fps;
  at("frame").value = open.frame;
  draw();
}

function draw() {
  const { clip, frame } = open;
  at("where").value = `frame ${frame}, ${(frame / clip.fps).toFixed(2)} s`;
  for (const view of open.views) {
    const context = view.canvas.getContext("2d");
    context.clearRect(0, 0, view.width, view.height);
    if (at("mask").checked && view.masks.length) drawMask(context, view, view.masks[frame]);
    if (at("box").checked) drawBox(context, view.boxes[frame]);
    if (at("keypoints").value) drawSkeleton(context, view, at("keypoints").value, frame);
  }
}

function showBehind() {
  const name = at("picture").value;
  for (const { element, videos } of open.views.filter((view) => view.element)) {
    element.style.visibility = videos[name] ? "" : "hidden";
    if (videos[name]) element.src = videos[name];
  }
  seek(open.frame);
}

function drawBox(context, [left, top, right, bottom]) {
  context.strokeStyle = "#fff8";
  context.lineWidth = 1;
  context.strokeRect(left, top, right - left, bottom - top);
}

function drawSkeleton(context, view, name, frame) {
  const points = view.keypoints[name][frame];
  const seen = view.visibility[name][frame];
  const names = all.names[name];
  const colour = (i) => names[i].includes("left") ? "#2878ff" : names[i].includes("right") ? "#ff5a3c" : "#f5f55a";
  context.lineWidth = Math.max(1.5, view.height / 200);
  for (const [a, b] of all.bones[name]) {
    if (points[a][0] === null || points[b][0] === null) continue;
    context.strokeStyle = colour(names[a].includes("left") || names[a].includes("right") ? a : b);
    context.globalAlpha = seen[a] === 2 && seen[b] === 2 ? 1 : 0.4;
    context.beginPath();
    context.moveTo(...points[a]);
    context.lineTo(...points[b]);
    context.stroke();
  }
  points.forEach((point, i) => {
    if (point[0] === null || !seen[i]) return;
    context.globalAlpha = seen[i] === 2 ? 1 : 0.4;
    context.fillStyle = colour(i);
    context.beginPath();
    context.arc(...point, context.lineWidth * 1.4, 0, 2 * Math.PI);
    context.fill();
  });
  context.globalAlpha = 1;
}

function drawMask(context, view, text) {
  const image = context.createImageData(view.width, view.height);
  let pixel = 0;
  let on = false;
  for (const length of runLengths(text)) {
    // Runs go down the columns.
    for (const end = pixel + length; pixel < end; pixel++)
      if (on) image.data.set([0, 220, 140, 110], 4 * ((pixel % view.height) * view.width + Math.floor(pixel / view.height)));
    on = !on;
  }
  context.putImageData(image, 0, 0);
}

// COCO's compressed run lengths: five bits a character, lowest first, from the third on as the
// difference to the run two before.
function runLengths(text) {
  const runs = [];
  for (let i = 0; i < text.length;) {
    let value = 0, shift = 0, code;
    do {
      code = text.charCodeAt(i++) - 48;
      value |= (code & 31) << shift;
      shift += 5;
    } while (code & 32);
    if (code & 16) value |= -1 << shift;
    runs.push(runs.length > 2 ? value + runs[runs.length - 2] : value);
  }
  return runs;
}

function drawSpans() {
  const { clip } = open;
  const canvas = at("spans");
  canvas.width = canvas.clientWidth || 800;
  const context = canvas.getContext("2d");
  const x = (seconds) => seconds * clip.fps / clip.n_frames * canvas.width;
  for (const rep of clip.reps) {
    context.fillStyle = "#8883";
    context.fillRect(x(rep.start_s), 0, x(rep.end_s) - x(rep.start_s), 38);
  }
  for (const fault of clip.faults.filter((fault) => fault.present)) {
    context.fillStyle = "#b3361f";
    context.fillRect(x(fault.span.start_s), 40, x(fault.span.end_s) - x(fault.span.start_s), 6);
  }
  context.strokeStyle = "#0072b2";
  context.lineWidth = 2;
  context.beginPath();
  clip.phase.forEach((phase, i) => context.lineTo(i / clip.n_frames * canvas.width, 36 - 34 * phase));
  context.stroke();
}

function play() {
  if (open.timer) return stop();
  at("play").textContent = "Pause";
  const step = () => seek(open.frame + 1 < open.clip.n_frames ? open.frame + 1 : 0);
  open.timer = setInterval(step, 1000 / open.clip.fps);
}

function stop() {
  clearInterval(open.timer);
  open.timer = null;
  at("play").textContent = "Play";
}

at("play").addEventListener("click", play);
at("frame").addEventListener("input", () => seek(Number(at("frame").value)));
for (const id of ["keypoints", "box", "mask"]) at(id).addEventListener("change", draw);
at("picture").addEventListener("change", showBehind);
at("clip").addEventListener("close", stop);
at("clip").addEventListener("keydown", (event) => {
  const steps = { ArrowRight: 1, ArrowLeft: -1 };
  if (event.key in steps && event.target.tagName !== "SELECT" && event.target.tagName !== "INPUT")
    seek(open.frame + steps[event.key]);
});
