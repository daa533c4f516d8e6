"""Building a stimulus folder: resumable, repeatable, and never half-written."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import safetensors.torch
import torch
from PIL import Image

from experiments.digest import derive_seed, sha256_json
from experiments.files import write_atomically
from experiments.manifest import (
    MANIFEST_NAME,
    Counterfactual,
    Failure,
    FileRef,
    ImageSetCard,
    Manifest,
    ManifestError,
    ManifestExplanation,
    ManifestPart,
    ManifestStimulus,
    NetworkCard,
    Picture,
    Species,
    read_manifest,
)
from explainers import __version__
from explainers.artefacts import ArtefactStore
from explainers.base import Explainer, Explanation
from explainers.counterfactuals import Counterfactuals, CounterfactualSettings, shown_sets
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.images import ImageRecord, ImageSet, picture_digest
from explainers.imagesets.files import species_name
from explainers.memory import DEFAULT_MEMORY
from explainers.networks import Network
from explainers.perturbation import blurred
from explainers.placebo import donors
from explainers.registry import create
from explainers.rendering.contours import contour_layer
from explainers.rendering.layer import DrawLayer, heat_layer
from explainers.rendering.shown import shown_picture

Report = Callable[[str, int, int], None]
# Explanations of one picture by the rank of the species explained, 0 for the predicted one, and by
# method.
_Explained = dict[int, dict[str, ManifestExplanation]]
STYLES: dict[str, DrawLayer] = {"heat": heat_layer, "contours": contour_layer}


@dataclass
class BuildCounts:
    """What a build did, and how long the network took for each method."""

    computed: int = 0
    reused: int = 0
    seconds: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Prepared:
    """A picture ready to be explained."""

    record: ImageRecord
    digest: str
    picture: Picture
    probabilities: tuple[float, ...]
    blurred_probabilities: tuple[float, ...]

    @property
    def target(self) -> int:
        return self.likeliest(1)[0]

    def likeliest(self, count: int) -> list[int]:
        """Return so many species by what the network makes of them, the predicted one first."""
        order = sorted(range(len(self.probabilities)), key=lambda n: -self.probabilities[n])
        return order[:count]


@dataclass(frozen=True)
class _Wanted:
    """A picture, and the species whose evidence is to be explained."""

    item: _Prepared
    target: int


@dataclass
class Build:
    """One run over an image set.

    Parameters
    ----------
    images, network
        What is explained, and whose decisions.
    methods
        Names as manifests give them, from `registry.parse_methods`.
    folder
        The stimulus folder; what is there already is reused.
    seed
        Of methods and of placebo donors.
    report
        Told of every step: what, how many done, of how many.
    memory, device
        Of the evaluator.
    style
        Of the layers: a name in `STYLES`.
    also_for
        Likeliest other species that each method explains, too.
    counterfactuals
        How versions with hidden parts are looked for; None makes none.
    settings
        By method, those of its parameters that differ from its usual ones.

    Attributes
    ----------
    counts, failures
        What was done, and what could not be.
    probabilities
        The network's outputs (species,) for each stimulus.
    """

    images: ImageSet
    network: Network
    methods: dict[str, str | None]
    folder: Path
    seed: int
    report: Report
    memory: int = DEFAULT_MEMORY
    device: str = "auto"
    style: Literal["heat", "contours"] = "heat"
    also_for: int = 0
    counterfactuals: CounterfactualSettings | None = None
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    counts: BuildCounts = field(default_factory=BuildCounts)
    failures: list[Failure] = field(default_factory=list)
    probabilities: dict[str, tuple[float, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._store = ArtefactStore(self.folder)
        names = {donor or name for name, donor in self.methods.items()}
        self._evaluator = Evaluator(self.network, memory=self.memory, device=self.device)
        self._explainers = {
            name: create(name, self.network, self._evaluator).with_settings(
                self.settings.get(name, {})
            )
            for name in sorted(names)
        }

    def run(self, records: list[ImageRecord]) -> Manifest:
        """Explain these pictures and write the manifest last."""
        prepared = self._prepare(records)
        self.probabilities = {item.record.key: item.probabilities for item in prepared}
        self._require_targets(prepared)
        explained = self._explain_all(prepared)
        own = {key: of.get(0, {}) for key, of in explained.items()}
        borrowed = self._borrow_all(prepared, own)
        versions = self._hide_all(prepared, own)
        stimuli = tuple(
            self._stimulus(
                item,
                {**own[item.record.key], **borrowed[item.record.key]},
                explained[item.record.key],
                versions.get(item.record.key, ()),
            )
            for item in prepared
        )
        manifest = self._manifest(stimuli)
        self._write(manifest)
        return manifest

    def _prepare(self, records: list[ImageRecord]) -> list[_Prepared]:
        prepared = []
        for done, record in enumerate(records, start=1):
            try:
                prepared.append(self._prepare_one(record))
            except Exception as error:
                self._fail(record, None, error)
            self.report("pictures", done, len(records))
        return prepared

    def _prepare_one(self, record: ImageRecord) -> _Prepared:
        image = self.images.open(record)
        digest = picture_digest(image)
        key = sha256_json(["picture", "2", self.network.digest, digest])
        known = self._store.read_sidecar(key)
        if known is None:
            known = self._predict(image)
            self._store.write_sidecar(key, known)
        return _Prepared(
            *(record, digest, Picture(**known["picture"])),
            tuple(known["probabilities"]),
            tuple(known["blurred_probabilities"]),
        )

    def _predict(self, image: Image.Image) -> dict[str, Any]:
        tensor = self.network.to_tensor(image)
        both = torch.stack([tensor, blurred(tensor)])
        clean, hidden = self._evaluator.probabilities(both).tolist()
        picture = self._store.add_picture(shown_picture(image))
        return {
            "picture": picture.model_dump(),
            "probabilities": clean,
            "blurred_probabilities": hidden,
        }

    def _require_targets(self, prepared: list[_Prepared]) -> None:
        """Refuse what no method could explain; which species it is, the pictures' answers tell."""
        targets = {target for item in prepared for target in item.likeliest(1 + self.also_for)}
        for explainer in self._explainers.values():
            explainer.require_targets(sorted(targets))

    def _explain_all(self, prepared: list[_Prepared]) -> dict[str, _Explained]:
        explained: dict[str, _Explained] = {p.record.key: {} for p in prepared}
        ranks = range(1 + self.also_for)
        wanted = [
            _Wanted(item, target) for item in prepared for target in item.likeliest(len(ranks))
        ]
        total, done = len(wanted) * len(self._explainers), 0
        for name, explainer in self._explainers.items():
            for one, outcome in self._sidecars(wanted, explainer):
                if isinstance(outcome, Exception):
                    self._fail(one.item.record, name, outcome)
                else:
                    self.counts.seconds.setdefault(name, []).append(outcome["seconds"])
                    rank = one.item.likeliest(len(ranks)).index(one.target)
                    # The choice that shows nothing would give the right one away.
                    if rank and self._is_blank(outcome):
                        self._fail(one.item.record, name, _no_alternative(outcome))
                    else:
                        entry = self._entry(explainer, outcome, one.item.picture)
                        explained[one.item.record.key].setdefault(rank, {})[name] = entry
                done += 1
                self.report("explanations", done, total)
        return explained

    def _hide_all(
        self, prepared: list[_Prepared], own: dict[str, dict[str, ManifestExplanation]]
    ) -> dict[str, tuple[Counterfactual, ...]]:
        """Make the versions with hidden parts of every picture, where they are wanted."""
        if self.counterfactuals is None:
            return {}
        maker = Counterfactuals(
            *(self.network, self._evaluator, self._store, self.seed, self.counterfactuals)
        )
        versions = {}
        for done, item in enumerate(prepared, start=1):
            shown = []
            for entry in own[item.record.key].values():
                known = self._store.read_sidecar(entry.key) or {}
                shown += shown_sets(known.get("own", {}), self.counterfactuals.cells)
            try:
                versions[item.record.key] = maker.versions(item.picture, item.target, shown)
            except ExplainersError as error:
                self._fail(item.record, None, error)
            self.report("versions with hidden parts", done, len(prepared))
        return versions

    def _sidecars(
        self, wanted: list[_Wanted], explainer: Explainer
    ) -> Iterator[tuple[_Wanted, dict[str, Any] | Exception]]:
        """Give what is known of each picture by one method: read where it is there, else made."""
        missing = []
        for one in wanted:
            known = self._store.read_sidecar(self._key(one, explainer))
            if known is None:
                missing.append(one)
            else:
                self.counts.reused += 1
                yield one, known
        targets = torch.tensor([one.target for one in missing])
        names = [one.item.digest for one in missing]
        # Opened again when its turn comes: memory must not grow with the number of pictures.
        tensors = (self.network.to_tensor(self.images.open(one.item.record)) for one in missing)
        for number, outcome in explainer.explain_each(
            tensors, targets, seed=self.seed, names=names
        ):
            one = missing[number]
            if isinstance(outcome, Exception):
                yield one, outcome
            else:
                self.counts.computed += 1
                yield one, self._keep(one, self._key(one, explainer), outcome)

    def _key(self, one: _Wanted, explainer: Explainer) -> str:
        """Name what decides an explanation; numbers of another kind give other maps."""
        return sha256_json(
            [
                *(explainer.name, explainer.version, explainer.parameters_for(one.target)),
                *(self.seed, self.network.digest, one.item.digest, one.target),
                *(self._evaluator.precision, self._evaluator.device.type),
            ]
        )

    def _keep(self, one: _Wanted, key: str, explanation: Explanation) -> dict[str, Any]:
        heat = self._store.add(
            explanation.map_bytes(), "maps", "safetensors", "application/octet-stream"
        )
        record = {
            **explanation.facts(),
            "key": key,
            "species": self.network.species[one.target],
            "image_digest": one.item.digest,
            "map": heat.model_dump(),
            "created_at": datetime.now(UTC).isoformat(),
        }
        self._store.write_sidecar(key, record)
        return record

    def _is_blank(self, known: dict[str, Any]) -> bool:
        heat = safetensors.torch.load_file(self.folder / known["map"]["path"])["map"]
        return bool(heat.min() == heat.max())

    def _entry(
        self, explainer: Explainer, known: dict[str, Any], picture: Picture
    ) -> ManifestExplanation:
        return ManifestExplanation(
            key=known["key"],
            method=known["method"],
            version=known["version"],
            parameters=known["parameters"],
            seed=known["seed"],
            target=known["species"],
            map=FileRef(**known["map"]),
            sidecar=self._store.sidecar_file(known["key"]),
            seconds=known["seconds"],
            **self._rendered(explainer, known, picture),
        )

    def _rendered(
        self, explainer: Explainer, known: dict[str, Any], picture: Picture
    ) -> dict[str, Any]:
        """Render an explanation over a picture, own or borrowed, anew in each run.

        Were own layers kept, a change of the renderer would show which ones are placebos.
        """
        arrays = safetensors.torch.load_file(self.folder / known["map"]["path"])
        explanation = Explanation.of(arrays, known)
        draw = STYLES[self.style]
        layer = draw(explanation.map, (picture.width, picture.height))
        shown = Image.open(self.folder / picture.path).convert("RGB")
        parts = explainer.parts(explanation, shown, draw)
        return {
            "layer": self._store.add_picture(layer),
            "style": self.style,
            "hides_by_blur": explainer.hides_by_blur,
            "alt": explainer.alt(explanation),
            "parts": tuple(
                ManifestPart(key=p.key, alt=p.alt, layer=self._store.add_picture(p.layer))
                for p in parts
            ),
            "structure": explainer.structure(explanation),
        }

    def _borrow_all(
        self, prepared: list[_Prepared], own: dict[str, dict[str, ManifestExplanation]]
    ) -> dict[str, dict[str, ManifestExplanation]]:
        borrowed: dict[str, dict[str, ManifestExplanation]] = {p.record.key: {} for p in prepared}
        for name, lender in self.methods.items():
            for split in ("train", "test") if lender else ():
                # Only pictures that have a map of their own can lend or borrow one.
                able = [
                    item
                    for item in prepared
                    if item.record.split == split and lender in own[item.record.key]
                ]
                for item, donor in self._donors(able, name):
                    entry = own[donor][str(lender)]
                    known = self._store.read_sidecar(entry.key)
                    assert known is not None  # written or read in this run
                    update = self._rendered(self._explainers[str(lender)], known, item.picture)
                    update["source"] = donor
                    lent = {**dict(entry), **update}
                    borrowed[item.record.key][name] = ManifestExplanation.model_validate(lent)
        return borrowed

    def _donors(self, able: list[_Prepared], name: str) -> list[tuple[_Prepared, str]]:
        try:
            lent = donors([item.record.key for item in able], derive_seed(self.seed, name))
        except ExplainersError as error:
            for item in able:
                self._fail(item.record, name, error)
            return []
        return [(item, lent[item.record.key]) for item in able]

    def _stimulus(
        self,
        item: _Prepared,
        explanations: dict[str, ManifestExplanation],
        explained: _Explained,
        versions: tuple[Counterfactual, ...],
    ) -> ManifestStimulus:
        species = self.network.species
        truth = species.index(item.record.species) if item.record.species in species else None
        return ManifestStimulus(
            key=item.record.key,
            origin=item.record.origin,
            split=item.record.split,
            true_species=item.record.species,
            predicted_species=species[item.target],
            predicted_probability=item.probabilities[item.target],
            true_probability=0.0 if truth is None else item.probabilities[truth],
            blurred_probability=item.blurred_probabilities[item.target],
            picture=item.picture,
            explanations={
                name: explanations[name] for name in self.methods if name in explanations
            },
            alternatives={
                name: others
                for name in self.methods
                if (
                    others := tuple(
                        explained[r][name] for r in sorted(explained) if r and name in explained[r]
                    )
                )
            },
            counterfactuals=versions,
        )

    def _manifest(self, stimuli: tuple[ManifestStimulus, ...]) -> Manifest:
        return Manifest(
            created_at=datetime.now(UTC).isoformat(),
            larus_version=__version__,
            image_set=ImageSetCard(
                kind=self.images.kind,
                digest=self.images.digest,
                pictures=len(self.images.records),
                licence=self.images.licence,
                seed=self.images.seed,
                spec=self.images.spec,
            ),
            network=NetworkCard(
                architecture=self.network.architecture,
                digest=self.network.digest,
                species=self.network.species,
                accuracy=self.network.accuracy,
            ),
            species=self._species(),
            stimuli=stimuli,
            failures=tuple(self.failures),
        )

    def _species(self) -> tuple[Species, ...]:
        """Those of the set, then those that only the network can answer with."""
        known = {species.key for species in self.images.species}
        others = [key for key in self.network.species if key not in known]
        return (*self.images.species, *(Species(key=k, name=species_name(k)) for k in others))

    def _write(self, manifest: Manifest) -> None:
        """A manifest that would say the same is left alone, with its date."""
        try:
            before = read_manifest(self.folder)
        except ManifestError:
            before = None
        if before == manifest.model_copy(
            update={"created_at": before.created_at if before else ""}
        ):
            return
        text = manifest.model_dump_json(indent=1) + "\n"
        write_atomically(self.folder / MANIFEST_NAME, text.encode())

    def _fail(self, record: ImageRecord, method: str | None, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        self.failures.append(Failure(origin=record.origin, method=method, reason=reason))


def _no_alternative(known: dict[str, Any]) -> ExplainersError:
    return ExplainersError(
        f"its map for {known['species']} (probability {known['probability']:.2g}) is the same "
        "everywhere, so it is left out of the explanations for other species"
    )
