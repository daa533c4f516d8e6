"""Receipts: a digest of an answer as it is stored, which its export row gives again."""

from collections.abc import Mapping
from typing import Any

from experiments.digest import sha256_json

RECEIPT_COLUMNS = (
    "response",
    "trial",
    "choice",
    "confidence",
    "rt_ms",
    "submitted_ms",
    "onset_method",
    "refresh_ms",
    "device_pixel_ratio",
    "hidden_spans",
    "reloads",
    "is_conflict",
    "received_at",
)


def receipt_of(row: Mapping[str, Any]) -> str:
    """Return the receipt of an answer: SHA-256 of the canonical JSON of its columns.

    Parameters
    ----------
    row
        A row of the export's `responses`: numbers as numbers, `received_at` as ISO 8601 text.
    """
    return sha256_json({name: row[name] for name in RECEIPT_COLUMNS})
