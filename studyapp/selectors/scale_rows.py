"""The scores of questionnaire scales."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from experiments.scales import SCALES
from experiments.schema import Questionnaire
from studyapp.models import Answer, Study, StudySession
from studyapp.selectors.studies import protocol_of


def scale_rows(study: Study, sessions: QuerySet[StudySession]) -> Iterator[dict[str, Any]]:
    """One row for each questionnaire with a scale that a session answered, scored."""
    scaled = {
        stage.key: stage.scale
        for stage in protocol_of(study).stages
        if isinstance(stage, Questionnaire) and stage.scale
    }
    answers = Answer.objects.filter(session__in=sessions.values("pk"), stage_key__in=scaled)
    given: dict[tuple[int, str], dict[str, int | None]] = defaultdict(dict)
    for answer in answers.order_by("pk").iterator():
        value = int(answer.value) if answer.value and answer.value.isdecimal() else None
        given[answer.session_id, answer.stage_key][answer.item] = value
    people = {session.pk: session for session in sessions}
    for (session, stage_key), values in given.items():
        name = str(scaled[stage_key])
        items = [item.key for item in SCALES[name].items]
        yield {
            "session": people[session].code,
            "participant": people[session].participant.code,
            "stage_key": stage_key,
            "scale": name,
            "score": SCALES[name].score(values),
            "answered": sum(values.get(item) is not None for item in items),
            "items": len(items),
        }
