"""Files for paying people, as their recruiters take them. Each names people."""

import csv
import io
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from experiments.payment import as_amount
from experiments.recruitment import MTurkRecruitment, ProlificRecruitment
from studyapp.models import Study
from studyapp.selectors.recruiters import VISIT_COLUMNS
from studyapp.selectors.studies import protocol_of

Row = dict[str, Any]


class PaymentFile(StrEnum):
    """What a file is for."""

    VISITS = "visits"
    APPROVALS = "approvals"
    BONUSES = "bonuses"


_ABOUT = {
    PaymentFile.VISITS: "Everybody who was sent, with codes, states and what is due",
    PaymentFile.APPROVALS: "Whom to approve",
    PaymentFile.BONUSES: "Bonuses",
}
_AT_PROLIFIC = {
    PaymentFile.APPROVALS: "one participant id a line, of who completed the study",
    PaymentFile.BONUSES: "for Bulk bonus payment: participant id and amount, without a header",
}
_AT_MTURK = {
    PaymentFile.APPROVALS: "to upload where results are reviewed: an X approves",
    PaymentFile.BONUSES: "worker, assignment and amount, as SendBonus takes them",
}


def payment_files(study: Study) -> dict[PaymentFile, str]:
    """The files that this study's recruiter takes, and what each is."""
    recruitment = protocol_of(study).recruitment
    recruiter: dict[PaymentFile, str] = {}
    if isinstance(recruitment, ProlificRecruitment):
        recruiter = _AT_PROLIFIC
    elif isinstance(recruitment, MTurkRecruitment):
        recruiter = _AT_MTURK
    files = {PaymentFile.VISITS: _ABOUT[PaymentFile.VISITS]}
    return files | {file: f"{_ABOUT[file]}: {how}" for file, how in recruiter.items()}


def payment_text(study: Study, file: PaymentFile, rows: Sequence[Row]) -> str:
    """What a file says. Nobody is in it twice: of several visits the last one is paid."""
    if file == PaymentFile.VISITS:
        return _csv(VISIT_COLUMNS, (row.values() for row in rows))
    last = _last_visits(rows)
    paid = [row for row in last if row["has_completed"] == "yes" and not row["rejection"]]
    due = [row for row in last if row["bonus_cents"]]
    if isinstance(protocol_of(study).recruitment, MTurkRecruitment):
        return _mturk_approvals(last) if file == PaymentFile.APPROVALS else _mturk_bonuses(due)
    if file == PaymentFile.APPROVALS:
        return _csv(None, ([row["external_id"]] for row in paid))
    return _csv(None, ([row["external_id"], as_amount(row["bonus_cents"])] for row in due))


def _mturk_approvals(rows: Iterable[Row]) -> str:
    """Who has completed is approved, or rejected with the reason that was given."""
    header = ("HITId", "AssignmentId", "WorkerId", "Approve", "Reject")
    return _csv(
        header,
        (
            [
                *(row["listing_id"], row["visit_id"], row["external_id"]),
                *(("", row["rejection"]) if row["rejection"] else ("X", "")),
            ]
            for row in rows
            if row["has_completed"] == "yes" or row["rejection"]
        ),
    )


def _mturk_bonuses(due: Iterable[Row]) -> str:
    header = ("WorkerId", "AssignmentId", "BonusAmount")
    amounts = ([r["external_id"], r["visit_id"], as_amount(r["bonus_cents"])] for r in due)
    return _csv(header, amounts)


def _last_visits(rows: Sequence[Row]) -> list[Row]:
    return list({row["participant"]: row for row in rows}.values())


def _csv(header: Sequence[str] | None, rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if header:
        writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
