"""Importing a stimulus folder: every checksum, then everything or nothing."""

from pathlib import Path

from django.conf import settings
from django.db import transaction

from experiments.digest import sha256_file, sha256_json
from experiments.files import write_atomically
from experiments.manifest import (
    FileRef,
    Manifest,
    ManifestError,
    ManifestStimulus,
    Picture,
    content_digest,
    damaged_files,
    explanations_of,
    read_manifest,
)
from experiments.scores import SCORES_NAME, ScoresError, read_scores
from studyapp.enums import AuditAction
from studyapp.exceptions import ImportRefused
from studyapp.models import (
    Artefact,
    ArtefactPart,
    ExplanationScores,
    MediaFile,
    Stimulus,
    StimulusSet,
)
from studyapp.selectors.media import media_path
from studyapp.selectors.studies import manifest_of
from studyapp.services.audit import record


def import_stimuli(*, folder: Path, name: str) -> tuple[StimulusSet, bool]:
    """Import a folder under a name; say whether it is new.

    A name keeps its first content for ever, because frozen studies point at it; when it was built,
    and by which version, is none of it. Importing a known set again puts back what was lost or
    damaged of its files, and brings newer scores.
    """
    try:
        manifest = read_manifest(folder)
    except ManifestError as error:
        raise ImportRefused(str(error)) from error
    damaged = damaged_files(manifest, folder)
    if damaged:
        told = "\n  ".join(damaged)
        raise ImportRefused(
            f"Nothing was imported: {_files(len(damaged))} of {folder} damaged.\n  {told}\n"
            "Run the same `python -m explainers build` again; it mends them."
        )
    known = StimulusSet.objects.filter(name=name).first()
    if known and content_digest(manifest_of(known)) != content_digest(manifest):
        raise ImportRefused(
            f"{name} is the name of another stimulus set already. Use another --name."
        )
    pictures = {
        picture.sha256: picture for stimulus in manifest.stimuli for picture in _shown(stimulus)
    }
    for picture in pictures.values():
        _copy(folder / picture.path, picture)
    stored = known or _store(manifest, list(pictures.values()), name)
    _keep_scores(folder)
    return stored, known is None


def _store(manifest: Manifest, pictures: list[Picture], name: str) -> StimulusSet:
    document = manifest.model_dump(mode="json")
    with transaction.atomic():
        MediaFile.objects.bulk_create(
            (MediaFile(sha256=p.sha256, media_type=p.media_type, bytes=p.bytes) for p in pictures),
            ignore_conflicts=True,
        )
        stored = StimulusSet.objects.create(
            name=name, manifest=document, manifest_digest=sha256_json(document)
        )
        for stimulus in manifest.stimuli:
            _store_stimulus(stored, stimulus)
        record(
            AuditAction.STIMULI_IMPORTED,
            details={"name": name, "digest": stored.manifest_digest},
        )
    return stored


def _keep_scores(folder: Path) -> None:
    """What `explainers score` has written into the folder, if it has been asked."""
    if not (folder / SCORES_NAME).is_file():
        return
    try:
        scores = read_scores(folder)
    except ScoresError as error:
        raise ImportRefused(f"{error} Pictures and explanations were imported.") from error
    ExplanationScores.objects.bulk_create(
        (
            ExplanationScores(
                picture_sha256=one.picture,
                explanation_key=one.key,
                scores=one.model_dump(mode="json"),
            )
            for one in {(score.picture, score.key): score for score in scores}.values()
        ),
        update_conflicts=True,
        unique_fields=["picture_sha256", "explanation_key"],
        update_fields=["scores"],
    )


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _shown(stimulus: ManifestStimulus) -> list[Picture]:
    entries = explanations_of(stimulus)
    parts = [part.layer for entry in entries for part in entry.parts]
    versions = [version.picture for version in stimulus.counterfactuals]
    return [stimulus.picture, *(entry.layer for entry in entries), *parts, *versions]


def _copy(source: Path, file: FileRef) -> None:
    target = media_path(Path(settings.DATA_DIR), file.sha256)
    if not target.is_file() or sha256_file(target) != file.sha256:
        write_atomically(target, source.read_bytes())


def _store_stimulus(stimulus_set: StimulusSet, stimulus: ManifestStimulus) -> None:
    row = Stimulus.objects.create(
        stimulus_set=stimulus_set,
        key=stimulus.key,
        true_species=stimulus.true_species,
        predicted_species=stimulus.predicted_species,
        predicted_probability=stimulus.predicted_probability,
        picture_id=stimulus.picture.sha256,
        width=stimulus.picture.width,
        height=stimulus.picture.height,
    )
    entries = list(stimulus.explanations.values())
    artefacts = Artefact.objects.bulk_create(
        Artefact(
            stimulus=row,
            name=name,
            explanation_key=entry.key,
            kind=entry.kind,
            target=entry.target,
            layer_id=entry.layer.sha256,
            style=entry.style,
            alt=entry.alt,
            structure=entry.structure.model_dump(mode="json") if entry.structure else None,
        )
        for name, entry in stimulus.explanations.items()
    )
    ArtefactPart.objects.bulk_create(
        ArtefactPart(
            artefact=artefact,
            position=position,
            key=part.key,
            layer_id=part.layer.sha256,
            alt=part.alt,
        )
        for artefact, entry in zip(artefacts, entries, strict=True)
        for position, part in enumerate(entry.parts)
    )
