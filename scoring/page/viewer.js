"use strict";
// A skeleton in space, drawn on a canvas that turns with the pointer or the arrow keys.
// Points are metres, [right, away, up], null where missing; left is blue, right is red.
function sideColour(a, b) {
  if (a.includes("left") && b.includes("left")) return "#2878ff";
  return a.includes("right") && b.includes("right") ? "#ff5a3c" : "#c9a500";
}

function makeViewer(canvas, names, bones) {
  let turn = 0.5;
  let points = null;
  const context = canvas.getContext("2d");

  function place([x, y, z]) {
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    const scale = canvas.height / 2.2;
    const depth = x * sin + y * cos;
    return [canvas.width / 2 + scale * (x * cos - y * sin), canvas.height / 2 - scale * (z + 0.12 * depth)];
  }

  function draw() {
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!points) return;
    context.lineWidth = canvas.height / 90;
    context.lineCap = "round";
    for (const [a, b] of bones) {
      if (!points[a] || !points[b]) continue;
      context.strokeStyle = sideColour(names[a], names[b]);
      context.beginPath();
      context.moveTo(...place(points[a]));
      context.lineTo(...place(points[b]));
      context.stroke();
    }
  }

  function turnBy(radians) {
    turn += radians;
    draw();
  }

  canvas.tabIndex = 0;
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons) turnBy(event.movementX / 100);
  });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.15, ArrowRight: 0.15 }[event.key];
    if (!step) return;
    event.preventDefault();
    turnBy(step);
  });
  return { show(next) { points = next; draw(); } };
}

// Called by poses.js of a report, with all frames of a recording.
function showPoses({ fps, names, bones, frames }) {
  const at = (id) => document.getElementById(id);
  const viewer = makeViewer(at("space"), names, bones);
  const video = document.querySelector("video");
  let timer = null;

  function seek(frame) {
    at("frame").value = frame;
    at("where").value = `${(frame / fps).toFixed(2)} s`;
    viewer.show(frames[frame]);
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    at("play").textContent = "Play";
  }

  at("frame").max = frames.length - 1;
  at("frame").addEventListener("input", () => seek(Number(at("frame").value)));
  at("play").addEventListener("click", () => {
    if (timer) return pause();
    at("play").textContent = "Pause";
    timer = setInterval(() => seek((Number(at("frame").value) + 1) % frames.length), 1000 / fps);
  });
  if (video) video.addEventListener("timeupdate", () => {
    if (!timer) seek(Math.min(Math.round(video.currentTime * fps), frames.length - 1));
  });
  for (const button of document.querySelectorAll("button[data-start]"))
    button.addEventListener("click", () => {
      seek(Number(button.dataset.start));
      if (video) video.currentTime = (Number(button.dataset.start) + 0.5) / fps;
    });
  seek(0);
}
