"""Walking through the pages as a browser without JavaScript would."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from experiments.schema import Quiz
from studyapp.bots.pages import PageForm, read_page
from studyapp.models import StudySession
from studyapp.selectors.progress import Page, current_page


def form_of(response: HttpResponse) -> PageForm:
    return read_page(response.content.decode()).forms[-1]


def default_answers(page: Page, form: PageForm, *, fails_checks: bool = False) -> dict[str, str]:
    """The first option everywhere, but the right answers in a quiz."""
    answers = {name: values[0] for name, values in form.options.items()}
    if isinstance(page.stage, Quiz):
        answers = {question.key: question.answer for question in page.stage.questions}
    if page.trial is not None and page.trial.instructed_choice and "choice" in answers:
        instructed = page.trial.instructed_choice
        others = (choice for choice in form.options["choice"] if choice != instructed)
        answers["choice"] = next(others) if fails_checks else instructed
    return {**form.hidden, **dict.fromkeys(form.text_fields, ""), **answers}


def walk(
    client: Client, session: StudySession, *, fails_checks: bool = False
) -> Iterator[tuple[Page, HttpResponse]]:
    """Yield each page with its response, answering it afterwards, to the end."""
    address = reverse("run", args=[session.token])
    while True:
        session.refresh_from_db()
        page = current_page(session)
        response = client.get(address)
        yield page, response
        if page.kind in ("completed", "screened_out", "withdrawn"):
            return
        if page.stage.kind == "instructions":
            response = client.get(f"{address}?page={len(page.stage.pages)}")
        form = form_of(response)
        posted = client.post(form.action, default_answers(page, form, fails_checks=fails_checks))
        assert posted.status_code == 302, posted.content.decode()


def walk_to(client: Client, session: StudySession, kind: str, phase: str = "") -> Page:
    """Go on until a page of that kind (and phase) is shown, and stop there."""
    for page, _ in walk(client, session):
        if page.kind == kind and (not phase or page.stage.phase == phase):
            return page
    raise AssertionError(f"the session ended before a page of kind {kind}")


def finish(session: StudySession, *, fails_checks: bool = False) -> None:
    """Answer everything."""
    for _ in walk(Client(), session, fails_checks=fails_checks):
        pass
