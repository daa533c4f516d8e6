"""One run of a build, from pictures to the manifest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from experiments.digest import derive_seed
from experiments.manifest import Counterfactual, Failure, Manifest, ManifestExplanation
from explainers.artefacts import ArtefactStore
from explainers.build.explanations import BuildCounts, Explanations, Wanted
from explainers.build.layers import Layers
from explainers.build.manifest import manifest_of, stimulus_of, write_manifest
from explainers.build.pictures import Prepared, prepare
from explainers.counterfactuals import Counterfactuals, CounterfactualSettings, shown_sets
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.images import ImageRecord, ImageSet
from explainers.memory import DEFAULT_MEMORY
from explainers.networks import Network
from explainers.placebo import donors
from explainers.registry import create

Report = Callable[[str, int, int], None]
# Explanations of one picture by the rank of the species explained, 0 for the predicted one, and by
# method.
_Explained = dict[int, dict[str, ManifestExplanation]]


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
        self._layers = Layers(self._store, self.style)
        self._explanations = Explanations(self._store, self.images, self.seed, self.counts)
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
            stimulus_of(
                item,
                self.network,
                self._listed({**own[item.record.key], **borrowed[item.record.key]}),
                self._alternatives(explained[item.record.key]),
                versions.get(item.record.key, ()),
            )
            for item in prepared
        )
        manifest = manifest_of(self.images, self.network, stimuli, self.failures)
        write_manifest(manifest, self.folder)
        return manifest

    def _listed(self, found: dict[str, ManifestExplanation]) -> dict[str, ManifestExplanation]:
        """Explanations in the order of the methods that were asked for."""
        return {name: found[name] for name in self.methods if name in found}

    def _alternatives(self, explained: _Explained) -> dict[str, list[ManifestExplanation]]:
        """Explanations of other species than the predicted one, likeliest first."""
        ranks = [rank for rank in sorted(explained) if rank]
        found = {
            name: [explained[rank][name] for rank in ranks if name in explained[rank]]
            for name in self.methods
        }
        return {name: others for name, others in found.items() if others}

    def _prepare(self, records: list[ImageRecord]) -> list[Prepared]:
        prepared = []
        for done, record in enumerate(records, start=1):
            try:
                prepared.append(
                    prepare(record, self.images.open(record), self._evaluator, self._store)
                )
            except Exception as error:
                self._fail(record, None, error)
            self.report("pictures", done, len(records))
        return prepared

    def _require_targets(self, prepared: list[Prepared]) -> None:
        """Refuse what no method could explain; which species it is, the pictures' answers tell."""
        targets = {target for item in prepared for target in item.likeliest(1 + self.also_for)}
        for explainer in self._explainers.values():
            explainer.require_targets(sorted(targets))

    def _explain_all(self, prepared: list[Prepared]) -> dict[str, _Explained]:
        explained: dict[str, _Explained] = {p.record.key: {} for p in prepared}
        ranks = range(1 + self.also_for)
        wanted = [
            Wanted(item, target) for item in prepared for target in item.likeliest(len(ranks))
        ]
        total, done = len(wanted) * len(self._explainers), 0
        for name, explainer in self._explainers.items():
            for one, outcome in self._explanations.by_method(explainer, wanted):
                if isinstance(outcome, Exception):
                    self._fail(one.item.record, name, outcome)
                else:
                    self.counts.seconds.setdefault(name, []).append(outcome["seconds"])
                    rank = one.item.likeliest(len(ranks)).index(one.target)
                    # The choice that shows nothing would give the right one away.
                    if rank and self._explanations.is_blank(outcome):
                        self._fail(one.item.record, name, _no_alternative(outcome))
                    else:
                        entry = self._layers.entry(explainer, outcome, one.item.picture)
                        explained[one.item.record.key].setdefault(rank, {})[name] = entry
                done += 1
                self.report("explanations", done, total)
        return explained

    def _hide_all(
        self, prepared: list[Prepared], own: dict[str, dict[str, ManifestExplanation]]
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

    def _borrow_all(
        self, prepared: list[Prepared], own: dict[str, dict[str, ManifestExplanation]]
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
                    borrowed[item.record.key][name] = self._layers.lent(
                        entry, self._explainers[str(lender)], donor, item.picture
                    )
        return borrowed

    def _donors(self, able: list[Prepared], name: str) -> list[tuple[Prepared, str]]:
        try:
            lent = donors([item.record.key for item in able], derive_seed(self.seed, name))
        except ExplainersError as error:
            for item in able:
                self._fail(item.record, name, error)
            return []
        return [(item, lent[item.record.key]) for item in able]

    def _fail(self, record: ImageRecord, method: str | None, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        self.failures.append(Failure(origin=record.origin, method=method, reason=reason))


def _no_alternative(known: dict[str, Any]) -> ExplainersError:
    return ExplainersError(
        f"its map for {known['species']} (probability {known['probability']:.2g}) is the same "
        "everywhere, so it is left out of the explanations for other species"
    )
