"""Every text a participant reads is in the catalogue, and German has all of it."""

import ast
import gettext
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.template import engines
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from experiments.schema import Confidence
from experiments.tasks import TASKS
from studyapp.selectors.task_words import STANDING_WORDS
from studyapp.templatetags.player_texts import player_texts

APP = Path("studyapp")
TEMPLATES = sorted(
    path
    for folder, pattern in (("templates", "*.html"), ("templates/studyapp", "**/*.*"))
    for path in (APP / folder).glob(pattern)
)
SCRIPTS = sorted((APP / "static" / "studyapp").rglob("*.js"))
CATALOGUE = APP / "locale" / "de" / "LC_MESSAGES"
# Names and signs that are the same in every language.
SAME_EVERYWHERE = {"Larus", "UTC", "SHA"}
SPOKEN_ATTRIBUTES = {"alt", "aria-label", "placeholder", "title"}
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop"}
WORD = re.compile(r"[^\W\d_]{2,}")
Key = tuple[str | None, str]

ids = [str(path.relative_to(APP)) for path in TEMPLATES]


def german() -> dict[Key, object]:
    with (CATALOGUE / "django.po").open("rb") as stream:
        entries = [entry for entry in read_po(stream, locale="de") if entry.id]
    return {
        (entry.context, entry.id if isinstance(entry.id, str) else entry.id[0]): entry
        for entry in entries
    }


def in_templates() -> Iterator[Key]:
    engine = engines["django"].engine
    for path in TEMPLATES:
        nodes = engine.from_string(path.read_text(encoding="utf-8")).nodelist
        for node in nodes.get_nodes_by_type(TranslateNode):
            context = node.message_context.resolve({}) if node.message_context else None
            yield context, node.filter_expression.var.literal.replace("%", "%%")
        for node in nodes.get_nodes_by_type(BlockTranslateNode):
            yield None, node.render_token_list(node.singular)[0]


def in_python() -> Iterator[Key]:
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in CALLS and isinstance(node.args[0], ast.Constant):
                yield None, node.args[0].value


def test_german_has_every_text_and_none_that_is_gone():
    wanted = {*in_templates(), *in_python()}
    assert len(wanted) > 150
    there = german()
    assert sorted(map(str, wanted - there.keys())) == []
    assert sorted(map(str, there.keys() - wanted)) == []
    assert [key for key, entry in there.items() if not all(forms(entry)) or entry.fuzzy] == []


def forms(entry) -> list[str]:
    return [entry.string] if isinstance(entry.string, str) else list(entry.string)


def test_german_fills_in_what_english_does():
    holes = re.compile(r"%\(\w+\)s|\{\w+\}|<[^>]*>|%%")
    for entry in german().values():
        asked = [entry.id] if isinstance(entry.id, str) else entry.id
        for text, said in zip(asked, forms(entry), strict=True):
            assert set(holes.findall(text)) == set(holes.findall(said)), said


def test_the_compiled_catalogue_is_the_one_of_the_texts():
    with (CATALOGUE / "django.mo").open("rb") as stream:
        compiled = gettext.GNUTranslations(stream)
    for (context, text), entry in german().items():
        if isinstance(entry.id, str):
            said = compiled.pgettext(context, text) if context else compiled.gettext(text)
            assert said == entry.string, "run `pybabel compile -d studyapp/locale -D django`"
        else:
            for number, form in ((1, entry.string[0]), (2, entry.string[1])):
                assert compiled.ngettext(*entry.id, number) == form, "run `pybabel compile`"
    assert len(compiled._catalog) - 1 == sum(len(forms(entry)) for entry in german().values())


class Spoken(HTMLParser):
    """Collects what a page says, in texts and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value or "" for name, value in attrs if name in SPOKEN_ATTRIBUTES]


def words_outside(source: str) -> list[str]:
    """Words of a template that no translation tag holds."""
    # A class of the page's frame.
    source = source.replace("{% block width %}trial{% endblock %}", "")
    source = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", "", source, flags=re.S)
    source = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", source, flags=re.S)
    spoken = Spoken()
    spoken.feed(source)
    return [word for word in WORD.findall(" ".join(spoken.said)) if word not in SAME_EVERYWHERE]


@pytest.mark.parametrize("path", TEMPLATES, ids=ids)
def test_no_template_says_anything_outside_the_catalogue(path):
    assert words_outside(path.read_text(encoding="utf-8")) == []


def test_words_outside_the_catalogue_are_found():
    assert words_outside('<p title="Why">{% translate "Yes" %} or {{ no }}</p>') == ["Why", "or"]


def sayings(source: str) -> list[str]:
    """Literals of a script that are sentences, or that go straight to the page."""
    source = re.sub(r"^\s*//.*|/\*.*?\*/|\s// .*$", "", source, flags=re.S | re.M)
    sentences = re.findall(r"""(["'`])([A-Z][\w'’]+ [\w'’ ,.:;!?…-]+)\1""", source)
    to_page = r"(?:textContent|innerText|innerHTML|title|alt|placeholder) = "
    shown = re.findall(to_page + r"""(["'`])([^"'`]*\w\w[^"'`]*)\1""", source)
    labels = re.findall(r"""aria-label", (["'`])([^"'`]*\w\w[^"'`]*)\1""", source)
    return [text for _, text in (*sentences, *shown, *labels)]


@pytest.mark.parametrize("path", SCRIPTS, ids=[path.name for path in SCRIPTS])
def test_no_script_says_anything_of_its_own(path):
    assert sayings(path.read_text(encoding="utf-8")) == []


def test_sayings_of_a_script_are_found():
    source = (
        'say("Please wait here"); line.textContent = "done"; a.setAttribute("aria-label", "it");'
    )
    assert sayings(source) == ["Please wait here", "done", "it"]


def test_every_text_a_script_asks_for_is_in_its_catalogue():
    asked = set()
    for path in SCRIPTS:
        source = path.read_text(encoding="utf-8")
        asked |= set(re.findall(r"\b(?:text|notice|showWaiting)\(\"(\w+)\"", source))
    assert asked == json.loads(player_texts()).keys()


def test_what_tasks_say_by_themselves_is_translated():
    said = {task.question for task in TASKS.values()}
    said |= {label for task in TASKS.values() for label in task.labels.values() if len(label) > 1}
    said.add(Confidence.model_fields["question"].default)
    assert said == STANDING_WORDS
