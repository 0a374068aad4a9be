import json
import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import cv2
import numpy as np
import pytest
import yaml

from export.dataset import Dataset
from labeling.footage import Footage, import_footage, read_footage, read_people
from labeling.predictions import TEMPLATE_MODEL
from labeling.prepare import Wishes, prepare_labelling
from labeling.timing import constant_rate, transcode
from motions.errors import FormbenchError
from simulator.rendering.images import read_image, write_image
from simulator.rendering.video import VideoWriter, frame_times_s, read_video

GREY_PER_FRAME = 8


def film_at(path: Path, ticks: Sequence[int], ticks_per_s: int, size: tuple[int, int]) -> None:
    """Write a video whose frames, of grey 20, 28, 36 ..., are shown at any times."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv444p"
        stream.codec_context.time_base = Fraction(1, ticks_per_s)
        for index, tick in enumerate(ticks):
            grey = np.full((size[1], size[0], 3), 20 + GREY_PER_FRAME * index, dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts, frame.time_base = tick, Fraction(1, ticks_per_s)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def film_constant(path: Path, n_frames: int) -> None:
    """Write a video of 10 frames a second, of the same greys."""
    with VideoWriter(path, 64, 48, 10.0) as video:
        for index in range(n_frames):
            video.write(np.full((48, 64, 3), 20 + GREY_PER_FRAME * index, dtype=np.uint8))


def turn(path: Path) -> None:
    """Mark an MP4 as lying on its side, as a phone does: shown turned by 90 degrees clockwise."""
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 24 + 16  # behind version, times, ids, layer and volume
    one = 1 << 16
    data[matrix : matrix + 36] = struct.pack(">9i", 0, one, 0, -one, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(data)


def greys(path: Path) -> list[int]:
    """Return the number of the source's frame in each frame of a video."""
    means = [rgb.mean() for rgb in read_video(path).frames]
    return [round((mean - 20) / GREY_PER_FRAME) for mean in means]


@pytest.mark.parametrize(
    ("fps", "named"),
    [(30.0, 30.0), (29.97, 30000 / 1001), (23.976, 24000 / 1001), (59.94, 60000 / 1001),
     (25.0, 25.0), (12.5, 12.5), (14.985, 15000 / 1001)],
)  # fmt: skip
def test_a_constant_rate_is_recognised_and_every_frame_kept(fps: float, named: float) -> None:
    # Times as WebM stores them, in whole milliseconds.
    times_s = np.round(np.arange(400) / fps, 3)
    timing = constant_rate(times_s)
    assert timing.fps == pytest.approx(named, rel=1e-3 if fps < 15 else 1e-12)
    assert timing.is_exact
    assert np.array_equal(timing.source_times_s, times_s)


def test_a_gap_is_filled_with_the_nearest_frames_and_a_burst_is_thinned() -> None:
    # 10 fps; 0.3 to 0.6 is missing, and a frame too many comes at 0.75.
    timing = constant_rate(np.array([0.0, 0.1, 0.2, 0.7, 0.75, 0.8, 0.9]))
    assert timing.fps == 10.0
    assert timing.source_frames.tolist() == [0, 1, 2, 2, 2, 3, 3, 3, 5, 6]
    assert not timing.is_exact
    # No frame is shown more than half a gap from its time.
    assert np.abs(timing.source_times_s - np.arange(10) / 10).max() <= 0.25


@pytest.mark.parametrize("times_s", [[0.0], [], [0.0, 0.0, 0.0]])
def test_what_has_no_rate_is_refused(times_s: list[float]) -> None:
    with pytest.raises(FormbenchError, match="at least two frames at different times"):
        constant_rate(np.array(times_s))


def test_a_video_of_a_phone_comes_out_constant_and_leads_back_to_its_frames(
    tmp_path: Path,
) -> None:
    ticks = [0, 31, 68, 101, 131, 168, 300, 333, 367, 399]  # milliseconds, a pause in the middle
    film_at(tmp_path / "phone.mp4", ticks, 1000, (64, 48))
    timing, size_px = transcode(tmp_path / "phone.mp4", tmp_path / "out.mp4")
    assert size_px == (64, 48)
    assert greys(tmp_path / "out.mp4") == timing.source_frames.tolist()
    assert sorted(set(timing.source_frames.tolist())) == list(range(10))
    times_s = frame_times_s(tmp_path / "out.mp4")
    assert np.allclose(times_s, np.arange(len(times_s)) / timing.fps, atol=1e-4)
    assert np.array_equal(timing.source_times_s, np.array(ticks)[timing.source_frames] / 1000)
    reader = cv2.VideoCapture(str(tmp_path / "out.mp4"))  # another reader counts the same
    assert reader.get(cv2.CAP_PROP_FRAME_COUNT) == len(times_s)
    assert reader.get(cv2.CAP_PROP_FPS) == pytest.approx(timing.fps, rel=1e-6)


