"""`python -m experiments schemas`: write the JSON Schemas that editors and other programs read."""

import argparse
import json
from pathlib import Path

from pydantic import BaseModel

from experiments.files import write_atomically
from experiments.manifest import Manifest
from experiments.schema import Protocol

SCHEMAS_FOLDER = Path(__file__).parent / "schemas"
SCHEMAS: dict[str, type[BaseModel]] = {
    "protocol.schema.json": Protocol,
    "manifest.schema.json": Manifest,
}


def schema_text(declared: type[BaseModel]) -> str:
    """Return the JSON Schema of a type, ready to be written."""
    return json.dumps(declared.model_json_schema(), indent=2, sort_keys=True) + "\n"


def main() -> None:
    """Write every schema."""
    parser = argparse.ArgumentParser(prog="python -m experiments", description=__doc__)
    parser.add_argument("command", choices=["schemas"], help="write experiments/schemas/*.json")
    parser.parse_args()
    for name, declared in SCHEMAS.items():
        write_atomically(SCHEMAS_FOLDER / name, schema_text(declared).encode())
        print(f"wrote {SCHEMAS_FOLDER / name}")


if __name__ == "__main__":
    main()
