"""Making a ready study: the commands of the three programs one after the other, each in words.

Programs are run, never imported. What is there already is not made again, and Ctrl-C at any moment
leaves what the same command goes on from.
"""

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from experiments.digest import sha256_json
from experiments.files import write_atomically
from experiments.manifest import SOME_FAILED, Manifest, ManifestError, read_manifest
from experiments.scores import SCORES_NAME, ScoresError, are_whole, read_scores
from experiments.studies import (
    DIGITS,
    ReadyStudy,
    Recipe,
    drawn_species,
    ready_study,
    species_shown,
)

_MANAGE = str(Path(__file__).parents[1] / "manage.py")
INTERRUPTED = 130
# Every species is a choice in each trial, and has pictures to be explained. Twenty choices can be
# read beside a picture; a folder of more was hardly chosen for what it asks. CUB has 200.
MOST_ANSWERS_UNNAMED = 20


class MakingError(Exception):
    """A study can't be made. The message says why and what to do."""


class StepStopped(Exception):
    """A command ended otherwise than well; it has said why itself."""

    def __init__(self, status: int) -> None:
        super().__init__(f"ended with {status}")
        self.status = status


@dataclass(frozen=True)
class Step:
    """One command.

    Attributes
    ----------
    told
        What it does.
    words
        The command, without Python's own name.
    made
        What it makes at once or not at all; where that is there, it is not run.
    may_end
        Exit statuses to go on from.
    """

    told: str
    words: tuple[str, ...]
    made: Path | None = None
    may_end: tuple[int, ...] = (0,)


def run_python(words: Sequence[str]) -> int:
    """Run a command, wait for its end, and return its exit status.

    A Ctrl-C reaches the command, too: it is given the time to end as it wants to.
    """
    with subprocess.Popen([sys.executable, *words]) as command:
        try:
            return command.wait()
        except KeyboardInterrupt:
            command.wait()
            return INTERRUPTED