def test_a_video_that_lies_on_its_side_is_stood_up(tmp_path: Path) -> None:
    path = tmp_path / "side.mp4"
    film_constant(path, 5)
    turn(path)
    _, size_px = transcode(path, tmp_path / "out.mp4")
    assert size_px == (48, 64)
    reader = cv2.VideoCapture(str(path))  # OpenCV turns it as well
    assert reader.read()[1].shape == (64, 48, 3)


def test_an_odd_row_and_column_are_cut_off(tmp_path: Path) -> None:
    film_at(tmp_path / "odd.mp4", [0, 100, 200], 1000, (65, 49))
    _, size_px = transcode(tmp_path / "odd.mp4", tmp_path / "out.mp4")
    assert size_px == (64, 48)


def test_frames_that_an_edit_cut_away_are_not_counted(tmp_path: Path) -> None:
    film_constant(tmp_path / "whole.mp4", 20)
    with (
        av.open(str(tmp_path / "whole.mp4")) as whole,
        av.open(str(tmp_path / "cut.mp4"), "w", options={"avoid_negative_ts": "disabled"}) as cut,
    ):
        stream = cut.add_stream_from_template(whole.streams.video[0])
        for packet in whole.demux(video=0):
            if packet.size:
                packet.pts -= 3 * packet.duration
                packet.dts -= 3 * packet.duration
                packet.stream = stream
                cut.mux(packet)
    timing, _ = transcode(tmp_path / "cut.mp4", tmp_path / "out.mp4")
    assert timing.is_exact
    assert greys(tmp_path / "out.mp4") == list(range(3, 20))


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda data: b"", "not a video that can be read"),
        (lambda data: b"no video at all", "not a video that can be read"),
        (lambda data: data[: len(data) // 2], "not a video that can be read"),
        (lambda data: _zeroed(data), "the video is broken"),
    ],
)
def test_a_broken_video_is_refused_by_name(
    tmp_path: Path, spoil: Callable[[bytes], bytes], problem: str
) -> None:
    path = tmp_path / "ünï code 'n more.mp4"
    film_at(path, range(0, 3000, 100), 1000, (320, 240))
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(FormbenchError, match=rf"ünï code 'n more\.mp4: {problem}"):
        transcode(path, tmp_path / "out.mp4")


def test_a_video_of_zero_frames_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "empty #1 %20.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv444p"
        container.start_encoding()  # a head and a foot, and no frame between
    assert path.stat().st_size > 0
    problem = "expected a video, got a file without pictures"
    with pytest.raises(FormbenchError, match=rf"empty #1 %20\.mp4: {problem}"):
        transcode(path, tmp_path / "out.mp4")
    film_constant(path, 1)
    with pytest.raises(FormbenchError, match=r"at least two frames at different times, got 1"):
        transcode(path, tmp_path / "out.mp4")


