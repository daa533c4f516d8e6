"""Digests: equal content gives an equal name, on every machine and in every year."""

import hashlib
import json
from pathlib import Path
from typing import Any

_CHUNK_BYTES = 1 << 20


def canonical_json(value: Any) -> bytes:
    """Return the one JSON text of a value: sorted keys, no spaces, UTF-8.

    Parameters
    ----------
    value
        Anything JSON can hold.

    Raises
    ------
    ValueError
        When a number is NaN or infinite, which JSON cannot hold.
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def sha256_bytes(content: bytes) -> str:
    """Return the SHA-256 of some bytes as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def sha256_json(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON."""
    return sha256_bytes(canonical_json(value))


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def derive_seed(*parts: str | int) -> int:
    """Return a seed in [0, 2**63) that belongs to these parts and no others.

    Every picture, session or allocation list gets its own seed from a stored one, so that a
    result never depends on what was computed beside it.

    Examples
    --------
    >>> derive_seed(7, "picture-a") == derive_seed(7, "picture-a")
    True
    >>> derive_seed(7, "picture-a") == derive_seed(7, "picture-b")
    False
    """
    return int(sha256_json([str(part) for part in parts])[:16], 16) >> 1
