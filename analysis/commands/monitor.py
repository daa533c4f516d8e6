"""`python -m analysis monitor`."""

import argparse
from dataclasses import asdict
from pathlib import Path

from analysis.errors import ExportError
from analysis.estimates import Estimate, p_text
from analysis.load import StudyData, load_study, refuse_inside
from analysis.looks import (
    ContrastAtLook,
    Look,
    LookRecord,
    Unblinding,
    check_record,
    read_record,
    record_path,
    write_record,
)
from analysis.monitor import Monitored, NoLookPlanned, look_now, monitor, now
from analysis.population import choose_stage
from analysis.report.numbers import points

_DESCRIPTION = """\
Look at a study while it runs, by its frozen plan. Counts that tell nothing of the outcome are
always shown. The test is made only when the plan has a look now (interim_looks): its boundary by
alpha spending, and whether it is crossed. Each look is kept in a record beside the export; the
record belongs to the study, so keep its exports in one folder, or name it with --record.

Outcomes at a moment that the plan doesn't name, seen by somebody who can still stop or prolong the
study, make its p values worthless. --unblind shows them all the same and writes your reason into
the record, for the paper.
"""

_EXAMPLES = """\
examples:
  python manage.py export_study my-study --out var/exports/my-study-2026-03-01
  python -m analysis monitor var/exports/my-study-2026-03-01
  python -m analysis monitor var/exports/my-study-2026-06-01 --final
"""

_COUNT_WORDS = {
    "planned": "participants planned",
    "consented": "consented",
    "simulated": "of them SIMULATED",
    "completed": "completed",
    "unfinished": "unfinished",
    "screened_out": "screened out",
    "withdrew": "withdrew, answers kept",
    "withdrew_and_deleted": "withdrew, answers deleted",
    "simulated_left_out": "simulated, left out",
    "failed_an_attention_check": "failed an attention check",
    "answers": "answers that would count",
    "without_reaction_time": "of them without reaction time",
    "analysed": "participants analysed (after the plan's exclusions)",
}


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the sub-command."""
    parser = commands.add_parser(
        "monitor",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="written by `manage.py export_study`")
    parser.add_argument("--stage", choices=["pilot", "main"], help="default: main, if it has any")
    parser.add_argument(
        "--record", type=Path, help="default: beside the export, STUDY-STAGE-looks.json"
    )
    parser.add_argument(
        "--final",
        action="store_true",
        help="recruitment has ended before its plan: spend what is left of alpha",
    )
    parser.add_argument(
        "--unblind", metavar="REASON", help="show outcomes that no look is planned for"
    )
    parser.add_argument(
        "--with-bots",
        action="store_true",
        help="count simulated participants together with people (default: only where all are)",
    )


def run(args: argparse.Namespace) -> int:
    """Print the counts, and what the plan allows beside them."""
    if args.unblind is not None and not args.unblind.strip():
        raise ExportError("--unblind needs a reason: it is written into the record of looks.")
    study = load_study(args.folder)
    stage = choose_stage(study.tables["sessions"], args.stage)
    slug = study.protocol.slug
    monitored = monitor(study, stage, with_bots=args.with_bots)
    path = args.record or record_path(args.folder, slug, stage, is_rehearsal=monitored.is_rehearsal)
    refuse_inside(args.folder, path)
    record = read_record(path, study=slug, digest=study.protocol_digest, stage=stage)
    check_record(path, study.protocol.analysis, record)
    _print_counts(study, monitored)
    try:
        look = look_now(monitored, record, is_final=args.final)
    except NoLookPlanned as reason:
        print(f"\nNo test: {reason}.")
        if args.unblind is None:
            print("Outcomes stay blinded.")
        else:
            _unblind(args.unblind.strip(), monitored, record, path)
        return 0
    if args.unblind is not None:
        raise ExportError(f"Look {look.number} is a planned one: leave --unblind out.")
    _record(look, record, path)
    _print_look(look, monitored)
    print(f"{'made before, as recorded in' if look in record.looks else 'recorded in'} {path}")
    return 0


def _record(look: Look, record: LookRecord, path: Path) -> None:
    """Keep a look that is new, or that has become the last one, and tell of the second."""
    if look in record.looks:
        return
    write_record(path, record.with_look(look))
    if any(own.number == look.number for own in record.looks):
        print(
            f"\nNobody more is analysed than at look {look.number}: it was the last one, and its "
            "boundary stands."
        )


def _print_counts(study: StudyData, monitored: Monitored) -> None:
    print(
        f"{study.protocol.title} ({study.protocol.slug}), stage {monitored.stage}, "
        f"exported {study.record.exported_at}"
    )
    for name, count in asdict(monitored.counts).items():
        print(f"{count:8} {_COUNT_WORDS[name]}")


def _print_look(look: Look, monitored: Monitored) -> None:
    plan = monitored.plan
    word = "the last look" if look.is_last else "an interim look"
    print(
        f"\nLook {look.number}, {word}: {look.participants} of {look.planned_participants} "
        f"participants, {look.alpha_spent:.4g} of alpha {plan.alpha:g} spent"
        + (f" ({plan.interim_looks.spending})" if plan.interim_looks else "")
    )
    for row in look.contrasts:
        print(f"  {_contrast_text(row)}")


def _contrast_text(row: ContrastAtLook) -> str:
    pair = f"{row.arm} against {row.against}"
    if row.level is None:
        return f"{pair}: crossed its boundary at an earlier look"
    if row.p is None:
        return f"{pair}: no answer ({row.note})"
    verdict = "boundary crossed" if row.crossed else "boundary not crossed"
    interval = ""
    if row.ci_low is not None and row.ci_high is not None:
        low, high = (_on_scale(end, row.scale) for end in (row.ci_low, row.ci_high))
        interval = f" (repeated interval {low} to {high})"
    return (
        f"{pair}: {verdict} ({p_text(row.p)}, boundary p <= {row.level:.3g}); "
        f"{_scale_word(row.scale)} {_on_scale(row.estimate or 0.0, row.scale)}{interval}"
    )


def _unblind(reason: str, monitored: Monitored, record: LookRecord, path: Path) -> None:
    unblinding = Unblinding(
        looked_at=now(),
        reason=reason,
        export_digest=monitored.study.export_digest,
        participants=monitored.counts.analysed,
    )
    # First the record, then the outcomes: nobody sees them without having left a trace.
    unblindings = (*record.unblindings, unblinding)
    write_record(path, record.model_copy(update={"unblindings": unblindings}))
    print(f"\nUNPLANNED UNBLINDING, recorded in {path}. Reason: {reason}")
    print("What follows is no confirmatory result, and later tests of this study must tell of it.")
    for arm, (people, mean) in monitored.accuracy_by_arm().items():
        print(f"  {arm}: {people} participants, mean accuracy {mean:.3f}")
    for row in monitored.estimates():
        print(f"  {_estimate_text(row)}")


def _estimate_text(row: Estimate) -> str:
    pair = f"{row.arm} against {row.against}"
    if row.p is None or row.estimate is None:
        return f"{pair}: no answer ({row.note})"
    value = f"{_scale_word(row.scale)} {_on_scale(row.estimate, row.scale)}"
    return f"{pair}: {value}, {p_text(row.p)} ({row.method})"


def _scale_word(scale: str) -> str:
    return scale.replace("_", " ")


def _on_scale(value: float, scale: str) -> str:
    if scale == "accuracy_difference":
        return f"{points(value)} points"
    return f"{value:+.3f}"