@pytest.mark.parametrize("name", ["a b.mp4", "ünï'\"code%20#?&.mp4", "-rf *.mp4", "new\nline.mp4"])
def test_a_file_of_any_name_becomes_tasks(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "footage"
    folder.mkdir()
    film_constant(folder / name, 12)
    about = {"person": "anna", "session": "mon", "camera": "front", "exercise": "squat"}
    text = yaml.safe_dump({"items": [{"file": name, **about}]}, allow_unicode=True)
    (folder / "footage.yaml").write_text(text, encoding="utf-8")
    made = prepare_labelling(tmp_path / "out", footage=read_footage(folder))
    assert made.kinds == ("poses", "repetitions", "faults")
    shown = {path.suffix for path in (tmp_path / "out" / "media").iterdir()}
    assert shown == {".mp4", ".jpg"}
    stored = json.loads((tmp_path / "out" / "footage.json").read_text(encoding="utf-8"))
    assert stored["footage"][0]["file"] == name


def _zeroed(data: bytes) -> bytes:
    """Return an MP4 with its frames, but not its tables, overwritten."""
    start = data.index(b"mdat") + 4
    length = struct.unpack(">I", data[start - 8 : start - 4])[0] - 8
    return data[:start] + bytes(length) + data[start + length :]


def test_a_sound_file_is_no_video(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    with pytest.raises(FormbenchError, match="not a video that can be read"):
        transcode(tmp_path / "a.wav", tmp_path / "out.mp4")


def write_list(folder: Path, *items: dict[str, Any]) -> None:
    lines = [f"  - {{{', '.join(f'{k}: {v!r}' for k, v in item.items())}}}" for item in items]
    (folder / "footage.yaml").write_text("\n".join(["items:", *lines]) + "\n", encoding="utf-8")


def item(file: str, **more: str) -> dict[str, Any]:
    about = {"person": "anna", "session": "mon", "camera": "front", "exercise": "squat"}
    return {"file": file, **about, **more}


def test_a_list_says_who_is_in_the_footage(tmp_path: Path) -> None:
    for name in ("a b.mov", "c.JPG"):
        (tmp_path / name).write_bytes(b"x")
    write_list(tmp_path, item("a b.mov"), item("c.JPG", person="bo"))
    first, second = read_footage(tmp_path)
    assert first == Footage(tmp_path / "a b.mov", "anna", "mon", "front", "squat")
    assert (first.clip_id, first.is_photo) == ("anna.mon.front", False)
    assert (second.clip_id, second.is_photo) == ("bo.mon.front", True)


@pytest.mark.parametrize(
    ("items", "problem"),
    [
        ([], "items: .*at least 1 item|items: .*valid list"),
        ([item("gone.mp4")], "'gone.mp4' is not there"),
        ([item("a.mp4"), item("b.mp4")], "'b.mp4' and 'a.mp4' are both anna.mon.front"),
        ([item("a.mp4", person="Anna B.")], "items.0.person: .*pattern"),
        ([item("a.mp4", height="180")], "items.0.height: .*not permitted"),
    ],
)
def test_a_list_that_is_not_right_is_refused(
    tmp_path: Path, items: list[dict[str, Any]], problem: str
) -> None:
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(b"x")
    write_list(tmp_path, *items)
    with pytest.raises(FormbenchError, match=problem):
        read_footage(tmp_path)


def test_a_folder_without_a_list_is_told_what_one_looks_like(tmp_path: Path) -> None:
    with pytest.raises(FormbenchError, match=r"expected footage\.yaml, a list of `items` with"):
        read_footage(tmp_path)
    (tmp_path / "footage.yaml").write_text("items: [", encoding="utf-8")
    with pytest.raises(FormbenchError, match=r"footage\.yaml: not YAML"):
        read_footage(tmp_path)


class Found(NamedTuple):
    points_px: np.ndarray
    confidence: np.ndarray


class Finder:
    """An estimator that sees a person standing at a place, in some of the pictures."""

    model_version = "finder-1"

    def __init__(self, sees: Callable[[int], bool] = lambda call: True) -> None:
        self.sees = sees
        self.n_calls = -1

    def __call__(self, rgb: np.ndarray) -> Found | None:
        self.n_calls += 1
        if not self.sees(self.n_calls):
            return None
        points = np.linspace([30.0, 10.0], [34.0, 44.0], 17)
        points[5:7] = [[24, 20], [40, 20]]
        return Found(points, np.linspace(0.2, 1.0, 17))


def noise_photo(path: Path) -> np.ndarray:
    rgb = np.random.default_rng(1).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    write_image(path, rgb)
    return rgb


def test_a_hidden_face_is_gone_and_the_rest_is_untouched(tmp_path: Path) -> None:
    rgb = noise_photo(tmp_path / "a.png")
    piece = Footage(tmp_path / "a.png", "anna", "mon", "front", "squat")
    for name in ("hidden", "shown"):
        (tmp_path / name).mkdir()
    hidden = read_image(import_footage(piece, tmp_path / "hidden", Finder()).angle.pictures).astype(
        int
    )
    shown = read_image(import_footage(piece, tmp_path / "shown", None).angle.pictures).astype(int)
    assert np.corrcoef(shown.ravel(), rgb.ravel())[0, 1] > 0.5  # a JPEG of noise
    face = np.s_[8:16, 27:35]
    assert shown[face].std() > 40 and hidden[face].std() < shown[face].std() / 3
    away = np.s_[36:, :]
    assert np.array_equal(hidden[away], shown[away])


def test_until_a_face_is_found_the_whole_picture_is_hidden(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv444p"
        for rgb in np.random.default_rng(1).integers(0, 256, (4, 48, 64, 3), dtype=np.uint8):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(stream.encode(None))
    (tmp_path / "media").mkdir()
    piece = Footage(path, "anna", "mon", "front", "squat")
    found = Finder(lambda call: call == 1)  # in the second of four frames only
    pictures = import_footage(piece, tmp_path / "media", found).angle.pictures
    feet = [rgb[36:, :].astype(int).std() for rgb in read_video(pictures).frames]
    assert feet[0] < min(feet[1:]) / 2  # only the first is hidden whole
    faces = [rgb[8:16, 27:35].astype(int).std() for rgb in read_video(pictures).frames]
    assert max(faces) < min(feet[1:]) / 2  # and the face is hidden in all


@pytest.fixture
def footage(tmp_path: Path) -> tuple[Footage, ...]:
    folder = tmp_path / "footage"
    folder.mkdir()
    for name in ("one.mp4", "two.mp4"):
        film_at(folder / name, range(0, 1000, 40), 1000, (64, 48))
    noise_photo(folder / "three.png")
    write_list(
        folder,
        item("one.mp4"),
        item("two.mp4", person="bo"),
        item("three.png", person="cleo"),
    )
    return read_footage(folder)


def test_real_and_simulated_tasks_look_the_same(
    footage: tuple[Footage, ...], filmed_dataset: Callable[..., Dataset], tmp_path: Path
) -> None:
    wishes = Wishes(known_answer_rate=0.5, clean_share=0.5, frames_per_view=2)
    folder = prepare_labelling(
        tmp_path / "out", dataset=filmed_dataset(), footage=footage, wishes=wishes
    )
    people = read_people(folder.folder)
    assert people == {"anna.mon.front": "anna", "bo.mon.front": "bo", "cleo.mon.front": "cleo"}
    for kind, n_real in (("poses", 3), ("repetitions", 2), ("faults", 2)):
        tasks = folder.tasks_of(kind)
        real = [task for task in tasks if task.clip_id in people]
        known = [task for task in tasks if task.uid in folder.answers]
        assert len(real) == n_real
        assert len(known) == n_real or (kind == "poses" and len(known) == 3)
        assert {task.uid for task in real} & {task.uid for task in known} == set()
        assert len(real) + len(known) == len(tasks)
        shapes = {
            (tuple(task["data"]), tuple(p["model_version"] for p in task["predictions"]))
            for task in folder.tasks_json(kind)
        }
        assert len(shapes) == 1  # nothing but hashes and addresses tells them apart
    assert [task.uid for task in folder.tasks_of("poses")] == sorted(
        task.uid for task in folder.tasks_of("poses")
    )


def test_poses_start_from_what_a_model_found(footage: tuple[Footage, ...], tmp_path: Path) -> None:
    wishes = Wishes(kinds=("poses",), estimate=Finder(), frames_per_view=1)
    folder = prepare_labelling(tmp_path / "out", footage=footage, wishes=wishes)
    for task in folder.tasks_json("poses"):
        (prediction,) = task["predictions"]
        assert prediction["model_version"] == "finder-1"
        assert prediction["score"] == pytest.approx(0.6)
        hidden = prediction["result"][1]["value"]["choices"]
        assert hidden == ["nose", "left_eye", "right_eye", "left_ear", "right_ear",
                          "left_shoulder"]  # fmt: skip
    # Where nobody is found there is a standing figure to start from.
    nobody = Wishes(kinds=("poses",), estimate=Finder(lambda call: False), frames_per_view=1)
    folder = prepare_labelling(tmp_path / "nobody", footage=footage, wishes=nobody)
    assert {t["predictions"][0]["score"] for t in folder.tasks_json("poses")} == {0.0}
    plain = prepare_labelling(tmp_path / "plain", footage=footage, wishes=Wishes(kinds=("poses",)))
    models = {t["predictions"][0]["model_version"] for t in plain.tasks_json("poses")}
    assert models == {TEMPLATE_MODEL}


def test_footage_without_enough_simulated_clips_is_told(
    footage: tuple[Footage, ...], filmed_dataset: Callable[..., Dataset], tmp_path: Path
) -> None:
    with pytest.raises(FormbenchError, match="generate more clips or lower the rate"):
        prepare_labelling(
            tmp_path / "out",
            dataset=filmed_dataset(),
            footage=footage,
            wishes=Wishes(known_answer_rate=0.9),
        )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ({"known_answer_rate": 1.0}, "known_answer_rate: expected 0 to below 1"),
        ({"frames_per_view": 0}, "frames_per_view: expected 1 or more"),
        ({"hide_faces": True}, "expected a pose estimator that finds them"),
    ],
)
def test_wishes_that_cannot_be_are_refused(wish: dict[str, Any], problem: str) -> None:
    with pytest.raises(FormbenchError, match=problem):
        Wishes(**wish)
