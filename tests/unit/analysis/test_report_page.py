"""The page and files of one report of a whole simulated study."""

import base64
import csv
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import get_args
from xml.etree import ElementTree

import pytest

from analysis.estimates import ESTIMATE_SCHEMA_VERSION, Estimate, Scale
from analysis.report import ExportChoices, write_report
from analysis.report.numbers import unit
from analysis.report.page import _laid_out
from analysis.report.references import REFERENCES
from tests.unit.analysis.simulated_exports import simulate_export

OTHER_PLAN = """\
contrasts:
  - {arm: heatmap, against: placebo}
smallest_effect: 0.1
"""
STALE = "plots/of-an-earlier-report.svg"


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    return simulate_export(tmp_path_factory.mktemp("page") / "export", participants=45, seed=3)


@pytest.fixture(scope="module")
def out(export):
    write_report(export, export.parent / "out")
    return export.parent / "out"


@pytest.fixture(scope="module")
def other(export):
    """The same study by a plan that nobody froze."""
    plan = export.parent / "other.yaml"
    plan.write_text(OTHER_PLAN)
    out = export.parent / "other"
    (out / STALE).parent.mkdir(parents=True)
    (out / STALE).write_text("<svg/>")
    write_report(export, out, ExportChoices(plan=plan, exploratory=False))
    return out


def page_of(out):
    return (out / "report.html").read_text(encoding="utf-8")


def results_of(out):
    return json.loads((out / "results.json").read_text(encoding="utf-8"))


