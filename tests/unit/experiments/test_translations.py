import pytest
from ruamel.yaml import YAML

from experiments.loading import load_protocol, read_document
from experiments.schema import Protocol
from experiments.translation_checks import translation_problems
from experiments.translations import catalogue_of, texts_of
from tests.unit.experiments.test_checks import DEMO

OWN = load_protocol(DEMO).protocol
FIELDS = read_document(DEMO.read_text(encoding="utf-8")).value


def german(said):
    return f"DE {said}" if isinstance(said, str) else [f"DE {one}" for one in said]


GERMAN = {path: german(said) for path, said in texts_of(OWN).items()}


def spoken(**changed) -> Protocol:
    texts = {**GERMAN, **{path: said for path, said in changed.items() if said is not None}}
    left = {path: said for path, said in texts.items() if changed.get(path, "") is not None}
    return Protocol.model_validate({**FIELDS, "translations": {"de": left}})


def told(protocol):
    return {problem.code for problem in translation_problems(protocol)}


def test_choices_that_put_people_into_strata_are_not_read_by_them():
    factor = {"stage": "questionnaire", "item": "gulls", "levels": {"a": ["No"], "b": ["Yes"]}}
    allocation = {"method": "minimisation", "participants": {"main": 6}, "factors": [factor]}
    assert texts_of(Protocol.model_validate({**FIELDS, "allocation": allocation})) == texts_of(OWN)


def test_every_text_that_people_read_has_a_path():
    paths = set(texts_of(OWN))
    assert {
        "title",
        "stages.consent.agreement",
        "stages.consent.text",
        "stages.instructions.pages",
        "stages.quiz.questions.task.choices",
        "stages.quiz.failed_text",
        "stages.training.title",
        "stages.training.confidence.levels",
        "stages.questionnaire.items.effort.levels",
        "stages.debrief.text",
    } <= paths
    # Rules, names and codes are no texts; nor is what Larus says by itself.
    assert not {path for path in paths if path.endswith(("answer", "key", "version", "code"))}
    assert "stages.training.confidence.question" not in paths


def test_a_catalogue_has_every_text_and_the_own_language_none():
    catalogue = catalogue_of(spoken(), "de")
    assert catalogue["How it works"] == "DE How it works"
    assert catalogue["guessing"] == "DE guessing"
    assert catalogue_of(spoken(), "en") == {}


def test_a_whole_translation_has_no_problem():
    assert told(spoken()) == set()
    assert told(spoken(**{"species.herring_gull": "Silbermöwe"})) == set()


@pytest.mark.parametrize(
    ("path", "said", "code"),
    [
        ("stages.consent.text", None, "translation-missing"),
        ("stages.nowhere.text", "Hallo", "translation-of-nothing"),
        ("species.dodo", "Dodo", "translation-of-nothing"),
        ("stages.quiz.questions.task.choices", ["eins"], "translation-of-other-length"),
        ("stages.quiz.questions.task.choices", "eins", "translation-of-other-length"),
        ("stages.quiz.questions.task.choices", ["ja", "ja", "nein"], "translation-alike"),
        ("stages.assessment.confidence.levels", list("abcde"), "translation-two-ways"),
    ],
)
def test_what_could_be_misread_is_told(path, said, code):
    assert code in told(spoken(**{path: said}))


def test_the_own_language_is_not_translated():
    protocol = Protocol.model_validate({**FIELDS, "translations": {"en": GERMAN}})
    assert "translation-of-own-language" in told(protocol)


def test_translations_are_read_from_yaml(tmp_path):
    path = tmp_path / "study.yaml"
    yaml = YAML()
    document = yaml.load(DEMO.read_text(encoding="utf-8"))
    document["translations"] = {"de": GERMAN}
    yaml.dump(document, path)
    assert load_protocol(path).protocol == spoken()
