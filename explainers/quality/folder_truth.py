"""Truth scores of all explanations of a folder."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from PIL import Image

from experiments.manifest import ManifestStimulus
from explainers.build import Report
from explainers.evaluator import Evaluator
from explainers.imagesets.gulls import Drawing
from explainers.quality.agreement import Agreement, MeasuredParts, agreements
from explainers.quality.drawn import PictureTruth, rival_of, truth_of
from explainers.quality.folder import DrawnFolder, explanation_names
from explainers.quality.truth import RegionScores, score_maps
from explainers.quality.twins import measure_twins, part_sensitivities


@dataclass(frozen=True)
class MeasuredPicture:
    """A picture's truth and what its parts do to the network."""

    truth: PictureTruth
    parts: MeasuredParts


@dataclass(frozen=True)
class ExplanationTruth:
    """How an explanation stands to the truth.

    Attributes
    ----------
    picture
        What it is held against.
    regions
        Scores inside the telling parts and the whole bird; a region that can't be seen is absent.
    ranking
        Agreement with the network's sensitivities; None where the network ranks no parts.
    """

    picture: MeasuredPicture
    regions: RegionScores
    ranking: Agreement | None

    def facts(self) -> dict[str, Any]:
        """Return everything but the masks, ready for JSON."""
        truth = self.picture.truth
        return {
            "rival": truth.rival,
            "telling_parts": list(truth.telling),
            "sensitivities": dict(self.picture.parts.sensitivities),
            "regions": {
                region: {score: asdict(value) for score, value in scores.items()}
                for region, scores in self.regions.items()
            },
            "ranking": None if self.ranking is None else asdict(self.ranking),
        }


def measure_pictures(
    drawn: DrawnFolder, evaluator: Evaluator, report: Report
) -> dict[str, MeasuredPicture]:
    """Draw every stimulus and its twins, and ask the network about them; by stimulus."""
    stimuli = drawn.stimuli
    measured = {}
    for done, stimulus in enumerate(stimuli, start=1):
        measured[stimulus.key] = _measure(drawn, evaluator, stimulus)
        report("twins", done, len(stimuli))
    return measured


def explanation_truths(
    drawn: DrawnFolder, pictures: Mapping[str, MeasuredPicture]
) -> dict[tuple[str, str], ExplanationTruth]:
    """Return the truth scores of every explanation, by stimulus and name."""
    size = (drawn.images.size, drawn.images.size)
    regions = {key: picture.truth.regions() for key, picture in pictures.items()}
    parts = {key: picture.parts for key, picture in pictures.items()}
    found = {}
    for name in explanation_names(drawn.manifest):
        maps = drawn.shown_maps(name)
        ranked = agreements(maps, parts, size)
        for key, scores in score_maps(maps, regions, size).items():
            found[key, name] = ExplanationTruth(pictures[key], scores, ranked.get(key))
    return found


def region_scores(
    drawn: DrawnFolder, probabilities: Mapping[str, Sequence[float]]
) -> dict[str, dict[str, RegionScores]]:
    """Return the scores that need no further pass of the network: name -> stimulus -> scores.

    Parameters
    ----------
    drawn
        A folder just built.
    probabilities
        Stimulus -> the network's outputs (species,).
    """
    regions = {
        stimulus.key: _truth(
            drawn, stimulus, drawn.drawing(stimulus), probabilities[stimulus.key]
        ).regions()
        for stimulus in drawn.stimuli
    }
    size = (drawn.images.size, drawn.images.size)
    return {
        name: score_maps(drawn.shown_maps(name), regions, size)
        for name in explanation_names(drawn.manifest)
    }


def _measure(
    drawn: DrawnFolder, evaluator: Evaluator, stimulus: ManifestStimulus
) -> MeasuredPicture:
    drawing = drawn.drawing(stimulus)
    shown = Image.open(drawn.folder / stimulus.picture.path)
    asked = evaluator.network.to_tensor(shown)
    row = evaluator.probabilities(asked[None])[0].tolist()
    truth = _truth(drawn, stimulus, drawing, row)
    # A twin becomes the other one of the two species that are told apart.
    other = truth.rival if stimulus.true_species == truth.species else truth.species
    changes = measure_twins(evaluator, drawn.images, drawn.record(stimulus), drawing, other)
    return MeasuredPicture(truth, MeasuredParts(truth.parts, part_sensitivities(drawing, changes)))


def _truth(
    drawn: DrawnFolder, stimulus: ManifestStimulus, drawing: Drawing, row: Sequence[float]
) -> PictureTruth:
    named = drawn.probabilities(row)
    explained = stimulus.predicted_species
    rival = rival_of(explained, stimulus.true_species, named)
    return truth_of(drawn.images, drawing, explained, rival)
