"""Rehearsals: copies to be tried out, which touch nothing of a study and are none themselves."""

import uuid
from collections import Counter

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from experiments.digest import derive_seed
from experiments.fitted_respondents import response_model_named
from experiments.respondents import draw_respondents
from studyapp.bots.bot import Bot
from studyapp.enums import StudyStage
from studyapp.exceptions import (
    DraftRefused,
    ExportRefused,
    FreezeRefused,
    MoveRefused,
    StudyNotOpen,
)
from studyapp.models import Participant, PlannedStimulus, Slot, Study, StudySession, Trial
from studyapp.selectors.allocation import held_by_cell
from studyapp.selectors.people import studies_of
from studyapp.selectors.studies import listed_studies, protocol_of
from studyapp.services.drafts import begin_draft, delete_draft, save_draft
from studyapp.services.exports import export_study
from studyapp.services.rehearsals import (
    begin_preview,
    delete_rehearsal,
    rehearsal_of,
    rehearsal_of_study,
)
from studyapp.services.sessions import start_session
from studyapp.services.studies import set_stage
from studyapp.services.withdrawal import withdraw
from tests.factories import BRIEF, open_demo
from tests.integration.studyapp.allocating import written
from tests.integration.studyapp.walking import finish


@pytest.fixture
def maker(db) -> User:
    return User.objects.create_user("maker")


@pytest.fixture
def draft(study, maker):
    """Of the study's own plan, under another slug."""
    text = BRIEF.replace("slug: gulls-demo", "slug: tried", 1)
    return begin_draft(text=text, by=maker)


def free_slots(study: Study) -> list[int]:
    return list(study.slots.filter(holder__isnull=True).values_list("pk", flat=True))


def test_a_rehearsal_is_made_once_for_a_plan_and_anew_when_it_changes(draft, maker):
    first = rehearsal_of(draft)
    assert first.stage == StudyStage.REHEARSAL
    assert protocol_of(first).slug == "tried"
    assert rehearsal_of(draft) == first
    finish(begin_preview(study=first, arm="heatmap"))
    changed = draft.text.replace("title: Telling gulls apart", "title: Telling them apart", 1)
    assert changed != draft.text
    draft = save_draft(draft=draft, text=changed, based_on=1, by=maker)
    second = rehearsal_of(draft)
    assert second != first and not Study.objects.filter(pk=first.pk).exists()
    assert protocol_of(second).title == "Telling them apart"
    assert not StudySession.objects.filter(study=second).exists()


def test_a_draft_with_errors_is_not_rehearsed(draft, maker):
    draft = save_draft(draft=draft, text="slug: [", based_on=1, by=maker)
    with pytest.raises(FreezeRefused, match="is not YAML"):
        rehearsal_of(draft)


def test_a_preview_runs_in_the_arm_that_is_asked_for(draft):
    rehearsal = rehearsal_of(draft)
    free = free_slots(rehearsal)
    for arm in protocol_of(rehearsal).arms:
        session = begin_preview(study=rehearsal, arm=arm)
        assert (session.slot.arm, session.is_preview) == (arm, True)
        assert session.study == rehearsal
        pictures = session.trials.filter(phase="assessment", stimulus__isnull=False)
        shown = set(pictures.values_list("condition", flat=True))
        assert shown == {protocol_of(rehearsal).arms[arm].assessment}
    assert free_slots(rehearsal) == free
    with pytest.raises(DraftRefused, match="no arm 'nonsense'"):
        begin_preview(study=rehearsal, arm="nonsense")


def test_a_preview_of_a_study_leaves_its_places_alone(study):
    places = free_slots(study)
    session = begin_preview(study=study, arm="heatmap")
    assert session.study != study and session.study.rehearses_study == study
    assert begin_preview(study=study, arm="none").study == session.study
    finish(session)
    assert free_slots(study) == places
    assert not study.sessions.exists() and not study.participants.exists()


def test_bots_rehearse_over_the_real_pages_and_people_do_not(draft):
    rehearsal = rehearsal_of(draft)
    person = draw_respondents(response_model_named("attentive"), 1, 1)[0]
    assert Bot(rehearsal, person, derive_seed(1, 0)).run() in ("completed", "screened_out")
    assert rehearsal.sessions.get().participant.is_bot
    with pytest.raises(StudyNotOpen):
        start_session(study=rehearsal, entry_key=uuid.uuid4())
    for name in ("consent", "declined"):
        assert Client().get(reverse(name, args=[rehearsal.slug])).status_code == 404


