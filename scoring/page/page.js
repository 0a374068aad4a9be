"use strict";
// The page of `workbench serve`: a form for videos, and a loop that sends camera pictures.
const at = (id) => document.getElementById(id);
const WIDTH = 480;  // pixels across of the pictures that are sent
let about = null;
let job = null;
let person = null;
let turn = Promise.resolve();  // the picture that is on its way

async function ask(path, options = {}) {
  const response = await fetch(path, options);
  const told = response.status === 204 ? {} : await response.json().catch(() => ({ error: response.statusText }));
  if (!response.ok) throw new Error(told.error);
  return told;
}

const askJson = (path, value) => ask(path, { method: "POST", body: JSON.stringify(value) });

// Scoring

async function upload(file) {
  if (file.size > about.most_bytes) throw new Error(`${file.name}: expected at most ${about.most_bytes / 1e6} MB`);
  const type = file.type.startsWith("video/") ? file.type : "application/octet-stream";
  return (await ask("/videos", { method: "POST", body: file, headers: { "Content-Type": type } })).id;
}

async function score(event) {
  event.preventDefault();
  await forget();
  at("result").hidden = true;
  at("wrong").textContent = "";
  at("step").textContent = "Sending the video";
  at("progress").removeAttribute("value");
  at("at-work").hidden = at("cancel").hidden = false;
  at("go").disabled = true;
  let sent = false;
  try {
    const [video, trainer] = ["video", "trainer"].map((id) => at(id).files[0]);
    job = await upload(video);
    sent = true;
    const other = trainer ? await upload(trainer) : null;
    await askJson(`/videos/${job}`, { exercise: at("exercise").value, trainer: other });
    at("step").textContent = "Starting";
    showResult(await finished(job));
  } catch (error) {
    const stopped = sent && !job;
    at("wrong").textContent = stopped ? "" : error.message;
    at("step").textContent = stopped ? "Stopped and deleted." : "";
  }
  at("at-work").hidden = at("cancel").hidden = true;
  at("go").disabled = false;
}

