"""Walking through the pages as a browser without JavaScript would."""

from collections.abc import Iterator, Sequence
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from experiments.schema import Quiz
from studyapp.bots.pages import PageForm, read_page
from studyapp.models import StudySession, Trial
from studyapp.selectors.progress import Asking, Page, current_page
from studyapp.services.responses import dismiss_feedback, end_break, record_response, serve_trial
from studyapp.services.sessions import advance_when_done

ENDS = ("completed", "screened_out", "withdrawn")


def form_of(response: HttpResponse) -> PageForm:
    return read_page(response.content.decode()).forms[-1]


def default_answers(page: Page, form: PageForm, *, fails_checks: bool = False) -> dict[str, str]:
    """The first option everywhere, but the right answers in a quiz."""
    answers = {name: values[0] for name, values in form.options.items()}
    if isinstance(page.stage, Quiz):
        answers = {question.key: question.answer for question in page.stage.questions}
    if page.trial is not None and "choice" in answers:
        shown = form.options["choice"]
        answers["choice"] = _choice(page.trial, shown, fails_checks=fails_checks)
    return {**form.hidden, **dict.fromkeys(form.text_fields, ""), **answers}


def walk(
    client: Client, session: StudySession, *, fails_checks: bool = False
) -> Iterator[tuple[Page, HttpResponse]]:
    """Yield each page with its response, answering it afterwards, to the end."""
    while True:
        session.refresh_from_db()
        page = current_page(session)
        response = client.get(reverse("run", args=[session.token]))
        yield page, response
        if page.kind in ENDS:
            return
        _post(client, page, response, fails_checks=fails_checks)


def walk_to(client: Client, session: StudySession, kind: str, phase: str = "") -> Page:
    """Go on until a page of that kind (and phase) is shown, and stop there."""
    for page in _quickly(client, session):
        if page.kind == kind and (not phase or page.stage.phase == phase):
            client.get(reverse("run", args=[session.token]))
            return page
    raise AssertionError(f"the session ended before a page of kind {kind}")


def finish(session: StudySession, *, fails_checks: bool = False) -> None:
    """Answer everything."""
    for _ in _quickly(Client(), session, fails_checks=fails_checks):
        pass


def _quickly(
    client: Client, session: StudySession, *, fails_checks: bool = False
) -> Iterator[Page]:
    """Yield each page; what trials take, is done by the services that their pages call."""
    address = reverse("run", args=[session.token])
    while True:
        session.refresh_from_db()
        page = current_page(session)
        yield page
        if page.kind in ENDS:
            return
        if page.trial is None:
            _post(client, page, client.get(address), fails_checks=fails_checks)
        elif page.kind == "break":
            end_break(trial=page.trial)
        elif page.kind == "feedback":
            dismiss_feedback(trial=page.trial)
            advance_when_done(session=session, from_stage=page.stage.key)
        else:
            _answer(session, page, page.trial, fails_checks=fails_checks)


def _post(client: Client, page: Page, response: HttpResponse, *, fails_checks: bool) -> None:
    if page.stage.kind == "instructions":
        address = response.request["PATH_INFO"]
        response = client.get(f"{address}?page={len(page.stage.pages)}")
    form = form_of(response)
    posted = client.post(form.action, default_answers(page, form, fails_checks=fails_checks))
    assert posted.status_code == 302, posted.content.decode()


def _answer(session: StudySession, page: Page, trial: Trial, *, fails_checks: bool) -> None:
    serve_trial(asking=Asking(trial, page.is_first))
    taken = record_response(
        session=session,
        trial=trial,
        key=uuid4(),
        choice=_choice(trial, trial.choice_order, fails_checks=fails_checks),
        is_first=page.is_first,
        confidence=1 if page.stage.confidence else None,
    )
    if taken.is_last_of_stage:
        advance_when_done(session=taken.session, from_stage=page.stage.key)


def _choice(trial: Trial, choices: Sequence[str], *, fails_checks: bool) -> str:
    """The first, but in an attention check what it asks for, or not that."""
    asked_for = trial.instructed_choice
    if not asked_for:
        return choices[0]
    return next(choice for choice in choices if (choice == asked_for) != fails_checks)
