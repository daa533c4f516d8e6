"""The CONSORT flow diagram, drawn: one column an arm, one row a phase of the study."""

import textwrap
from dataclasses import dataclass, field
from html import escape

from analysis.exclusions import REASONS
from analysis.figures import COLOURS
from analysis.flow import ArmFlow, ParticipantFlow

_COLUMN, _GAP, _MARGIN = 240, 22, 34
_PAD, _LINE, _ARROW = 12, 19, 30
# Letters of 13 px that surely fit beside a number of four digits.
_LETTERS = 27
_INK, _SOFT, _RULE = "#1b2427", "#56646a", "#8a979c"
_FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"


@dataclass(frozen=True)
class _Row:
    words: str
    number: str
    indent: int
    is_title: bool = False


@dataclass(frozen=True)
class _Box:
    title: str
    count: int
    lines: list[tuple[str, int]] = field(default_factory=list)
    parts: list[tuple[str, int]] = field(default_factory=list)
    colour: str = ""

    def rows(self) -> list[_Row]:
        """Return the lines of text; parts of the last line are set in."""
        told = [_Row(self.title, f"n = {self.count:,}", 0, is_title=True)]
        told += [_Row(words, f"{count:,}", 0) for words, count in self.lines]
        for words, count in self.parts:
            first, *more = textwrap.wrap(words, _LETTERS)
            told.append(_Row(first, f"{count:,}", 1))
            told += [_Row(line, "", 2) for line in more]
        return told

    def height(self) -> int:
        return 2 * _PAD + _LINE * len(self.rows()) - 4


def flow_diagram(flow: ParticipantFlow) -> str:
    """Return the diagram as SVG, without styles, so that a strict page may hold it.

    Parameters
    ----------
    flow
        From `participant_flow`.
    """
    columns = len(flow.arms)
    width = _MARGIN + columns * _COLUMN + (columns - 1) * _GAP
    phases = [
        ("Allocation", [_allocation(arm, index) for index, arm in enumerate(flow.arms)]),
        ("Follow-up", [_follow_up(arm) for arm in flow.arms]),
        ("Analysis", [_analysis(arm) for arm in flow.arms]),
    ]
    top = _top(flow)
    y = 16.0  # the word beside the box is longer than the box is high
    parts = [_phase("Enrolment", y, top.height())]
    middle = (_MARGIN + width) / 2
    top_width = min(width - _MARGIN, 330)
    parts.append(_drawn(top, middle - top_width / 2, y, top_width, top.height()))
    y += top.height()
    centres = [_MARGIN + index * (_COLUMN + _GAP) + _COLUMN / 2 for index in range(columns)]
    parts += _branches(middle, centres, y)
    y += 2 * _ARROW - 12
    for number, (name, boxes) in enumerate(phases):
        height = max(box.height() for box in boxes)
        parts.append(_phase(name, y, height))
        for centre, box in zip(centres, boxes, strict=True):
            parts.append(_drawn(box, centre - _COLUMN / 2, y, _COLUMN, height))
            if number < len(phases) - 1:
                parts.append(_arrow(centre, y + height, y + height + _ARROW))
        y += height + _ARROW
    y += 2 - _ARROW
    told = f"Flow of {flow.allocated} participants, of whom {flow.analysed} are analysed"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{told}" '
        f'width="{width}" height="{y:g}" viewBox="0 0 {width + 1} {y:g}" '
        f'font-family="{_FONT}" font-size="13" fill="{_INK}">' + "".join(parts) + "</svg>"
    )


def _top(flow: ParticipantFlow) -> _Box:
    if not flow.not_allocated:
        return _Box("Consented, allocated at random", flow.allocated)
    lines = [
        ("not allocated", flow.not_allocated),
        ("allocated at random", flow.allocated),
    ]
    return _Box("Consented", flow.allocated + flow.not_allocated, lines)


def _allocation(arm: ArmFlow, index: int) -> _Box:
    lines = [("began the trials", arm.began)]
    never = arm.allocated - arm.began - arm.answers_deleted - arm.simulated_left_out
    if never:
        lines.append(("answered no trial", never))
    return _Box(arm.arm, arm.allocated, lines, colour=COLOURS[index % len(COLOURS)])


def _follow_up(arm: ArmFlow) -> _Box:
    lost = [("dropped out", sum(arm.dropped_out.values()))] if arm.dropped_out else []
    return _Box("Completed", arm.completed, lost, list(arm.dropped_out.items()))


def _analysis(arm: ArmFlow) -> _Box:
    reasons = [(REASONS[reason], count) for reason, count in arm.excluded.items()]
    if arm.answers_deleted:
        reasons.append(("withdrew, answers deleted", arm.answers_deleted))
    if arm.simulated_left_out:
        reasons.append(("simulated, left out", arm.simulated_left_out))
    left_out = [("not analysed", arm.allocated - arm.analysed)] if reasons else []
    lines = [("answers analysed", arm.analysed_trials), *left_out]
    return _Box("Analysed", arm.analysed, lines, reasons)


def _drawn(box: _Box, x: float, y: float, width: float, height: float) -> str:
    parts = [
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="3" '
        f'fill="#fff" stroke="{_RULE}"/>'
    ]
    if box.colour:
        parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="4" fill="{box.colour}"/>'
        )
    line = y + _PAD + 11
    for row in box.rows():
        look = 'font-weight="600"' if row.is_title else f'fill="{_SOFT}"' if row.indent else ""
        left, right = x + _PAD + 12 * row.indent, x + width - _PAD
        parts.append(
            f'<text x="{left:g}" y="{line:g}" {look}>{escape(row.words)}</text>'
            f'<text x="{right:g}" y="{line:g}" text-anchor="end" {look}>{row.number}</text>'
        )
        line += _LINE
    return "".join(parts)


def _phase(name: str, y: float, height: float) -> str:
    middle = y + height / 2
    return (
        f'<text x="12" y="{middle:g}" transform="rotate(-90 12 {middle:g})" text-anchor="middle" '
        f'font-size="11" fill="{_SOFT}">{name}</text>'
    )


def _branches(middle: float, centres: list[float], y: float) -> list[str]:
    turn = y + _ARROW - 12
    lines = [f"M{middle:g} {y:g}V{turn:g}", f"M{centres[0]:g} {turn:g}H{centres[-1]:g}"]
    drawn = f'<path d="{"".join(lines)}" fill="none" stroke="{_RULE}"/>'
    return [drawn, *(_arrow(centre, turn, turn + _ARROW) for centre in centres)]


def _arrow(x: float, start: float, end: float) -> str:
    return (
        f'<path d="M{x:g} {start:g}V{end - 6:g}" fill="none" stroke="{_RULE}"/>'
        f'<path d="M{x - 4:g} {end - 7:g}L{x:g} {end:g}L{x + 4:g} {end - 7:g}Z" fill="{_RULE}"/>'
    )
