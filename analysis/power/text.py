"""A power record as lines to read."""

from collections.abc import Iterator

from experiments.power_record import DetectableRow, PowerRecord, Rate


def curve_text(record: PowerRecord) -> str:
    """Return what was taken for granted, the curve, and the smallest effects found."""
    return "\n".join([*_assumed(record), "", *_curve(record), "", *_found(record)])


def _assumed(record: PowerRecord) -> Iterator[str]:
    for statement in record.assumptions.statements:
        yield f"- {statement}"
    yield f"- Test: {record.test}, alpha {record.alpha:g}, correction {record.correction}."


def _curve(record: PowerRecord) -> Iterator[str]:
    names = [f"{row.arm} - {row.against}" for row in record.rows]
    width = max(map(len, [*names, "any without a difference"])) + 2
    yield (
        f"{'participants':>12}{'pictures':>9}{'effect':>8}{'logits':>8}  {'contrast':{width}}"
        f"{'significant':>12}  95 % interval"
    )
    for row, name in zip(record.rows, names, strict=True):
        size = f"{row.participants:12}{row.pictures:9}{row.effect:8.3f}{row.logits:8.2f}"
        remark = "" if row.difference else "   (no true difference)"
        yield f"{size}  {name:{width}}{_rate(row.significant)}{remark}"
    for family in record.families:
        size = f"{family.participants:12}{family.pictures:9}{family.effect:8.3f}{'':8}"
        yield f"{size}  {'any without a difference':{width}}{_rate(family.any_false)}"


def _found(record: PowerRecord) -> Iterator[str]:
    yield f"Smallest difference found with power {record.wanted_power:g}, with its 95 % interval"
    for row in record.detectable:
        size = f"{row.participants:12}{row.pictures:9}"
        yield f"{size}  {row.arm} - {row.against}: {_difference(row)}"


def _difference(row: DetectableRow) -> str:
    if row.difference is None:
        return row.note
    return f"{row.difference:.3f} ({row.low:.3f} to {row.high:.3f})"


def _rate(rate: Rate) -> str:
    return f"{100 * rate.share:11.1f}%  {100 * rate.low:.1f} to {100 * rate.high:.1f}"
