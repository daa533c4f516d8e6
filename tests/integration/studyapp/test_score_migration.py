"""Scores of before they told their picture find it, where there is only one."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from studyapp.models import Artefact, ExplanationScores
from studyapp.services.stimuli import import_stimuli
from tests.factories import write_stimuli

BEFORE = [("studyapp", "0015_scores_by_picture")]


@pytest.mark.django_db(transaction=True)
def test_scores_find_the_picture_that_they_are_of(tmp_path):
    write_stimuli(tmp_path / "stimuli", 1)
    import_stimuli(folder=tmp_path / "stimuli", name="gulls")
    artefact = Artefact.objects.select_related("stimulus").first()
    picture, stimulus = artefact.stimulus.picture_id, artefact.stimulus.key
    executor = MigrationExecutor(connection)
    latest = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "studyapp"]
    try:
        executor.migrate(BEFORE)
        rows = executor.loader.project_state(BEFORE).apps.get_model("studyapp", "ExplanationScores")
        for of, key in ((stimulus, artefact.explanation_key), (stimulus, "f" * 64)):
            rows.objects.create(
                stimulus_key=of, explanation_key=key, scores={"stimulus": of, "deletion": 0.2}
            )
    finally:
        MigrationExecutor(connection).migrate(latest)
    kept = ExplanationScores.objects.get()
    assert (kept.picture_sha256, kept.explanation_key) == (picture, artefact.explanation_key)
    assert kept.scores == {"stimulus": stimulus, "deletion": 0.2, "picture": picture}