class Reader(HTMLParser):
    """Collects tags, attributes, ids, and the text of each section."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.ids, self.texts = [], [], [], {}
        self._section = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id"]
        if tag == "section":
            self._section = dict(attrs)["id"]

    def handle_endtag(self, tag):
        if tag == "section":
            self._section = ""

    def handle_data(self, data):
        self.texts[self._section] = self.texts.get(self._section, "") + " " + data


def read(out) -> Reader:
    reader = Reader()
    reader.feed(page_of(out))
    return reader


def test_the_page_asks_nothing_of_anybody_and_runs_nothing(out):
    reader = read(out)
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(reader.tags)
    names = {name for name, _ in reader.attributes}
    assert not {"style", "src", "onclick", "onload", "srcset", "action"} & names
    hrefs = [value for name, value in reader.attributes if name in ("href", "xlink:href")]
    assert all(value.startswith("#") for value in hrefs)
    assert "url(http" not in page_of(out)
    assert "@import" not in page_of(out)


def test_its_policy_names_its_one_style_sheet(out):
    page = page_of(out)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page


def test_ids_are_unique_and_every_link_leads_somewhere(out):
    reader = read(out)
    assert len(set(reader.ids)) == len(reader.ids)
    links = [value[1:] for name, value in reader.attributes if name.endswith("href")]
    assert set(links) <= set(reader.ids)


def test_parts_come_in_the_order_of_what_they_decide(out):
    sections = [name for name in read(out).texts if name]
    assert sections == [
        "answer",
        "participants",
        "tested",
        "sensitivity",
        "means",
        "secondary",
        "exploratory",
        "quality",
        "methods",
        "reproducibility",
    ]


def test_the_confirmatory_part_holds_one_row_a_planned_contrast(out):
    rows = results_of(out)["estimates"]
    confirmatory = [row for row in rows if row["role"] == "confirmatory"]
    assert [(row["arm"], row["against"]) for row in confirmatory] == [
        ("heatmap", "none"),
        ("placebo", "none"),
    ]
    told = read(out).texts
    assert "frozen plan" in told["tested"]
    assert "not confirmatory" in told["exploratory"]
    for row in confirmatory:
        assert f"{100 * row['estimate']:+.1f}".replace("-", "−") in told["tested"]


def test_without_exclusions_stands_beside(out):
    results = results_of(out)
    beside = [row for row in results["estimates"] if row["subgroup"] == "exclusions=none"]
    assert {row["role"] for row in beside} == {"sensitivity"}
    first = next(row for row in beside if row["arm"] == "heatmap")
    assert first["n_participants"] > results["estimates"][0]["n_participants"]
    assert "without exclusions" in read(out).texts["tested"]


def test_a_plan_that_was_not_frozen_confirms_nothing(other):
    results = results_of(other)
    assert {row["role"] for row in results["estimates"]} == {"exploratory", "sensitivity"}
    assert results["plan_source"] == "other"
    assert "EXPLORATORY" in results["marks"][-1]
    reader = read(other)
    assert "Confirmatory results" not in page_of(other)
    assert "nothing here is confirmatory" in reader.texts["tested"]
    assert "heatmap against placebo" in results["headlines"][0]
    assert "exploratory" in results["headlines"][0]


def test_equivalence_is_drawn_where_the_plan_names_a_smallest_effect(out, other):
    assert (other / "plots/equivalence.svg").is_file()
    assert not (out / "plots/equivalence.svg").exists()
    assert "smallest_effect" in read(out).texts["secondary"]


def test_each_plot_is_a_file_with_the_data_it_was_drawn_from(out):
    names = sorted(path.stem for path in (out / "plots").glob("*.svg"))
    assert {"effects", "flow", "learning", "means", "species"} <= set(names)
    for name in names:
        drawn = (out / f"plots/{name}.svg").read_text(encoding="utf-8")
        ElementTree.fromstring(drawn)
        assert "style=" not in drawn
        with (out / f"plots/{name}.csv").open(encoding="utf-8") as stream:
            assert len(list(csv.DictReader(stream))) > 0
        png = out / f"plots/{name}.png"
        assert name == "flow" or png.read_bytes().startswith(b"\x89PNG")


def test_the_means_plot_draws_every_participant(out):
    with (out / "plots/means.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    people = [row for row in rows if row["kind"] == "participant"]
    assert len(people) == results_of(out)["flow"]["analysed"]


def test_plots_of_an_earlier_report_do_not_stay(other):
    assert not (other / STALE).exists()


def test_estimates_are_tidy_rows_with_their_schema_version(out):
    with (out / "estimates.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["schema_version"] for row in rows} == {ESTIMATE_SCHEMA_VERSION}
    assert len(rows) == len(results_of(out)["estimates"])
    assert {row["question"] for row in rows} >= {"accuracy", "confidence", "reaction_time"}


def test_the_methods_text_says_what_was_done_with_its_numbers(out):
    text = (out / "methods.md").read_text(encoding="utf-8")
    results = results_of(out)
    for words in (
        "ratio 1:1:1 by permuted blocks of 3 or 6",
        "with seed 20260101",
        "were tested on 16 pictures, four of each species (which species is it, without feedback",
        "answered three questions about them (two attempts",
        "made by igos (Qi et al., 2020)",
        "rated on five levels, from “guessing” to “certain”",
        "who did not complete the study or who failed 2 or more attention checks",
        "Random effects were (1 | participant) + (1 | stimulus) + (1 | stimulus:arm)",
        "Holm's correction (Holm, 1979)",
        f"{results['flow']['analysed']} are analysed",
        results["reproducibility"]["protocol_digest"],
    ):
        assert words in text
    first = results["estimates"][0]
    assert f"= {first['statistic'] ** 2:.2f}" in text


def test_the_methods_text_lists_what_it_cites_and_nothing_else(out):
    text = (out / "methods.md").read_text(encoding="utf-8")
    cited, listed = text.split("### References")
    for work in REFERENCES.values():
        assert (work.cited in cited) == (work.listed in listed), work.cited


def test_what_larus_can_not_know_is_left_to_the_authors(out):
    assert "[Where participants were recruited" in (out / "methods.md").read_text(encoding="utf-8")


def test_the_command_is_told_without_the_folder_it_wrote_to(out):
    assert results_of(out)["reproducibility"]["command"] == (
        "python -m analysis report export --seed 0"
    )


def test_attention_checks_and_clocks_are_those_of_the_tables(export, out):
    quality = results_of(out)["quality"]
    with (export / "tables/trials.csv").open() as stream:
        trials = {row["trial"]: row for row in csv.DictReader(stream)}
    with (export / "tables/responses.csv").open() as stream:
        responses = list(csv.DictReader(stream))
    catch = [row for row in responses if trials[row["trial"]]["trial_type"] == "catch"]
    assert sum(arm["catch_answered"] for arm in quality["arms"]) == len(catch)
    assert sum(arm["catch_failed"] for arm in quality["arms"]) == sum(
        row["correct"] == "false" for row in catch
    )
    assert sum(own["answers"] for own in quality["onsets"]) == quality["analysed_answers"]
    unknown = next(own for own in quality["onsets"] if own["method"] == "")
    assert unknown["without_reaction_time"] == quality["answers_without_reaction_time"] > 0
    assert quality["contradictions"] == []


def test_every_scale_of_an_estimate_has_a_word():
    assert all(unit(scale) for scale in get_args(Scale))


def test_notes_have_marks_of_their_own_however_many_there_are():
    notes = [
        Estimate("sensitivity", "m", "a", "b", "log_odds", 1, 1, 1, note=str(own))
        for own in range(60)
    ]
    marks = list(_laid_out(notes).marks.values())
    assert len(set(marks)) == 60
    assert [marks[place] for place in (0, 25, 26, 27, 52)] == ["a", "z", "aa", "ab", "ba"]
