import pytest
from ruamel.yaml import YAML

from experiments.checks import check_protocol
from experiments.loading import load_protocol, load_text
from experiments.templates import (
    DEMO_SET,
    TEMPLATES_FOLDER,
    TemplateError,
    protocol_from_template,
    templates,
)
from tests.unit.experiments.study_manifests import study_manifest
from tests.unit.experiments.test_checks import DEMO_SPECIES, demo_manifest

NAMES = [template.name for template in templates()]
# What `make demo` builds: 32 pictures over four species and two splits.
DEMO_PICTURES_PER_SPECIES = 8


def manifest_for(template):
    if template.stimulus_set == DEMO_SET:
        return demo_manifest(DEMO_PICTURES_PER_SPECIES, ("gradcam", "igos", "placebo"))
    return study_manifest(template.name)


def test_every_file_is_a_template_and_every_template_a_file():
    assert {path.stem for path in TEMPLATES_FOLDER.glob("*.yaml")} == set(NAMES)


@pytest.mark.parametrize("template", templates(), ids=NAMES)
def test_a_template_has_no_finding_against_the_set_it_needs(template):
    assert check_protocol(template.path, manifest_for(template)).findings == ()


@pytest.mark.parametrize("template", templates(), ids=NAMES)
def test_a_template_says_what_stimulus_set_it_expects(template):
    assert load_protocol(template.path).protocol.stimulus_set == template.stimulus_set


@pytest.mark.parametrize("template", templates(), ids=NAMES)
def test_a_copy_differs_in_nothing_but_what_was_asked_for(template, tmp_path):
    template_text = template.path.read_text(encoding="utf-8")
    text = protocol_from_template(template.name, seed=1)
    assert text == template_text
    changed = protocol_from_template(template.name, seed=5, slug="bills", title="Bills: a study")
    old, new = template_text.splitlines(), changed.splitlines()
    differing = [line for before, line in zip(old, new, strict=True) if before != line]
    assert differing == ["slug: bills", "title: 'Bills: a study'", "seed: 5"]


def test_a_copy_takes_the_studys_own_values(tmp_path):
    path = tmp_path / "bills.yaml"
    text = protocol_from_template(
        "three-arms",
        seed=7,
        slug="bills",
        researcher="Ada",
        contact="ada@example.org",
        stimulus_set="mine",
        species=DEMO_SPECIES[:2],
        participants=100,
        schema="schemas/protocol.schema.json",
    )
    path.write_text(text, encoding="utf-8")
    protocol = load_protocol(path).protocol
    assert (protocol.slug, protocol.researcher, protocol.contact) == (
        *("bills", "Ada", "ada@example.org"),
    )
    assert protocol.species == DEMO_SPECIES[:2]
    assert protocol.stimulus_set == "mine"
    # 100 people can't be divided among three arms; nobody is taken away.
    assert protocol.allocation.participants["main"] == 102
    assert text.startswith("# yaml-language-server: $schema=schemas/protocol.schema.json\n")


def test_a_distinction_offers_no_more_explanations_than_there_are_species():
    for species, options in ((("a", "b", "c"), 3), (tuple("abcdef"), 4)):
        protocol = load_text(protocol_from_template("reliance", seed=1, species=species)).protocol
        (task,) = (s.task for s in protocol.trials_stages() if s.task.kind == "distinction")
        assert task.options == options


def test_words_that_yaml_would_read_as_something_else_stay_words(tmp_path):
    text = protocol_from_template("two-arms", seed=1, title="yes: # no", contact="'\"")
    document = YAML(typ="safe").load(text)
    assert (document["title"], document["contact"]) == ("yes: # no", "'\"")


def test_a_template_that_is_none_is_answered_by_those_there_are():
    with pytest.raises(TemplateError, match=r"no template 'four-arms'.*two-arms, three-arms"):
        protocol_from_template("four-arms", seed=1)
