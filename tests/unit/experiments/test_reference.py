import re

from experiments.__main__ import REFERENCE
from experiments.reference import reference_text
from experiments.schema import Protocol
from experiments.templates import templates

TEXT = reference_text()


def pages() -> dict[str, str]:
    parts = re.split(r"^### (\w+)$", TEXT, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_published_reference_is_the_one_of_the_types():
    published = REFERENCE.read_text(encoding="utf-8")
    assert published == TEXT, "run `python -m experiments docs`"


def test_every_type_has_a_page_and_every_field_a_row_with_its_meaning():
    schema = Protocol.model_json_schema()
    declared = {"Protocol": schema, **schema["$defs"]}
    assert set(pages()) == set(declared)
    for name, page in pages().items():
        rows = [line for line in page.splitlines() if line.startswith("| `")]
        assert [row.split("`")[1] for row in rows] == list(declared[name].get("properties", {}))
        silent = [row for row in rows if row.endswith("|  |")]
        assert silent == [], f"{name}: give these fields a description"


def test_every_link_leads_to_a_page():
    names = {name.lower() for name in pages()}
    assert set(re.findall(r"\(#(\w+)\)", TEXT)) <= names


def test_sections_of_docstrings_that_are_for_programmers_are_left_out():
    assert "----" not in TEXT.replace("|---", "")
    assert ">>>" not in TEXT


def test_every_template_is_told():
    assert all(f"| `{template.name}` | {template.asks} |" in TEXT for template in templates())
