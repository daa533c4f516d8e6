"""Reading the audit log, and finding out whether somebody changed it."""

from collections.abc import Iterator
from datetime import UTC

from experiments.digest import sha256_json
from studyapp.models import AuditEntry, AuditHead

# What the first entry follows.
GENESIS = "0" * 64


def digest_of(entry: AuditEntry) -> str:
    """The seal of an entry: over everything it says and the seal before it."""
    return sha256_json(
        {
            "number": entry.number,
            "occurred_at": entry.occurred_at.astimezone(UTC).isoformat(),
            "actor": entry.actor,
            "action": entry.action,
            "study": entry.study,
            "details": entry.details,
            "previous_digest": entry.previous_digest,
        }
    )


def audit_head() -> tuple[int, str]:
    """Number and digest of the last entry. Kept elsewhere, it vouches for the whole chain."""
    head = AuditHead.objects.first()
    return (head.number, head.digest) if head else (0, GENESIS)


def audit_problems(remembered: tuple[int, str] | None = None) -> list[str]:
    """Everything that shows a changed, removed, added or reordered entry.

    `remembered` is a head that was noted earlier. Whoever can write to the database can also seal
    a whole false chain anew; only a head kept elsewhere gives that away.
    """
    found = list(_chain_problems())
    if remembered:
        number, digest = remembered
        entry = AuditEntry.objects.filter(number=number).first()
        if entry is None:
            found.append(f"Entry {number}, which you remember, is missing.")
        elif entry.digest != digest:
            found.append(f"Entry {number} is not the one you remember.")
    return found


def _chain_problems() -> Iterator[str]:
    number, digest = 0, GENESIS
    for entry in AuditEntry.objects.order_by("number").iterator():
        if entry.number != number + 1:
            yield f"{_between(number, entry.number)} missing."
        elif entry.previous_digest != digest:
            yield f"Entry {entry.number} does not follow entry {number}."
        if entry.digest != digest_of(entry):
            yield f"Entry {entry.number} was changed after it was written."
        number, digest = entry.number, entry.digest
    head_number, head_digest = audit_head()
    if head_number > number:
        yield f"{_between(number, head_number + 1)} missing at the end."
    elif (head_number, head_digest) != (number, digest):
        yield f"The log ends with entry {number}, but its head says {head_number}."


def _between(before: int, after: int) -> str:
    first, last = before + 1, after - 1
    return f"Entry {first} is" if first == last else f"Entries {first} to {last} are"
