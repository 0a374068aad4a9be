"""Video files with a constant frame rate, exactly the frames that were written.

Pictures are H.264 in MP4, other pixels lossless FFV1 in Matroska: every value comes back as it was.

Colours are BT.709 in limited range, converted and tagged so. There are no B-frames and a key frame
every second, so that any player steps to the exact frame. One encoding thread and no version text
in the stream: the same frames give the same bytes. The preset was measured: 640 x 480 at over 400
frames a second on one core, colour conversion included, at less than half the size of the next
faster preset.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import av
import numpy as np
from av.bitstream import BitStreamFilterContext
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    Interpolation,
    VideoReformatter,
)

from motions.errors import FormbenchError

PRESET = "veryfast"
QUALITY_CRF = 20
LOSSLESS: dict[str, tuple[type, tuple[int, ...]]] = {
    "gray": (np.uint8, ()), "gray16le": (np.uint16, ()), "gbrp16le": (np.uint16, (3,)),
}  # fmt: skip
"""Pixel formats with the type and the channels of their arrays."""
CONTAINERS = (
    "mov", "matroska", "avi", "mpegts", "mpeg", "flv", "asf", "ogg", "mxf", "nut", "ivf", "dv",
    "gif", "m4v", "h264", "hevc", "mjpeg", "yuv4mpegpipe",
)  # fmt: skip
"""What a file may be, in FFmpeg's names. Playlists are not among them: they name other files, and
FFmpeg would read those."""
_CAMERA = "video4linux2"
_BITEXACT = 1 << 23  # FFmpeg's AV_CODEC_FLAG_BITEXACT: no version text
_SEI = 6  # H.264 unit type of the encoder's version text


class _Writer:
    """Writes one video, frame by frame, as a context manager.

    The file is whole once the context was left without an error.
    """

    def __init__(
        self, path: Path, container: av.container.OutputContainer, codec: str, fps: float
    ) -> None:
        if not 0 < fps < float("inf"):
            raise FormbenchError(f"{path}: expected a positive frame rate, got {fps}")
        rate = Fraction(fps).limit_denominator(1001)
        self._path, self._container, self._n_frames = path, container, 0
        self._stream: av.VideoStream = container.add_stream(codec, rate=rate)
        self._stream.codec_context.time_base = 1 / rate
        self._stream.codec_context.thread_count = 1

    def _begin(self) -> None:
        try:
            self._container.start_encoding()
        except av.FFmpegError as error:
            raise self._failed(error) from error

    def _append(self, picture: av.VideoFrame) -> None:
        picture.pts = self._n_frames
        picture.time_base = self._stream.codec_context.time_base
        self._mux(picture)
        self._n_frames += 1

    def _mux(self, picture: av.VideoFrame | None) -> None:
        try:
            for packet in self._packets(picture):
                self._container.mux(packet)
        except av.FFmpegError as error:
            raise self._failed(error) from error

    def _packets(self, picture: av.VideoFrame | None) -> Iterable[av.Packet]:
        """Encode a picture, or what is left when there is none."""
        return self._stream.encode(picture)

    def _check(self, pixels: np.ndarray, shape: tuple[int, ...], dtype: type) -> None:
        if pixels.shape != shape or pixels.dtype != dtype:
            raise FormbenchError(
                f"{self._path}: expected a frame of shape {shape} in {np.dtype(dtype)}, "
                f"got {pixels.shape} in {pixels.dtype}"
            )

    def _failed(self, error: av.FFmpegError) -> FormbenchError:
        return FormbenchError(f"{self._path}: the video could not be written: {error.strerror}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                if self._n_frames == 0:
                    raise FormbenchError(f"{self._path}: expected at least one frame, got none")
                self._mux(None)
        finally:
            try:
                self._container.close()
            except av.FFmpegError as closing:
                if error is None:
                    raise self._failed(closing) from closing


class VideoWriter(_Writer):
    """Writes pictures, see `_Writer`.

    Args:
        path: The file to write; overwritten.
        width_px: Image width, even.
        height_px: Image height, even.
        fps: Frames a second; kept exactly, so both 29.97 and 30000/1001 are what they say.
        crf: How coarse: H.264's constant rate factor.

    Raises:
        FormbenchError: An odd size, a file that cannot be written, or a video without frames.
    """

    def __init__(
        self, path: Path, width_px: int, height_px: int, fps: float, crf: int = QUALITY_CRF
    ) -> None:
        if width_px < 2 or height_px < 2 or width_px % 2 or height_px % 2:
            raise FormbenchError(
                f"{path}: expected even width and height (H.264 needs them), "
                f"got {width_px} x {height_px}"
            )
        options = {"movflags": "+faststart", "fflags": "+bitexact"}
        container = av.open(str(path), "w", format="mp4", options=options)
        super().__init__(path, container, "libx264", fps)
        self._shape = (height_px, width_px, 3)
        self._to_yuv = VideoReformatter()
        encoder = self._stream.codec_context
        encoder.width, encoder.height, encoder.pix_fmt = width_px, height_px, "yuv420p"
        encoder.max_b_frames = 0
        encoder.gop_size = max(1, round(fps))
        encoder.colorspace = Colorspace.ITU709
        encoder.color_range = ColorRange.MPEG
        encoder.color_primaries = ColorPrimaries.BT709
        encoder.color_trc = ColorTrc.BT709
        encoder.options = {
            "preset": PRESET,
            "crf": str(crf),
            "sc_threshold": "0",  # key frames where they are expected, and nowhere else
            "rc-lookahead": "3",  # frames kept in memory: fewer is smaller and faster here
        }
        self._without_sei = BitStreamFilterContext(
            f"filter_units=remove_types={_SEI}", self._stream
        )
        self._begin()

    def write(self, rgb: np.ndarray) -> None:
        """Append one frame. Shape (height, width, 3), uint8, sRGB."""
        self._check(rgb, self._shape, np.uint8)
        self._append(
            self._to_yuv.reformat(
                av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24"),
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                src_color_range=ColorRange.JPEG,
                dst_color_range=ColorRange.MPEG,
                interpolation=Interpolation.AREA,
            )
        )

    def _packets(self, picture: av.VideoFrame | None) -> Iterable[av.Packet]:
        packets = list(self._stream.encode(picture))
        # The filter is flushed by None, as the encoder is.
        for packet in [*packets, None] if picture is None else packets:
            yield from self._without_sei.filter(packet)


class LosslessWriter(_Writer):
    """Writes pixels of whole numbers that come back as they were, see `_Writer`.

    Args:
        path: The file to write; overwritten.
        width_px: Image width.
        height_px: Image height.
        fps: Frames a second.
        pixel_format: What FFmpeg calls them: one of LOSSLESS.
    """

    def __init__(
        self, path: Path, width_px: int, height_px: int, fps: float, pixel_format: str
    ) -> None:
        options = {"fflags": "+bitexact"}
        container = av.open(str(path), "w", format="matroska", options=options)
        super().__init__(path, container, "ffv1", fps)
        dtype, channels = LOSSLESS[pixel_format]
        self._format, self._dtype = pixel_format, dtype
        self._shape = (height_px, width_px, *channels)
        encoder = self._stream.codec_context
        encoder.width, encoder.height, encoder.pix_fmt = width_px, height_px, pixel_format
        encoder.flags |= _BITEXACT
        encoder.options = {"level": "3", "slicecrc": "1"}
        self._begin()

    def write(self, pixels: np.ndarray) -> None:
        """Append one frame. Shape (height, width) or (height, width, 3), of the format's type."""
        self._check(pixels, self._shape, self._dtype)
        self._append(av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format=self._format))


