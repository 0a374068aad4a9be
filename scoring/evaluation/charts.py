"""Charts as SVG, written by hand: a page of them needs no script, and the bytes are ours.

A chart library would put megabytes of JavaScript into every report for dots and lines. Colours are
classes of report.css, `s0` to `s7` for the series, and shapes differ too, for those who do not see
the colours. The figures of a forest plot also stand in a table of the page.
"""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np

N_COLOURS = 8
_LABEL_PX, _PLOT_PX, _RIGHT_PX = 190, 480, 26
_LINE_PX, _GAP_PX = 15, 9


class Mark(NamedTuple):
    """A figure with its interval in one row of a forest plot."""

    series: int
    value: float
    low: float | None
    high: float | None
    told: str
    """What a pointer on it is told."""


class Band(NamedTuple):
    """A labelled row of a forest plot; one without marks is a heading."""

    label: str
    marks: Sequence[Mark]


def forest(bands: Sequence[Band], axis: str, chance: float, told: str) -> str:
    """Draw figures from 0 to 1 with their intervals, one line each.

    Args:
        bands: From top to bottom.
        axis: What the figures are.
        chance: Where a dashed line stands for guessing.
        told: What the chart is, for those who hear the page.
    """
    drawn, y = [], 8.0
    for band in bands:
        height = _GAP_PX + _LINE_PX * max(1, len(band.marks))
        style = "label" if band.marks else "heading"
        drawn.append(text(0, y + height / 2, band.label, style))
        if band.marks:
            drawn.append(f'<path class="row" d="M{_LABEL_PX} {y:g}h{_PLOT_PX}"/>')
        for i, mark in enumerate(band.marks):
            drawn.append(_mark(mark, y + _GAP_PX / 2 + _LINE_PX * (i + 0.5)))
        y += height
    lines = [
        f'<path class="{"chance" if at == chance else "grid"}" d="M{_across(at):g} 8V{y:g}"/>'
        + text(_across(at), y + 14, f"{at:g}", "tick")
        for at in (0, 0.25, 0.5, 0.75, 1)
    ]
    caption = text(_across(0.5), y + 32, axis, "tick")
    width = _LABEL_PX + _PLOT_PX + _RIGHT_PX
    return svg(width, y + 40, told, lines + drawn + [caption])


class Dot(NamedTuple):
    """One point of a scatter plot."""

    x: float
    y: float
    kind: str
    """A class of report.css."""


def scatter(
    dots: Sequence[Dot],
    x_range: tuple[float, float],
    x_lines: Sequence[tuple[float, str]],
    y_range: tuple[float, float],
    told: str,
) -> str:
    """Draw dots between labelled upright lines, what lies outside at the border."""
    left, top, width, height = 30, 10, 210, 120

    def at_x(value: float) -> float:
        share = (value - x_range[0]) / (x_range[1] - x_range[0])
        return left + width * min(max(share, 0.0), 1.0)

    def at_y(value: float) -> float:
        return top + height * (1 - (value - y_range[0]) / (y_range[1] - y_range[0]))

    lines = [f'<rect class="frame" x="{left}" y="{top}" width="{width}" height="{height}"/>']
    for value in y_range:
        lines.append(text(left - 5, at_y(value), f"{value:g}", "side"))
    for value, label in x_lines:
        lines.append(f'<path class="chance" d="M{at_x(value):g} {top}v{height}"/>')
        lines.append(text(at_x(value), top + height + 13, label, "tick"))
    points = [
        f'<circle class="{dot.kind}" cx="{at_x(dot.x):.1f}" cy="{at_y(dot.y):.1f}" r="2.2"/>'
        for dot in dots
    ]
    return svg(left + width + 12, top + height + 20, told, lines + points)


def lines(
    series: Sequence[np.ndarray],
    axis: str,
    told: str,
    *,
    marked: Sequence[tuple[float, float]] = (),
    width: int = 210,
) -> str:
    """Draw curves over the same span of time, each stretched to it.

    Args:
        series: Values over time, of any lengths from 2; a gap where they are NaN.
        axis: What the values are.
        told: What the chart is, for those who hear the page.
        marked: Parts of the time that are shaded, each from and to in shares of it.
        width: Of the plot in pixels.
    """
    left, top, height = 34, 10, 110
    seen = np.concatenate([values[~np.isnan(values)] for values in series])
    low, high = (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 0.0)
    high = max(high, low + 1e-9)
    drawn = [f'<rect class="frame" x="{left}" y="{top}" width="{width}" height="{height}"/>']
    for start, end in marked:
        drawn.append(
            f'<rect class="marked" x="{left + width * start:.1f}" y="{top}" '
            f'width="{width * (end - start):.1f}" height="{height}"/>'
        )
    for value, y in ((high, top + 8), (low, top + height)):
        drawn.append(
            text(left - 4, y, f"{value:.0f}" if abs(value) >= 10 else f"{value:.2g}", "side")
        )
    for number, values in enumerate(series):
        xs = left + width * np.linspace(0, 1, len(values))
        ys = top + height * (high - values) / (high - low)
        breaks = np.flatnonzero(np.diff(np.isnan(values))) + 1
        for x_part, y_part in zip(np.split(xs, breaks), np.split(ys, breaks), strict=True):
            if np.isnan(y_part[0]):
                continue
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(x_part, y_part, strict=True))
            drawn.append(
                f'<g class="s{number % N_COLOURS}"><polyline class="curve" points="{points}"/></g>'
            )
    drawn.append(text(left + width / 2, top + height + 13, axis, "tick"))
    return svg(left + width + 12, top + height + 20, told, drawn)


def key(series: int) -> str:
    """Draw the shape of a series, for a legend."""
    return (
        f'<svg class="key s{series % N_COLOURS}" width="16" height="12" aria-hidden="true">'
        f"{_shape(series, 8, 6)}</svg>"
    )


def _mark(mark: Mark, y: float) -> str:
    parts = [f"<title>{escape(mark.told)}</title>"]
    if mark.low is not None and mark.high is not None:
        parts.append(f'<path d="M{_across(mark.low):.1f} {y:g}H{_across(mark.high):.1f}"/>')
    parts.append(_shape(mark.series, _across(mark.value), y))
    return f'<g class="s{mark.series % N_COLOURS}">{"".join(parts)}</g>'


def _shape(series: int, x: float, y: float) -> str:
    """Draw a dot, square, triangle or diamond; the ninth series has the first's colour only."""
    return (
        f'<circle cx="{x:.1f}" cy="{y:g}" r="4"/>',
        f'<rect x="{x - 3.6:.1f}" y="{y - 3.6:g}" width="7.2" height="7.2"/>',
        f'<path class="solid" d="M{x:.1f} {y - 4.8:g}l4.8 8.4h-9.6z"/>',
        f'<path class="solid" d="M{x:.1f} {y - 5:g}l5 5-5 5-5-5z"/>',
    )[(series + series // N_COLOURS) % 4]


def _across(value: float) -> float:
    return _LABEL_PX + _PLOT_PX * value


def text(x: float, y: float, text: str, style: str) -> str:
    """Place words."""
    return f'<text class="{style}" x="{x:g}" y="{y:g}">{escape(text)}</text>'


def svg(width: float, height: float, told: str, parts: Sequence[str]) -> str:
    """Put parts together to a drawing; `told` is what it is, for those who hear the page."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" '
        f'role="img" aria-label="{escape(told)}">{"".join(parts)}</svg>'
    )
