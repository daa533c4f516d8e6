import pytest

from experiments.__main__ import SCHEMAS, SCHEMAS_FOLDER, schema_text
from experiments.columns import TABLES, codebook


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_json_schema_is_the_one_of_the_types(name):
    published = (SCHEMAS_FOLDER / name).read_text(encoding="utf-8")
    assert published == schema_text(SCHEMAS[name]), "run `python -m experiments schemas`"


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_a_tables_key_names_its_own_columns_and_no_column_twice(table):
    names = table.column_names()
    assert set(table.key) <= set(names)
    assert len(set(names)) == len(names)


def test_the_codebook_explains_every_column():
    rows = codebook()
    assert len(rows) == sum(len(table.columns) for table in TABLES.values())
    assert all(row["meaning"] for row in rows)
