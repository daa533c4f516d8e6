"""`python -m experiments schemas` and `… docs`: write what is made from the types.

Schemas are for editors and other programs, docs/protocol.md is for people.
"""

import argparse
import json
from pathlib import Path

from pydantic import BaseModel

from experiments.files import write_atomically
from experiments.manifest import Manifest
from experiments.reference import reference_text
from experiments.schema import Protocol

SCHEMAS_FOLDER = Path(__file__).parent / "schemas"
REFERENCE = Path(__file__).parents[1] / "docs" / "protocol.md"
SCHEMAS: dict[str, type[BaseModel]] = {
    "protocol.schema.json": Protocol,
    "manifest.schema.json": Manifest,
}


def schema_text(declared: type[BaseModel]) -> str:
    """Return the JSON Schema of a type, ready to be written."""
    return json.dumps(declared.model_json_schema(), indent=2, sort_keys=True) + "\n"


def main() -> None:
    """Write every schema, or the reference."""
    parser = argparse.ArgumentParser(prog="python -m experiments", description=__doc__)
    parser.add_argument(
        "command",
        choices=["schemas", "docs"],
        help="write experiments/schemas/*.json, or docs/protocol.md",
    )
    if parser.parse_args().command == "docs":
        _write(REFERENCE, reference_text())
        return
    for name, declared in SCHEMAS.items():
        _write(SCHEMAS_FOLDER / name, schema_text(declared))


def _write(path: Path, text: str) -> None:
    write_atomically(path, text.encode())
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
