"""The methods text says how people were allocated, whatever the method."""

from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from analysis.load import load_study
from analysis.report.allocation_text import allocation_text
from analysis.report.references import Citations
from experiments.allocation import Allocation
from tests.unit.analysis.exports import Run, write_export

FACTORS = [{"stage": "s", "item": "watches_birds", "levels": {"no": ["No"], "yes": ["Yes"]}}]
QUOTAS = {"main": {"no": 6, "yes": 6}}
FROZEN = "stored when the protocol was frozen, before anybody took part."
AT_ONCE = "at that moment among places fixed when the protocol was frozen."


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return load_study(write_export(tmp_path_factory.mktemp("text") / "export", [Run("none")]))


def told(study, method, *, seed=None, **named):
    named = {"method": method, "participants": {"main": 12}, **named}
    allocation = TypeAdapter(Allocation).validate_python(named)
    protocol = study.protocol.model_copy(update={"allocation": allocation})
    record = study.record.model_copy(update={"allocation_seed": seed})
    return allocation_text(replace(study, protocol=protocol, record=record), Citations())


@pytest.mark.parametrize(
    ("method", "named", "words", "end"),
    [
        ("permuted_blocks", {"block_sizes": [3, 6]}, "permuted blocks of 3 or 6", FROZEN),
        ("simple", {}, "simple randomisation", FROZEN),
        ("latin_rotation", {}, "the rows of random Latin squares", FROZEN),
        ("complete_rotation", {}, "all orders of the groups", FROZEN),
        ("urn", {"added_balls": 2}, "added 2 of every other group (Wei, 1978)", AT_ONCE),
    ],
)
def test_each_method_has_its_words(study, method, named, words, end):
    text = told(study, method, **named)
    assert text.startswith("Consent allocated each participant to a group in the ratio 1:1:1 by ")
    assert words in text
    assert text.endswith(end)
    assert "seed" not in text
    assert "drawn with seed 17" in told(study, method, seed=17, **named)


def test_strata_and_places_given_again_are_told(study):
    text = told(study, "latin_rotation", factors=FACTORS, quotas=QUOTAS, release_after_hours=48)
    assert text.startswith("The answers to questions before the trials (watches birds) allocated")
    assert "random Latin squares, within each stratum, from a sequence" in text
    assert "had not finished 48 hours after consent was given to the next participant." in text
    text = told(study, "minimisation", factors=FACTORS)
    assert "given with probability 0.8 (Pocock & Simon, 1975), drawn at that moment" in text
