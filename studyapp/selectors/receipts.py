"""Receipts of stored answers."""

from typing import Any

from experiments.receipts import RECEIPT_COLUMNS, receipt_of
from studyapp.models import Response


def stored_columns(response: Response) -> dict[str, Any]:
    """What a receipt is made of, as the export writes it."""
    special = {
        "response": str(response.key),
        "trial": str(response.trial.uid),
        "received_at": response.received_at.isoformat(),
    }
    plain = (name for name in RECEIPT_COLUMNS if name not in special)
    return special | {name: getattr(response, name) for name in plain}


def receipt(response: Response) -> str:
    """The same for ever: made from the row, which never changes."""
    return receipt_of(stored_columns(response))
