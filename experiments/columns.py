"""The export contract: every table and column of an export folder, said once.

`manage.py export_study` writes these tables, `python -m analysis` reads them, and the codebook is
printed from them. An export folder looks like this::

    tables/<table>.csv and tables/<table>.parquet
    codebook.csv, codebook.json     this page, as data
    protocol.json                   the frozen protocol (canonical JSON) and its digest
    manifest.json                   the stimulus manifest
    export.json                     version, study, counts of rows and of who was left out
    load.R, load.py                 read the tables with the codebook's types
    SHA256SUMS

Left out is who withdrew *and* asked for deletion: nothing of them is stored but the slot they had.
`export.json` counts them by recruitment stage and arm, and by stage those who had no arm yet::

    "left_out": {"withdrawn_participants": 2, "by_stage": {"pilot": {"none": 1}, "main": {}},
                 "before_allocation": {"pilot": 1, "main": 0}}

Who withdrew and let their answers stay is in every table, with the state `withdrawn`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from experiments.allocation.ledger import EntryKind
from experiments.scales import SCALES
from experiments.sequencing import CATCH
from experiments.tasks import TASKS, meaning_by_kind
from experiments.timing import OnsetMethod, meaning

EXPORT_SCHEMA_VERSION = "1"
LOADERS = tuple(Path(__file__).parent / "loaders" / name for name in ("load.R", "load.py"))

ColumnType = Literal["string", "integer", "number", "boolean", "datetime", "json"]


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    levels
        The values it can take, when they are few and fixed.
    nullable
        Whether a cell may be empty; the meaning says when.
    """

    name: str
    type: ColumnType
    meaning: str
    unit: str = ""
    levels: tuple[str, ...] = ()
    nullable: bool = False