@dataclass(frozen=True)
class Making:
    """One ready study in the making.

    Parameters
    ----------
    recipe
        What it is made of.
    data
        Where everything lies that is made: `var`, or LARUS_DATA_DIR.
    images, network
        Somebody's own; None takes drawn gulls and a network that is fitted to them.
    species
        The answers; empty takes the template's for drawn gulls, and else all that pictures show.
    run, say
        Run a command, and tell people something.
    """

    recipe: Recipe
    data: Path
    images: str | None = None
    network: Path | None = None
    species: tuple[str, ...] = ()
    run: Callable[[Sequence[str]], int] = run_python
    say: Callable[[str], object] = field(default=print)

    def make(self) -> ReadyStudy:
        """Make what is missing and return the study.

        Raises
        ------
        MakingError
            When pictures of one's own come without a network, or it is not there; when they show
            too many species to ask about; when what was built can't be read.
        StepStopped
            When a command failed or was stopped.
        """
        self._require_network()
        self._require_few_species()
        for step in self._explaining():
            self._do(step)
        manifest = self._built()
        study = ready_study(self.recipe, manifest, self._asked or species_shown(manifest))
        folder = self.folder(study)
        write_atomically(folder / "protocol.yaml", study.protocol.encode())
        for step in self._studying(study, manifest, folder):
            self._do(step)
        return study

    def folder(self, study: ReadyStudy) -> Path:
        """Return where a study of this recipe lies."""
        return self._place / study.slug

    @property
    def stimuli(self) -> Path:
        """Where pictures and explanations lie: those of other pictures, elsewhere.

        So what is explained for one variant of a study stays when another is made.
        """
        usual = dataclasses.replace(self, images=None, network=None, species=())
        if self._explained == usual._explained:
            return self._place / "stimuli"
        return self._place / f"stimuli-{sha256_json(self._explained)[:DIGITS]}"

    @property
    def _explained(self) -> list[object]:
        """What is explained, and how."""
        return [self._images, str(self._network), sorted(self._asked), self.recipe.build]

    @property
    def _place(self) -> Path:
        return self.data / "studies" / self.recipe.name

    @property
    def _images(self) -> str:
        return self.images or self.recipe.drawn_images

    @property
    def _network(self) -> Path:
        return self.network or self.data / "networks" / self.recipe.drawn_network

    @property
    def _asked(self) -> tuple[str, ...]:
        return self.species or (() if self.images else drawn_species(self.recipe))

    def _require_network(self) -> None:
        if self.images and not self.network:
            raise MakingError(
                f"{self.images} needs a network that was fitted to it: --network DIR "
                "(NETWORK=DIR with make). `python -m explainers train --help` tells how to fit one."
            )
        if self.network and not self.network.is_dir():
            raise MakingError(f"There is no network in {self.network}.")

    def _require_few_species(self) -> None:
        """Count species before anything is computed, where all that pictures show are asked."""
        if self._asked:
            return
        counts = self._place / "pictures.json"
        words = ("-m", "explainers", "images", self._images, "--counts", str(counts))
        self._do(Step("Counting species", words))
        species = json.loads(counts.read_text(encoding="utf-8"))
        if len(species) > MOST_ANSWERS_UNNAMED:
            raise MakingError(
                f"{self._images} has {len(species)} species, and each would be an answer: name "
                "those to ask about with --species (SPECIES= with make), or keep some with "
                "cub:DIR?only=gull."
            )

    def _built(self) -> Manifest:
        try:
            return read_manifest(self.stimuli)
        except ManifestError as error:
            raise MakingError(f"What was built can't be read. {error}") from error

    def _explaining(self) -> Iterator[Step]:
        where = ("--network", str(self._network))
        if self.network is None:
            how = (*self.recipe.training, "--out", str(self._network))
            yield Step("Fitting the network", ("-m", "explainers", "train", "--refresh", *how))
        if self.recipe.needs_xnn:
            yield Step(
                "Finding the concepts of each species",
                ("-m", "explainers", "fit", "xnn", *where, "--images", self._images),
            )
        species = ("--species", ",".join(self._asked)) if self._asked else ()
        yield Step(
            "Explaining pictures",
            (
                *("-m", "explainers", "build", "--images", self._images, *where, *species),
                *(*self.recipe.build, "--out", str(self.stimuli)),
            ),
            # Of what is left the check tells whether it is enough.
            may_end=(0, SOME_FAILED),
        )

    def _whole_scores(self, manifest: Manifest) -> Path | None:
        """Where the scores lie, if none is missing: the truth of drawn gulls takes long."""
        try:
            is_whole = are_whole(read_scores(self.stimuli), manifest)
        except ScoresError:
            return None
        return self.stimuli / SCORES_NAME if is_whole else None

    def _studying(self, study: ReadyStudy, manifest: Manifest, folder: Path) -> Iterator[Step]:
        protocol, export, report = folder / "protocol.yaml", folder / "export", folder / "report"
        slug, stimuli = study.slug, str(self.stimuli)
        # Before hours of scoring: what it refuses, no score mends.
        yield Step(
            "Checking the protocol",
            (_MANAGE, "check_protocol", str(protocol), "--stimuli", stimuli),
        )
        yield Step(
            "Scoring the explanations",
            ("-m", "explainers", "score", stimuli, "--network", str(self._network)),
            made=self._whole_scores(manifest),
        )
        yield Step("Preparing the database", (_MANAGE, "migrate", "--verbosity", "0"))
        yield Step(
            "Importing pictures and explanations",
            (_MANAGE, "import_stimuli", stimuli, "--name", study.stimulus_set),
        )
        yield Step("Freezing it", (_MANAGE, "freeze_protocol", str(protocol)))
        yield Step("Opening the pilot stage", (_MANAGE, "set_stage", slug, "pilot"))
        bots = ("-n", str(self.recipe.bots), "--in-all", *self.recipe.rehearsal)
        yield Step(
            f"Rehearsing with {self.recipe.bots} simulated participants",
            (_MANAGE, "run_bots", slug, *bots),
            made=export,
        )
        yield Step(
            "Exporting their answers",
            (_MANAGE, "export_study", slug, "--out", str(export)),
            made=export,
        )
        yield Step(
            "Writing the report",
            (
                *("-m", "analysis", "report", str(export), "--with-bots", "--out", str(report)),
                *("--scores", stimuli),
            ),
            made=report / "report.html",
        )

    def _do(self, step: Step) -> None:
        if step.made is not None and step.made.exists():
            self.say(f"{step.told}: {step.made} is there already.")
            return
        self.say(f"{step.told} …")
        status = self.run(step.words)
        if status not in step.may_end:
            raise StepStopped(status)


def data_folder() -> Path:
    """Return where everything lies that is made at run time, as the study application says."""
    return Path(os.environ.get("LARUS_DATA_DIR") or "var")
