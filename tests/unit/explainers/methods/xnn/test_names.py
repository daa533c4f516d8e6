"""Names of x-features: what participants may read."""

from pathlib import Path

import pytest

from explainers.errors import ExplainersError
from explainers.methods.xnn.names import (
    is_named,
    named_species,
    read_names,
    refuse_telling_names,
)

SPECIES = (
    "herring_gull",
    "ring_billed_gull",
    "heermann_gull",
    "black_tern",
    "black_and_white_warbler",
)


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("Herring Gull bill", "herring gull"),
        ("bill of herring_gull", "herring gull"),
        ("HERRING bill", "herring"),
        ("a gull's bill", "gull"),
        ("wings of gulls", "gull"),
        ("Heermann's bill", "heermann"),
        ("Ring-billed head", "ring billed"),
        ("black tern", "black tern"),
    ],
)
def test_a_name_that_tells_of_a_species_is_refused(name, held):
    with pytest.raises(ExplainersError, match=f'names.json: "{name}", the name of x2, .*"{held}"'):
        refuse_telling_names(Path("names.json"), (None, name), SPECIES)


@pytest.mark.parametrize("name", ["black ring on the bill", "white and black", "lantern", "billed"])
def test_a_name_that_tells_what_is_seen_is_taken(name):
    refuse_telling_names(Path("names.json"), (name, None), SPECIES)


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_name_is_refused(blank, tmp_path):
    (tmp_path / "names.json").write_text(f'{{"x2": "{blank}"}}')
    with pytest.raises(ExplainersError, match=r"names\.json: the name of x2 is blank.*null"):
        read_names(tmp_path, 3)


@pytest.mark.parametrize(
    ("content", "named"),
    [(None, False), ('{"x1": null}', False), ('{"x1": "bill"}', True), ("{", True), ("[]", True)],
)
def test_whatever_somebody_wrote_counts_as_names(content, named, tmp_path):
    (tmp_path / "b").mkdir()
    if content is not None:
        (tmp_path / "b" / "names.json").write_text(content)
    assert is_named(tmp_path / "b") is named
    assert named_species(tmp_path) == (["b"] if named else [])