AGE = """\
      - {key: age, text: How old are you?, choices: [young, old], accepted: [young, old],
         reason: none}

  - kind: instructions"""
BALANCING = """\
{
    method: minimisation, participants: {pilot: 12},
    factors: [
      {stage: screening, item: birds, levels: {novice: ["No"], watcher: ["Yes"]}},
      {stage: screening, item: age, levels: {young: [young], old: [old]}},
    ]}"""


def test_bots_are_balanced_over_two_factors_as_if_nobody_had_looked_before(tmp_path, maker):
    path = written(tmp_path, BALANCING, asks=True)
    path.write_text(path.read_text().replace("\n  - kind: instructions", AGE, 1))
    rehearsal = rehearsal_of_study(open_demo(tmp_path / "stimuli", protocol=path))
    for _ in range(3):
        begin_preview(study=rehearsal, arm="heatmap")
    assert held_by_cell(rehearsal, "pilot").total() == 0
    people = draw_respondents(response_model_named("attentive"), 4, 1)
    for number, person in enumerate(people):
        assert Bot(rehearsal, person, derive_seed(1, number)).run() == "completed"
    held = held_by_cell(rehearsal, "pilot")
    assert held.total() == 4
    assert {stratum.count("+") for _, stratum in held} == {1}


def test_a_rehearsal_is_no_study(draft, maker, tmp_path):
    rehearsal = rehearsal_of(draft)
    maker.is_superuser = True
    assert rehearsal not in listed_studies(with_pilots=True)
    assert rehearsal not in studies_of(maker)
    for stage in StudyStage:
        with pytest.raises(MoveRefused):
            set_stage(study=rehearsal, stage=stage)
    with pytest.raises(ExportRefused, match="no data of a study"):
        export_study(study=rehearsal, target=tmp_path / "export")
    assert not (tmp_path / "export").exists()
    for command in (["export_study"], ["set_stage", "open"]):
        with pytest.raises(CommandError, match="There is no study"):
            name, *rest = command
            out = ["--out", str(tmp_path / "x")] if name == "export_study" else []
            call_command(name, rehearsal.slug, *rest, *out)
    client = Client()
    User.objects.filter(pk=maker.pk).update(is_superuser=True)
    client.force_login(maker)
    assert client.get(reverse("staff-study", args=[rehearsal.slug])).status_code == 404


def test_the_database_knows_rehearsals_from_studies(study, draft):
    rehearsal = rehearsal_of(draft)
    spoilt = (
        (rehearsal, {"stage": StudyStage.OPEN}),
        (rehearsal, {"rehearses_draft": None}),
        (rehearsal, {"rehearses_study": study}),
        (study, {"stage": StudyStage.REHEARSAL}),
        (study, {"rehearses_study": study}),
    )
    for one, fields in spoilt:
        with pytest.raises(IntegrityError), transaction.atomic():
            Study.objects.filter(pk=one.pk).update(**fields)


def test_only_a_rehearsal_can_be_deleted_and_it_goes_wholly(study, draft):
    start_session(study=study, entry_key=uuid.uuid4())
    tables = (Study, Slot, PlannedStimulus, Participant, StudySession, Trial)
    before = [table.objects.count() for table in tables]
    rehearsal = rehearsal_of(draft)
    finish(begin_preview(study=rehearsal, arm="heatmap"))
    withdraw(session=begin_preview(study=rehearsal, arm="none"), delete_answers=True)
    with pytest.raises(Study.DoesNotExist):
        delete_rehearsal(study)
    delete_draft(draft=draft)
    assert [table.objects.count() for table in tables] == before


def test_the_copy_of_a_study_is_its_plan_and_tells_nothing_of_its_sequence(study):
    copy = rehearsal_of_study(study)
    assert protocol_of(copy) == protocol_of(study)
    assert copy.frozen["selection"] == study.frozen["selection"]
    drawn = [list(one.slots.order_by("pk").values_list("arm", flat=True)) for one in (copy, study)]
    assert Counter(drawn[0]) == Counter(drawn[1])
    # Whoever previews a study must not read off it which arm comes next.
    assert drawn[0] != drawn[1]
