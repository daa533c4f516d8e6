"""A report of a study with interim looks: nothing before they ended it, and then what they decided.

Whoever sees outcomes while people still take part can stop or prolong the study by them, and its
p values hold no more. So a study whose plan has looks is reported once a look was its last one, or
every contrast has crossed its boundary, and the recorded look decides, not a test without looks.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from analysis.errors import ExportError
from analysis.estimates import OF_THIS_EXPORT, Estimate
from analysis.load import StudyData
from analysis.looks import LookRecord, check_record, next_planned, read_record, record_path
from analysis.monitor import Monitored, monitor
from analysis.population import choose_stage
from experiments.schema import Contrast

# Of a fit on another machine.
_ROUNDING = 1e-4


def record_of_looks(folder: Path, monitored: Monitored, named: Path | None) -> LookRecord:
    """Read the record of looks at a study.

    Parameters
    ----------
    folder
        The export.
    named
        The record, where it doesn't lie beside the export.

    Raises
    ------
    ExportError
        When the file that was named isn't there, or is no such record.
    """
    study, stage = monitored.study, monitored.stage
    if named is not None and not named.is_file():
        raise ExportError(f"--record {named}: there is no such file.")
    slug = study.protocol.slug
    path = named or record_path(folder, slug, stage, is_rehearsal=False)
    record = read_record(path, study=slug, digest=study.protocol_digest, stage=stage)
    check_record(path, study.protocol.analysis, record)
    return record


def refuse_before_the_end(folder: Path, monitored: Monitored, record: LookRecord) -> None:
    """Refuse to report outcomes that the plan keeps covered until a look ends the study.

    Raises
    ------
    ExportError
        Saying which look is the next, and the command that makes it.
    """
    looks = monitored.plan.interim_looks
    if looks is None or record.has_ended(monitored.plan.contrasts):
        return
    made = f"{len(record.looks)} made" if record.looks else "none made"
    share = next_planned(looks, record)
    upcoming = "" if share is None else f", the next at {share:.3g} of the planned participants"
    raise ExportError(
        f"The plan of {monitored.study.protocol.slug} has interim looks ({made}{upcoming}), and "
        "none has ended the study yet: a report would show outcomes that nobody may see before. "
        f"Look with `python -m analysis monitor {folder}`; add --final when recruitment has ended. "
        "If the record of looks doesn't lie beside the export, name it with --record."
    )


def require_uncovered(folder: Path, study: StudyData) -> None:
    """Refuse outcomes of an export whose plan keeps them covered.

    Raises
    ------
    ExportError
        As `refuse_before_the_end`.
    """
    stage = choose_stage(study.tables["sessions"], None)
    monitored = monitor(study, stage)
    if stage == "main" and not monitored.is_rehearsal:
        refuse_before_the_end(folder, monitored, record_of_looks(folder, monitored, None))


def unplanned_looks(record: LookRecord) -> list[str]:
    """Return a warning for each look at outcomes that the plan had not."""
    return [
        f"UNPLANNED LOOK: outcomes were seen on {own.looked_at[:10]} with {own.participants} "
        f"participants analysed, outside the plan, because: {own.reason.rstrip('.')}. No p value "
        "accounts for it."
        for own in record.unblindings
    ]


def still_open(monitored: Monitored) -> list[str]:
    """Return a warning where people may still take part."""
    if monitored.is_over:
        return []
    counts = monitored.counts
    return [
        f"NOT COMPLETE: {counts.consented} of {counts.planned} planned participants have begun "
        f"(unfinished: {counts.unfinished}). Nobody who can still stop or prolong the study may "
        "see this: its p values would hold no more. Close the study when recruitment has ended, "
        "and export it again."
    ]


def decided_by_looks(
    estimates: Sequence[Estimate],
    contrasts: Sequence[Contrast],
    record: LookRecord,
    export_digest: str,
) -> list[Estimate]:
    """Return the plan's estimates with what the looks decided as each contrast's first.

    Parameters
    ----------
    estimates
        Of the export: the deciding row of each contrast has the role confirmatory.
    export_digest
        Where the deciding look was made at another export, that export's estimate stands first,
        and this one's beside it as sensitivity.
    """
    decisions = {(own.arm, own.against): record.decision(own) for own in contrasts}
    rows = []
    for own in estimates:
        if own.role != "confirmatory":
            rows.append(own)
            continue
        decision = decisions[own.arm, own.against]
        first = decision.estimate()
        rows.append(first)
        if decision.look.export_digest == export_digest:
            _require_the_same(own, first, decision.look.number)
        else:
            told = f"look {decision.look.number} decided, at another export"
            note = "; ".join(part for part in (told, own.note) if part)
            method = f"{own.method}{OF_THIS_EXPORT}"
            rows.append(replace(own, role="sensitivity", method=method, p_adjusted=None, note=note))
    return rows


def _require_the_same(own: Estimate, recorded: Estimate, look: int) -> None:
    """Refuse a recorded look whose figures the export that it was made at doesn't give."""
    figures = ((own.p, recorded.p), (own.estimate, recorded.estimate))
    for computed, kept in figures:
        if (computed is None) != (kept is None) or (
            computed is not None and kept is not None and abs(computed - kept) > _ROUNDING
        ):
            raise ExportError(
                f"The record of look {look} has other figures of {own.arm} against {own.against} "
                "than the export it was made at gives. Put the record back as `monitor` wrote it."
            )