@dataclass(frozen=True)
class Table:
    """One table: what a row is, which columns name it, and its columns."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column_names(self) -> list[str]:
        """Return the header in order."""
        return [column.name for column in self.columns]


_PARTICIPANT = Column("participant", "string", "pseudonym of the person")
_SESSION = Column("session", "string", "pseudonym of one run through the study")
_TRIAL = Column("trial", "string", "identifier of the trial")
_ARM = Column("arm", "string", "arm the participant was allocated to")
_ARM_IF_ANY = Column(
    "arm",
    "string",
    "arm the participant was allocated to; empty for who left before that",
    nullable=True,
)

PARTICIPANTS = Table(
    "participants",
    "a person who consented and did not ask for their answers to be deleted",
    ("participant",),
    (
        _PARTICIPANT,
        _ARM_IF_ANY,
        Column("recruitment_stage", "string", "pilot or main", levels=("pilot", "main")),
        Column("is_bot", "boolean", "true for a simulated participant"),
        Column("created_at", "datetime", "when they consented"),
    ),
)

SESSIONS = Table(
    "sessions",
    "one run of a participant through the study",
    ("session",),
    (
        _SESSION,
        _PARTICIPANT,
        _ARM_IF_ANY,
        Column("recruitment_stage", "string", "pilot or main", levels=("pilot", "main")),
        Column("is_bot", "boolean", "true for a simulated participant"),
        Column(
            "state",
            "string",
            "where the run ended, or stands; withdrawn means that the participant stopped and let "
            "the answers given until then stay (who asked for deletion has no row: export.json "
            "counts them)",
            levels=("active", "completed", "screened_out", "withdrawn"),
        ),
        Column("stage_key", "string", "stage last reached"),
        Column("seed", "integer", "seed of the session's order of trials"),
        Column("protocol_digest", "string", "SHA-256 of the frozen protocol it followed"),
        Column("consent_version", "string", "version of the consent text agreed to"),
        Column("consent_digest", "string", "SHA-256 of that text"),
        Column("started_at", "datetime", "when consent was given"),
        Column("finished_at", "datetime", "when it was completed", nullable=True),
        Column(
            "rejected_at",
            "datetime",
            "when staff rejected the submission, so that it is not paid; the analysis does not "
            "look at it: whom it leaves out, the frozen plan says",
            nullable=True,
        ),
        Column("stratum", "string", "stratum it was allocated in, if any", nullable=True),
        Column(
            "slot_released_at",
            "datetime",
            "when its place was given back, to be given again; its data stay",
            nullable=True,
        ),
        Column("quiz_attempts", "integer", "attempts at the comprehension quiz"),
    ),
)

TRIALS = Table(
    "trials",
    "one planned trial, answered or not",
    ("trial",),
    (
        _TRIAL,
        _SESSION,
        _PARTICIPANT,
        _ARM,
        Column("stage_key", "string", "stage of the protocol"),
        Column("phase", "string", "phase", levels=("practice", "training", "assessment")),
        Column("trial_index", "integer", "position in the session, from 0"),
        Column(
            "trial_type",
            "string",
            "the kind of task, or a check that instructions are read",
            levels=(*TASKS, CATCH),
        ),
        Column("condition", "string", "condition of this trial"),
        Column("stimulus", "string", "stimulus key; empty for a catch trial", nullable=True),
        Column("true_species", "string", "species in the picture", nullable=True),
        Column("predicted_species", "string", "what the network says", nullable=True),
        Column("predicted_probability", "number", "its probability", "0 to 1", nullable=True),
        Column("explanation_key", "string", "key of the explanation shown", nullable=True),
        Column("instructed_choice", "string", "answer a catch trial asks for", nullable=True),
        Column("choice_order", "json", "answers in the order offered"),
        Column(
            "choice_meanings",
            "json",
            "what each answer stands for, where answers are pictures: the key of a version in the "
            "manifest, or the species that an explanation is of",
            nullable=True,
        ),
        Column(
            "right_choice",
            "string",
            f"the answer that is correct. {meaning_by_kind('right_choice')}; catch: the answer "
            "asked for",
        ),
        Column(
            "asks_first",
            "boolean",
            "an answer is asked for before explanation and advice are shown (`first_responses`), "
            "and again with them",
        ),
        Column(
            "served_at",
            "datetime",
            "when it was first sent, as a page or in a block of trials",
            nullable=True,
        ),
        Column(
            "served_again_at",
            "datetime",
            "when the question that comes with the explanation was first sent, of two",
            nullable=True,
        ),
    ),
)

_GIVEN = (
    Column("response", "string", "identifier of the answer, made once per submission"),
    _TRIAL,
    _SESSION,
    _PARTICIPANT,
    Column("choice", "string", meaning_by_kind("choice")),
    Column("correct", "boolean", "equal to `right_choice` of the trial"),
    Column("confidence", "integer", "1 is least sure; empty when not asked", nullable=True),
    Column(
        "rt_ms",
        "number",
        "from the picture's paint to the choice that was sent (its last pick), measured in the "
        "browser by the player; empty where no player ran, as without JavaScript; a bot's is "
        "simulated",
        "ms",
        nullable=True,
    ),
    Column("submitted_ms", "number", meaning("submitted_ms"), "ms", nullable=True),
    Column(
        "onset_method",
        "string",
        meaning("onset_method"),
        levels=get_args(OnsetMethod),
        nullable=True,
    ),
    Column("refresh_ms", "number", meaning("refresh_ms"), "ms", nullable=True),
    Column("device_pixel_ratio", "number", meaning("device_pixel_ratio"), nullable=True),
    Column("hidden_spans", "json", meaning("hidden_spans"), "ms", nullable=True),
    Column("reloads", "integer", meaning("reloads"), nullable=True),
    Column(
        "server_ms",
        "integer",
        "from page sent to answer received, on the server's clock: network, loading and "
        "time away from the page are in it; empty for answers of the player, which is sent "
        "several trials at once",
        "ms",
        nullable=True,
    ),
    Column(
        "is_conflict",
        "boolean",
        "true for a later, different answer to an answered trial; it does not count",
    ),
    Column(
        "waited_ms",
        "integer",
        "how long the browser had kept the answer when it was sent, by its clock: seconds to days "
        "where the network or the server was away; empty where no player ran",
        "ms",
        nullable=True,
    ),
    Column("received_at", "datetime", "when the server stored it"),
    Column(
        "receipt",
        "string",
        "SHA-256 that the browser was given; experiments.receipts makes it from this row",
    ),
)

RESPONSES = Table(
    "responses",
    "one answer; a trial has at most one that counts. Where a trial asks twice it is the second",
    ("response",),
    (
        *_GIVEN,
        Column(
            "first_choice",
            "string",
            "the answer given before explanation and advice were shown; empty where the trial asks "
            "once",
            nullable=True,
        ),
        Column("first_correct", "boolean", "whether that was right", nullable=True),
        Column("first_confidence", "integer", "how sure of that", nullable=True),
        Column("first_rt_ms", "number", "as rt_ms, of that", "ms", nullable=True),
    ),
)

FIRST_RESPONSES = Table(
    "first_responses",
    "one answer given before explanation and advice were shown, in a trial that asks again",
    ("response",),
    _GIVEN,
)

ANSWERS = Table(
    "answers",
    "one answer to a quiz question or questionnaire item",
    ("session", "stage_key", "item", "attempt"),
    (
        _SESSION,
        _PARTICIPANT,
        Column("stage_key", "string", "stage of the protocol"),
        Column("item", "string", "key of the question or item"),
        Column("attempt", "integer", "1 for a questionnaire; counts up in a quiz"),
        Column("value", "string", "the answer", nullable=True),
        Column("correct", "boolean", "of a quiz question", nullable=True),
        Column("received_at", "datetime", "when the server stored it"),
    ),
)

SCALE_SCORES = Table(
    "scales",
    "the score of a questionnaire scale, each time it was answered",
    ("session", "stage_key"),
    (
        _SESSION,
        _PARTICIPANT,
        Column("stage_key", "string", "stage of the protocol: the moment it was asked"),
        Column("scale", "string", "the scale", levels=tuple(SCALES)),
        Column(
            "score",
            "number",
            "mean of the items, reversed ones turned. "
            + "; ".join(f"{name}: {scale.range}" for name, scale in SCALES.items()),
            nullable=True,
        ),
        Column("answered", "integer", "items answered; without all of them there is no score"),
        Column("items", "integer", "items of the scale"),
    ),
)

EVENTS = Table(
    "events",
    "something that happened in a session",
    ("event",),
    (
        Column("event", "integer", "number of the event within the export, from 1"),
        _SESSION,
        _PARTICIPANT,
        Column("trial", "string", "trial it belongs to", nullable=True),
        Column("kind", "string", "what happened"),
        Column("data", "json", "details"),
        Column(
            "since_onset_ms",
            "number",
            "when, since the picture's paint, by the browser; empty for what the server saw",
            "ms",
            nullable=True,
        ),
        Column("occurred_at", "datetime", "when the server knew of it"),
    ),
)

_STAGE = Column("recruitment_stage", "string", "pilot or main", levels=("pilot", "main"))

ALLOCATION = Table(
    "allocation",
    "one slot, drawn when the protocol was frozen; arm and block of those that nobody holds are "
    "told once the study is closed",
    ("recruitment_stage", "slot_index"),
    (
        _STAGE,
        Column("slot_index", "integer", "position among the slots of the stage, from 0"),
        Column(
            "block", "integer", "block or run of its stratum it was drawn in, from 0", nullable=True
        ),
        Column("stratum", "string", "who may get it; empty: anybody", nullable=True),
        Column("arm", "string", "arm of the slot", nullable=True),
        Column("session", "string", "session that holds it", nullable=True),
        Column("claimed_at", "datetime", "when that session began", nullable=True),
    ),
)

ALLOCATION_LEDGER = Table(
    "allocation_ledger",
    "one change of the allocation, in order; digests chain each to the one before it",
    ("entry",),
    (
        Column("entry", "integer", "number of the entry, from 1"),
        Column(
            "kind",
            "string",
            "a session got a slot or lost it; a cell was closed or opened again",
            levels=get_args(EntryKind),
        ),
        _STAGE,
        Column("arm", "string", "arm of the slot or cell"),
        Column("stratum", "string", "of the participant, or of the cell", nullable=True),
        Column("slot_index", "integer", "slot; empty for a cell", nullable=True),
        Column("session", "string", "session; empty for a cell", nullable=True),
        Column("reason", "string", "why; empty for a claim", nullable=True),
        Column("occurred_at", "datetime", "when"),
        Column("digest", "string", "SHA-256 of the entry and the digest before it"),
    ),
)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        PARTICIPANTS,
        SESSIONS,
        TRIALS,
        RESPONSES,
        FIRST_RESPONSES,
        ANSWERS,
        SCALE_SCORES,
        EVENTS,
        ALLOCATION,
        ALLOCATION_LEDGER,
    )
}


def codebook() -> list[dict[str, Any]]:
    """Return one row for every column of every table."""
    return [
        {"table": table.name, **asdict(column), "levels": list(column.levels)}
        for table in TABLES.values()
        for column in table.columns
    ]