class Video(NamedTuple):
    """A video opened for reading."""

    fps: float
    frames: Iterator[np.ndarray]
    """One after the other, upright, each (height, width, 3), uint8, sRGB."""


def read_video(path: Path) -> Video:
    """Open a video, or a camera such as /dev/video0; frames are decoded as they are asked for."""
    with _open(path) as container:
        fps = float(container.streams.video[0].average_rate)
    return Video(fps, _decoded(path))


def read_lossless(path: Path) -> Iterator[np.ndarray]:
    """Decode what `LosslessWriter` wrote, one frame after the other."""
    with _open(path) as container:
        pixel_format = container.streams.video[0].codec_context.pix_fmt
        if pixel_format not in LOSSLESS:
            raise FormbenchError(
                f"{path}: expected pixels of {', '.join(LOSSLESS)}, got {pixel_format}"
            )
        try:
            for picture in container.decode(video=0):
                yield picture.to_ndarray()
        except av.FFmpegError as error:
            raise FormbenchError(f"{path}: the video is broken: {error.strerror}") from error


def count_frames(path: Path) -> int:
    """Count the frames of a video without decoding them."""
    with _open(path) as container:
        return sum(packet.size > 0 for packet in container.demux(video=0))


def frame_times_s(path: Path) -> np.ndarray:
    """Return when each frame of a video is shown, from its first one on. Shape (T,).

    The frames are not decoded; those of a phone are rarely at equal distances.
    """
    with _open(path) as container:
        shown = (p for p in container.demux(video=0) if p.size > 0 and not p.is_discard)
        ticks = [packet.dts if packet.pts is None else packet.pts for packet in shown]
        if not ticks or None in ticks:
            raise FormbenchError(
                f"{path}: expected frames that say when they are shown, "
                f"got {len(ticks)} frames and {ticks.count(None)} without a time"
            )
        seconds = np.sort(np.array(ticks)) * float(container.streams.video[0].time_base)
    return seconds - seconds[0]


def _decoded(path: Path) -> Iterator[np.ndarray]:
    to_rgb = VideoReformatter()
    with _open(path) as container:
        try:
            for picture in container.decode(video=0):
                rgb = to_rgb.reformat(picture, format="rgb24", dst_color_range=ColorRange.JPEG)
                # Phones store the picture as the sensor lies and say how far to turn it.
                yield np.rot90(rgb.to_ndarray(), round(picture.rotation / 90))
        except av.FFmpegError as error:
            raise FormbenchError(f"{path}: the video is broken: {error.strerror}") from error


def _open(path: Path) -> av.container.InputContainer:
    camera = path.is_char_device()
    options = {"format_whitelist": ",".join([_CAMERA] if camera else CONTAINERS)}
    try:
        container = av.open(str(path), format=_CAMERA if camera else None, options=options)
    except av.FFmpegError as error:
        raise FormbenchError(f"{path}: not a video that can be read: {error.strerror}") from error
    if not container.streams.video:
        container.close()
        raise FormbenchError(f"{path}: expected a video, got a file without pictures")
    return container
