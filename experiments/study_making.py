"""Making a ready study: the commands of the three programs one after the other, each in words.

Programs are run, never imported. What is there already is not made again, and Ctrl-C at any moment
leaves what the same command goes on from.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from experiments.files import write_atomically
from experiments.manifest import read_manifest
from experiments.studies import (
    ReadyStudy,
    Recipe,
    drawn_species,
    ready_study,
    species_shown,
)

_MANAGE = str(Path(__file__).parents[1] / "manage.py")
_INTERRUPTED = 130
# `explainers build` says so when pictures failed; the check tells whether enough are left.
_SOME_FAILED = 1


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
            return _INTERRUPTED


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
            When pictures of one's own come without a network, or it is not there.
        StepStopped
            When a command failed or was stopped.
        """
        self._require_network()
        for step in self._explaining():
            self._do(step)
        manifest = read_manifest(self._stimuli)
        study = ready_study(self.recipe, manifest, self._asked or species_shown(manifest))
        folder = self.folder(study)
        write_atomically(folder / "protocol.yaml", study.protocol.encode())
        for step in self._studying(study, folder):
            self._do(step)
        return study

    def folder(self, study: ReadyStudy) -> Path:
        """Return where a study of this recipe lies."""
        return self._place / study.slug

    @property
    def _place(self) -> Path:
        return self.data / "studies" / self.recipe.name

    @property
    def _stimuli(self) -> Path:
        return self._place / "stimuli"

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

    def _explaining(self) -> Iterator[Step]:
        images = self.images or self.recipe.drawn_images
        where = ("--network", str(self._network))
        if self.network is None:
            how = (*self.recipe.training, "--out", str(self._network))
            yield Step("Fitting the network", ("-m", "explainers", "train", "--refresh", *how))
        if self.recipe.needs_xnn:
            yield Step(
                "Finding the concepts of each species",
                ("-m", "explainers", "fit", "xnn", *where, "--images", images),
            )
        species = ("--species", ",".join(self._asked)) if self._asked else ()
        yield Step(
            "Explaining pictures",
            (
                *("-m", "explainers", "build", "--images", images, *where, *species),
                *(*self.recipe.build, "--out", str(self._stimuli)),
            ),
            may_end=(0, _SOME_FAILED),
        )
        yield Step(
            "Scoring the explanations", ("-m", "explainers", "score", str(self._stimuli), *where)
        )

    def _studying(self, study: ReadyStudy, folder: Path) -> Iterator[Step]:
        protocol, export, report = folder / "protocol.yaml", folder / "export", folder / "report"
        slug, stimuli = study.slug, study.stimulus_set
        yield Step("Preparing the database", (_MANAGE, "migrate", "--verbosity", "0"))
        yield Step(
            "Importing pictures and explanations",
            (_MANAGE, "import_stimuli", str(self._stimuli), "--name", stimuli),
        )
        yield Step("Checking the protocol", (_MANAGE, "check_protocol", str(protocol)))
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
                *("--scores", str(self._stimuli)),
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