async function finished(id) {
  for (;;) {
    const told = await ask(`/videos/${id}`);
    if (told.state === "done") return told;
    if (told.state === "failed") throw new Error(told.error);
    if (told.step) {
      at("step").textContent = told.step;
      at("progress").max = told.total;
      at("progress").value = told.done;
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

function showResult(told) {
  const title = (name) => about.exercises.find((one) => one.name === name).title;
  const others = told.guesses.slice(1).map((guess) => title(guess.exercise)).join(", ");
  const n = told.repetitions.length;
  at("step").textContent = `Done: ${n} repetition${n === 1 ? "" : "s"}.`;
  at("found").textContent = told.guesses.length
    ? `Nearest to the exercise ${title(told.exercise)}; next come ${others}. If that is wrong, choose it above.`
    : title(told.exercise);
  at("report").src = `/videos/${job}/report.html`;
  at("compared").href = `/videos/${job}/comparison.html`;
  at("compared").hidden = !told.compared;
  at("result").hidden = false;
}

async function forget() {
  if (!job) return;
  const gone = job;
  job = null;
  await fetch(`/videos/${gone}`, { method: "DELETE", keepalive: true });
}

// Following

async function pixelsOf(source, width, height) {
  const canvas = new OffscreenCanvas(WIDTH, Math.round(WIDTH * height / width));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

const sendPixels = (path, pixels) => ask(`${path}?width=${pixels.width}&height=${pixels.height}`,
  { method: "POST", body: pixels.data, headers: { "Content-Type": "application/octet-stream" } });

async function begin(pixels) {
  const told = pixels ? await sendPixels("/people", pixels)
    : await ask(`/people?exercise=${encodeURIComponent(at("target").value)}`, { method: "POST" });
  const wanted = at("wanted").cloneNode();
  at("wanted").replaceWith(wanted);
  wanted.parentElement.hidden = !told.target;
  if (told.target) makeViewer(wanted, told.names, told.bones).show(centred(told.target, told.names));
  return told.id;
}

function centred(points, names) {
  const [left, right] = ["left_hip", "right_hip"].map((name) => points[names.indexOf(name)]);
  return points.map((point) => point && point.map((value, i) => value - (left[i] + right[i]) / 2));
}

async function follow(event) {
  event.preventDefault();
  await stop();
  at("camera-wrong").textContent = "";
  try {
    const file = at("picture").files[0];
    let picture = null;
    if (file) {
      const image = await createImageBitmap(file);
      picture = await pixelsOf(image, image.width, image.height);
    }
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640 } });
    at("camera").srcObject = stream;
    await at("camera").play();
    person = await begin(picture);
    at("following").hidden = at("hold").hidden = at("stop").hidden = false;
    loop();
  } catch (error) {
    await stop();
    at("camera-wrong").textContent = error.message;
  }
}

async function loop() {
  while (person) {
    turn = sendOne(person);
    await turn;
  }
}

async function sendOne(id) {
  try {
    const camera = at("camera");
    const pixels = await pixelsOf(camera, camera.videoWidth, camera.videoHeight);
    const told = await sendPixels(`/people/${id}`, pixels);
    if (id === person) showMoment(told, pixels);
  } catch (error) {
    if (id !== person) return;
    hide();
    at("camera-wrong").textContent = error.message;
  }
}

function showMoment(told, pixels) {
  const word = told.points ? told.word : "Nobody in the picture";
  if (at("word").textContent !== word) at("word").textContent = word;
  at("word").className = told.word.toLowerCase();
  const scores = "similarity" in told
    ? `, similarity ${told.similarity} of 100 (coordinates ${told.coordinates}, angles ${told.angles})` : "";
  at("numbers").textContent = `Repetitions ${told.count}${scores}`;
  showSuggestions(told.word === "FIGHTING" ? told.suggestions : []);
  const canvas = at("seen");
  Object.assign(canvas, { width: pixels.width, height: pixels.height });
  const context = canvas.getContext("2d");
  // The picture that was looked at: the camera is further by now.
  context.putImageData(pixels, 0, 0);
  context.lineWidth = pixels.width / 100;
  for (const [a, b] of told.points ? about.bones : []) {
    context.strokeStyle = sideColour(about.names[a], about.names[b]);
    context.beginPath();
    context.moveTo(...told.points[a]);
    context.lineTo(...told.points[b]);
    context.stroke();
  }
}

let saidAt = 0;
function showSuggestions(suggestions) {
  // Not faster than one can hear and do.
  if (performance.now() - saidAt < 700) return;
  saidAt = performance.now();
  const said = [...at("suggestions").children].map((item) => item.textContent);
  if (said.join() === suggestions.join()) return;
  at("suggestions").replaceChildren(...suggestions.map((text) =>
    Object.assign(document.createElement("li"), { textContent: text })));
}

function hide() {
  person = null;
  for (const track of at("camera").srcObject?.getTracks() ?? []) track.stop();
  at("camera").srcObject = null;
  at("following").hidden = at("hold").hidden = at("stop").hidden = true;
}

async function leave(id) {
  await turn;
  await fetch(`/people/${id}`, { method: "DELETE", keepalive: true });
}

async function stop() {
  const gone = person;
  hide();
  if (gone) await leave(gone);
}

async function hold() {
  const camera = at("camera");
  const gone = person;
  try {
    person = await begin(await pixelsOf(camera, camera.videoWidth, camera.videoHeight));
    await leave(gone);
  } catch (error) {
    at("camera-wrong").textContent = error.message;
  }
}

// Together

for (const place of document.querySelectorAll(".drop")) {
  const input = place.querySelector("input");
  const over = (on) => (event) => { event.preventDefault(); place.classList.toggle("over", on); };
  place.addEventListener("dragover", over(true));
  place.addEventListener("dragleave", over(false));
  place.addEventListener("drop", (event) => {
    over(false)(event);
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
}
at("score").addEventListener("submit", score);
at("cancel").addEventListener("click", forget);
at("follow").addEventListener("submit", follow);
at("stop").addEventListener("click", stop);
at("hold").addEventListener("click", hold);
at("report").addEventListener("load", () => {
  // As high as what is in it, which grows when the video is there: two scroll bars are one too many.
  const page = at("report").contentDocument.documentElement;
  new ResizeObserver(() => { at("report").style.height = `${page.scrollHeight + 4}px`; }).observe(page);
});
addEventListener("pagehide", () => {
  forget();
  if (person) fetch(`/people/${person}`, { method: "DELETE", keepalive: true });
});
ask("/about").then((told) => {
  about = told;
  for (const { name, title } of told.exercises) {
    at("exercise").add(new Option(title, name));
    at("target").add(new Option(title, name));
  }
});
