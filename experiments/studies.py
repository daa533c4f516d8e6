"""Ready studies: each a template, the stimuli that it shows, and a rehearsal whose effect is known.

`python -m experiments study NAME` makes one by the commands of the three programs, in their order,
and goes on where it was stopped. Everything lies in a folder of the study's own::

    studies/learning/stimuli/                 what `explainers build` makes, and reuses
    studies/learning/stimuli-8c01d2f7/        the same of other pictures, species or network
    studies/learning/learning-3f2a9c1b/       one study: protocol.yaml, export/, report/

A study is named by the digest of all that makes it: template, stimuli and rehearsal. Whatever
changes, another study comes of it, with outputs of its own, and the frozen one stays as it was.
What was made once is found again by the same words.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial

from experiments.digest import sha256_json
from experiments.editing import edit, set_most_options
from experiments.loading import load_protocol, load_text
from experiments.manifest import Manifest, content_digest
from experiments.planted import Planted, options_of
from experiments.selection import SelectionError, select_stimuli
from experiments.templates import protocol_from_template, template_named

# The demo's network, fitted as the Makefile fits it: whoever comes second finds it there.
_DEMO_IMAGES = "gulls:200"
_DEMO_TRAINING = (
    "--images",
    _DEMO_IMAGES,
    "--network",
    "gullnet",
    "--epochs",
    "22",
    "--lr",
    "4e-3",
)
_SEED = 20260101
# Of a digest in a name.
DIGITS = 8


@dataclass(frozen=True)
class Recipe:
    """What a ready study is made of.

    Attributes
    ----------
    name
        Of the study, and of its template.
    build
        Options of `explainers build`: methods, and how many pictures.
    drawn_network, drawn_images, training
        Where nobody has pictures of their own: the network's folder, the drawn gulls that are
        explained, and options of `explainers train`.
    needs_xnn
        Whether concepts are fitted to the network first.
    bots
        Simulated participants of the rehearsal.
    profile
        The response model they answer by, fitted to a real study.
    planted
        What each condition adds to it.
    """

    name: str
    build: tuple[str, ...]
    bots: int
    profile: str
    planted: Planted
    drawn_network: str = "gulls-demo"
    drawn_images: str = _DEMO_IMAGES
    training: tuple[str, ...] = _DEMO_TRAINING
    needs_xnn: bool = False

    @property
    def rehearsal(self) -> tuple[str, ...]:
        """Options of `run_bots`: how they answer, and what each condition adds."""
        return ("--profile", self.profile, *options_of(self.planted))


RECIPES: Mapping[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="learning",
            build=("--methods", "igospp,xnn,sag,placebo:igospp", "--each", "8"),
            needs_xnn=True,
            bots=60,
            profile="teaching",
            planted={"learning_effect": {"concepts": 0.4, "graph": 0.2, "heatmap": 0.1}},
        ),
        Recipe(
            name="counterfactual",
            build=("--methods", "sag,igos,gradcam", "--counterfactuals", "--each", "6"),
            bots=60,
            profile="teaching",
            planted={"effect": {"graph": 2.0}},
        ),
        Recipe(
            name="reliance",
            build=("--methods", "gradcam,placebo:gradcam", "--also-for", "3", "--each", "30"),
            bots=60,
            profile="judging",
            planted={"sensitivity": {"heatmap": 1.6}, "criterion": {"placebo": -0.8}},
            # Fitted shortly, to easier pictures than those shown: it errs on every species.
            drawn_network="gulls-erring",
            drawn_images="gulls:100?difficulty=hard",
            training=(
                "--images",
                "gulls:100",
                *_DEMO_TRAINING[2:4],
                "--epochs",
                "7",
                "--lr",
                "4e-3",
            ),
        ),
    )
}


@dataclass(frozen=True)
class ReadyStudy:
    """One study of a recipe and a stimulus set, under names that nothing else has.

    Attributes
    ----------
    slug
        Of the study.
    stimulus_set
        The name its stimuli are imported under.
    protocol
        The text of its file.
    """

    slug: str
    stimulus_set: str
    protocol: str


def ready_study(recipe: Recipe, manifest: Manifest, species: tuple[str, ...]) -> ReadyStudy:
    """Write a recipe's protocol for a stimulus set.

    Parameters
    ----------
    recipe
        What the study is made of.
    manifest
        What was built for it.
    species
        The answers.
    """
    stimuli = content_digest(manifest)
    stimulus_set = f"{recipe.name}-{stimuli[:DIGITS]}"

    def named(slug: str) -> str:
        return protocol_from_template(
            recipe.name, seed=_SEED, slug=slug, stimulus_set=stimulus_set, species=species
        )

    whole = sha256_json([asdict(recipe), stimuli, named(recipe.name)])
    slug = f"{recipe.name}-{whole[:DIGITS]}"
    return ReadyStudy(slug, stimulus_set, _with_options_to_offer(named(slug), manifest))


def _with_options_to_offer(text: str, manifest: Manifest) -> str:
    """Let distinctions offer as many explanations as pictures have, if fewer than the template.

    Of a network that knows few species, the others often have a map that is the same everywhere,
    which `build` leaves out. Where no number is small enough, the check of the template tells why.
    """
    for most in range(len(manifest.network.species), 1, -1):
        offered = edit(text, partial(set_most_options, most=most))
        protocol = load_text(offered).protocol
        assert protocol is not None  # a template, which a test reads
        try:
            select_stimuli(protocol, manifest)
        except SelectionError:
            continue
        return offered
    return text


def species_shown(manifest: Manifest) -> tuple[str, ...]:
    """Return the species that pictures show, in their order."""
    return tuple(sorted({stimulus.true_species for stimulus in manifest.stimuli}))


def drawn_species(recipe: Recipe) -> tuple[str, ...]:
    """Return the species of drawn gulls that the template asks about."""
    protocol = load_protocol(template_named(recipe.name).path).protocol
    assert protocol is not None  # a test reads every template
    return protocol.species
