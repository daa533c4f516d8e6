"""What the ready studies' stimulus sets hold, as data only."""

from experiments.digest import sha256_bytes
from experiments.manifest import Counterfactual, Manifest, ManifestStimulus
from experiments.studies import RECIPES, drawn_species
from tests.explained import concepts_of, graph_of
from tests.unit.experiments.manifests import manifest_of


def study_manifest(name: str) -> Manifest:
    """Return a stimulus set with all that the study of that name asks for."""
    own, each, methods = {
        "learning": (_explained, 20, ("igospp", "xnn", "sag", "placebo:igospp")),
        "counterfactual": (_with_versions, 10, ("igos", "gradcam", "sag")),
        "reliance": (_half_wrong, 24, ("gradcam", "placebo:gradcam")),
    }[name]
    plain = manifest_of(drawn_species(RECIPES[name]), each, methods)
    stimuli = tuple(own(stimulus, number) for number, stimulus in enumerate(plain.stimuli))
    return plain.model_copy(update={"stimuli": stimuli})


def _explained(stimulus: ManifestStimulus, number: int) -> ManifestStimulus:
    """In either split; maps, concepts, a graph and a placebo."""

    def picture(folder, seed, mode):
        return stimulus.picture

    own = dict(stimulus.explanations)
    for method, parts_of in (("xnn", concepts_of), ("sag", graph_of)):
        if method in own:
            parts = parts_of(None, stimulus.key, method, picture)
            own[method] = own[method].model_copy(update=parts)
    for method, entry in own.items():
        if method.startswith("placebo"):
            own[method] = entry.model_copy(update={"source": "another"})
    split = "train" if number % 2 else "test"
    return stimulus.model_copy(update={"explanations": own, "split": split})


def _with_versions(stimulus: ManifestStimulus, number: int) -> ManifestStimulus:
    versions = tuple(
        Counterfactual(key=key, picture=stimulus.picture, score=score, cells=7, hidden=(1,))
        for key, score in (("a", 0.9), ("b", 0.2))
    )
    explained = _explained(stimulus, number)
    return explained.model_copy(update={"counterfactuals": versions})


def _half_wrong(stimulus: ManifestStimulus, number: int) -> ManifestStimulus:
    """Named wrongly two times out of four, with explanations of three other species."""
    explained = _explained(stimulus, number)
    gradcam = explained.explanations["gradcam"]
    others = tuple(
        gradcam.model_copy(
            update={
                "target": f"other_{rank}",
                "layer": gradcam.layer.model_copy(
                    update={"sha256": sha256_bytes(f"{stimulus.key} {rank}".encode())}
                ),
            }
        )
        for rank in range(3)
    )
    said = "western_gull" if stimulus.true_species != "western_gull" else "herring_gull"
    wrong = {"predicted_species": said} if number % 4 < 2 else {}
    return explained.model_copy(update={"alternatives": {"gradcam": others}, **wrong})
