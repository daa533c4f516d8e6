"""Designs to begin with: each a whole protocol with comments that teach it.

A template is a file of `experiments/protocols/templates`; what a study must have of its own (slug,
title, pictures, …) is written into a copy of it, comments and all.
"""

from dataclasses import dataclass
from pathlib import Path

from experiments.editing import set_species, whole_shares, written
from experiments.yaml_text import read_yaml

TEMPLATES_FOLDER: Path = Path(__file__).parent / "protocols" / "templates"
DEMO_SET = "gulls-demo"


@dataclass(frozen=True)
class Template:
    """A design that a study can begin with.

    Attributes
    ----------
    name
        Of its file, and for `new_protocol --template`.
    asks
        The question that the design answers.
    design
        Who meets what.
    needs
        What the stimulus set must hold. The demo's holds it where `stimulus_set` is the demo's.
    stimulus_set
        The name that the template expects.
    """

    name: str
    asks: str
    design: str
    needs: str
    stimulus_set: str = DEMO_SET

    @property
    def path(self) -> Path:
        """Return its file."""
        return TEMPLATES_FOLDER / f"{self.name}.yaml"


_TEMPLATES = (
    Template(
        "two-arms",
        "Do explanations help?",
        "between participants: heatmaps throughout, or none",
        "igos; 4 pictures a species in each split",
    ),
    Template(
        "three-arms",
        "Is it the explanation that helps, or just any colours?",
        "between participants: none, placebo, heatmap",
        "igos and placebo; 4 pictures a species in each split",
    ),
    Template(
        "training-only",
        "Do people learn from explanations, or lean on them?",
        "between participants: heatmaps never, while learning, in the assessment, or in both",
        "igos; 4 pictures a species in each split",
    ),
    Template(
        "within",
        "What does a heatmap add for one and the same person?",
        "within participants: none, placebo and heatmap, in blocks, by counterbalanced lists and a "
        "Latin square",
        "igos and placebo; 3 pictures a species in each split",
    ),
    Template(
        "advice",
        "Do explanations help people to rely on right advice and not on wrong?",
        "between participants: the classifier's advice, or advice with a heatmap; everybody "
        "answers before and after",
        "igos; 4 pictures a species in each split",
    ),
    Template(
        "counterfactual",
        "Do people understand what the classifier's answer rests on?",
        "between participants: graph, I-GOS, Grad-CAM; of two versions with parts hidden, which is "
        "the classifier surer of",
        "sag, igos and gradcam, built with --counterfactuals: 1 train and 2 test pictures a "
        "species, named rightly by the network",
        "gulls-counterfactual",
    ),
    Template(
        "learning",
        "Do concepts help people to learn the species?",
        "between participants: none, placebo, heatmap, concepts, graph; pretest, training, "
        "assessment without and test with explanations",
        "igospp, xnn, sag and placebo:igospp; 5 train and 8 test pictures a species",
        "gulls-learning",
    ),
    Template(
        "reliance",
        "Do explanations help people to know when to trust the classifier, or to trust it more?",
        "between participants: none, placebo, heatmap; is the classifier right, on half of the "
        "pictures; last, which explanation belongs to its answer",
        "gradcam and placebo:gradcam, built with --also-for 3: 2 train and 7 test pictures a "
        "species, of which the network names 3 wrongly",
        "gulls-reliance",
    ),
)


class TemplateError(Exception):
    """There is no such template, or its values can't make a protocol."""


def templates() -> tuple[Template, ...]:
    """Return every template, simplest first."""
    return _TEMPLATES


def template_named(name: str) -> Template:
    """Return the template of that name.

    Raises
    ------
    TemplateError
        Naming those that there are.
    """
    for template in _TEMPLATES:
        if template.name == name:
            return template
    known = ", ".join(template.name for template in _TEMPLATES)
    raise TemplateError(f"There is no template {name!r}. Use one of {known}.")


def protocol_from_template(
    name: str,
    *,
    seed: int,
    slug: str | None = None,
    title: str | None = None,
    researcher: str | None = None,
    contact: str | None = None,
    stimulus_set: str | None = None,
    species: tuple[str, ...] | None = None,
    participants: int | None = None,
    schema: str | None = None,
) -> str:
    """Return a template as the text of a protocol file, with its comments.

    What is left out stays as the template has it. Nothing is checked: the text is for
    `check_protocol`, which tells of every mistake at once.

    Parameters
    ----------
    name
        Of the template.
    seed
        Of the allocation and the choice of pictures; each study has its own.
    slug, title, researcher, contact
        Of the study.
    stimulus_set
        The pictures.
    species
        The answers by manifest key. A distinction offers as many explanations at most.
    participants
        Places of the main stage, rounded up to whole shares of the arms.
    schema
        Where an editor finds the JSON Schema: a path or address, written into the first line.

    Raises
    ------
    TemplateError
        When there is no such template.
    """
    document = read_yaml(template_named(name).path.read_text(encoding="utf-8"), keeps_quotes=True)
    own = {
        "slug": slug,
        "title": title,
        "researcher": researcher,
        "contact": contact,
        "seed": seed,
        "stimulus_set": stimulus_set,
    }
    document.update({field: value for field, value in own.items() if value is not None})
    if species:
        set_species(document, species)
    if participants is not None:
        document["allocation"]["participants"]["main"] = whole_shares(participants, document)
    hint = f"# yaml-language-server: $schema={schema}\n" if schema else ""
    return hint + written(document)
