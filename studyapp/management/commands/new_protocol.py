"""`manage.py new_protocol --template NAME --out FILE`."""

import os
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from experiments.__main__ import SCHEMAS_FOLDER
from experiments.files import write_atomically
from experiments.templates import (
    DEMO_SET,
    Template,
    TemplateError,
    protocol_from_template,
    template_named,
    templates,
)
from studyapp.management.teaching import TeachingCommand

# Small enough that every spreadsheet and script keeps each digit.
_SEEDS = 2**31


class Command(TeachingCommand):
    """Writes a protocol to begin with. Never over a file that is there."""

    help = "Start a protocol from a template, whose comments teach it. Without one, list them."
    examples = (
        "  manage.py new_protocol\n"
        "  manage.py new_protocol --template two-arms --out my-study.yaml\n"
        "  manage.py new_protocol --template three-arms --out bills.yaml --slug bills \\\n"
        "      --stimuli gulls-cub --species herring_gull,western_gull --participants 240\n"
        "  manage.py check_protocol my-study.yaml\n\n"
        "The templates:\n" + "\n".join(f"  {t.name:15} {t.asks}" for t in templates())
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--template", metavar="NAME", help="the design to begin with")
        parser.add_argument("--out", type=Path, metavar="FILE", help="the new protocol, .yaml")
        parser.add_argument("--slug", help="names the study; else the file does")
        parser.add_argument("--title", help="as participants read it")
        parser.add_argument("--researcher", help="who is responsible")
        parser.add_argument("--contact", help="how to reach them")
        parser.add_argument("--stimuli", metavar="NAME", help="as given to import_stimuli --name")
        parser.add_argument("--species", help="the answers, by manifest key, with commas")
        parser.add_argument("--participants", type=int, help="places of the main stage")
        parser.add_argument("--seed", type=int, help="else one is drawn")

    def needs_tables(self, options: dict[str, Any]) -> bool:
        return False

    def handle(self, *args: Any, **options: Any) -> None:
        name, out = options["template"], options["out"]
        if name is None:
            self._list()
            return
        template = _template(name)
        if out is None:
            raise CommandError(f"Say where to write it: --out {options['slug'] or name}.yaml")
        if out.exists():
            raise CommandError(f"{out} is there already. Name another file, or move it away.")
        if not out.parent.is_dir():
            raise CommandError(f"There is no folder {out.parent}. Make it first.")
        write_atomically(out, _text(name, out, options).encode())
        self._tell(template, out, options["stimuli"])

    def _list(self) -> None:
        for template in templates():
            self.stdout.write(f"{self.style.SUCCESS(template.name)}: {template.asks}")
            self.stdout.write(f"    {template.design}")
            self.stdout.write(f"    needs {template.needs}{_where(template)}")
        self.stdout.write("Start with: manage.py new_protocol --template NAME --out FILE")

    def _tell(self, template: Template, out: Path, stimuli: str | None) -> None:
        self.stdout.write(f"Wrote {out}: {template.asks}")
        named = stimuli or template.stimulus_set
        self.stdout.write(f"Its stimulus set {named} must hold {template.needs}.")
        self.stdout.write(
            f"Write your texts, then see every mistake at once: manage.py check_protocol {out}"
        )


def _template(name: str) -> Template:
    try:
        return template_named(name)
    except TemplateError as error:
        raise CommandError(str(error)) from error


def _text(name: str, out: Path, options: dict[str, Any]) -> str:
    species = options["species"]
    seed = options["seed"]
    return protocol_from_template(
        name,
        seed=secrets.randbelow(_SEEDS) if seed is None else seed,
        slug=options["slug"] or out.stem,
        title=options["title"],
        researcher=options["researcher"],
        contact=options["contact"],
        stimulus_set=options["stimuli"],
        species=tuple(key.strip() for key in species.split(",")) if species else None,
        participants=options["participants"],
        schema=os.path.relpath(SCHEMAS_FOLDER / "protocol.schema.json", out.parent.resolve()),
    )


def _where(template: Template) -> str:
    return " (the demo's set does)" if template.stimulus_set == DEMO_SET else ""
