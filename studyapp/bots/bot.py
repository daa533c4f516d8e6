"""A bot walks the real pages: it reads each form, answers as its respondent would, and posts."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.conf import settings
from django.http.request import validate_host
from django.test import Client
from django.urls import reverse

from experiments.digest import derive_seed
from experiments.items import ChoiceItem, Item, LikertItem, NumberItem, RatingItem
from experiments.respondents import Question, Respondent, Simulated
from experiments.schema import Questionnaire, Quiz, Trials
from experiments.screening import Screening
from studyapp.bots.pages import PageForm, read_page
from studyapp.models import Study, StudySession, Trial
from studyapp.selectors.progress import Page, all_counting, counting, current_page
from studyapp.selectors.recruitment import BOT_KEY
from studyapp.selectors.sessions import sessions_with_study
from studyapp.selectors.studies import protocol_of

_MOST_PAGES = 5000

Ending = Literal["completed", "screened_out", "withdrawn", "closed", "abandoned"]
Look = Callable[[StudySession, Page], None]


class BotError(Exception):
    """A page was not what the bot had a right to expect."""


@dataclass
class Bot:
    """One simulated participant in a browser without JavaScript."""

    study: Study
    respondent: Respondent
    seed: int

    def __post_init__(self) -> None:
        # A page that fails is answered 500, as a browser would get it, and ends this bot alone.
        self._client = Client(raise_request_exception=False, SERVER_NAME=allowed_host())
        self._client.defaults[BOT_KEY] = "yes"
        self._protocol = protocol_of(self.study)
        self._random = random.Random(derive_seed(self.seed, "bot"))

    def run(self) -> Ending:
        """Take part from the consent page to the end and say how it ended."""
        return self.walk(self.begin())

    def go_on(self, session: StudySession) -> Ending:
        """End what this respondent began in another run, having learnt what they learnt then.

        They answer trials as they would have; quizzes and questionnaires are drawn anew.
        """
        for given in all_counting(session).select_related("trial__stimulus"):
            stage = self._protocol.stage(given.trial.stage_key)
            assert isinstance(stage, Trials)
            self._simulate(given.trial, stage, given.is_first)
        return self.walk(session)

    def walk(self, session: StudySession, look: Look | None = None) -> Ending:
        """Go on from where a session stands; `look` sees each page before it is answered."""
        for _ in range(_MOST_PAGES):
            session = sessions_with_study().get(pk=session.pk)
            page = current_page(session)
            if look is not None:
                look(session, page)
            if page.kind in ("completed", "screened_out", "withdrawn", "closed"):
                return page.kind
            if page.kind == "expired":
                raise BotError(_too_old(session))
            if self.has_left(session):
                return "abandoned"
            self._answer_page(session, page)
        raise BotError(f"{session} went on for {_MOST_PAGES} pages.")

    def has_left(self, session: StudySession) -> bool:
        """Whether a session stands where its respondent leaves it for good."""
        leaves = self.respondent.abandons_after
        return (
            leaves is not None
            and current_page(session).kind == "trial"
            and all_counting(session).count() == leaves
        )

    def begin(self) -> StudySession:
        """Consent, and say which session that gave."""
        address = reverse("consent", args=[self.study.slug])
        form = self._form_of(address)
        response = self._post(address, form, {"agree": "yes"})
        token = response.rstrip("/").rsplit("/", 1)[-1]
        return sessions_with_study().get(token=token)

    def _answer_page(self, session: StudySession, page: Page) -> None:
        address = reverse("run", args=[session.token])
        form = self._form_of(address)
        self._post(address, form, self._answers(session, page, form))

    def _form_of(self, address: str) -> PageForm:
        """Follow "next" links until a page has a form."""
        seen: set[str] = set()
        while True:
            response = self._client.get(address)
            if response.status_code != 200:
                raise BotError(f"{address} answered {response.status_code}.")
            page = read_page(response.content.decode())
            if page.forms:
                return page.forms[-1]
            following = [link for link in page.links if "page=" in link and link not in seen]
            if not following:
                raise BotError(f"{address} has neither a form nor a next page.")
            seen.add(following[0])
            address = address.split("?", maxsplit=1)[0] + following[0]

    def _answers(self, session: StudySession, page: Page, form: PageForm) -> dict[str, str]:
        if page.kind == "trial" and page.trial and isinstance(page.stage, Trials):
            return self._trial_answers(page.trial, page.stage, page.is_first)
        if isinstance(page.stage, Quiz) and page.kind == "stage":
            return self._quiz_answers(page.stage)
        if isinstance(page.stage, Screening) and page.kind == "stage":
            return {
                question.key: self._random.choice(question.accepted)
                for question in page.stage.questions
            }
        if isinstance(page.stage, Questionnaire) and page.kind == "stage":
            return {item.key: self._item_answer(item) for item in page.stage.items}
        return self._any_answers(form)

    def _trial_answers(self, trial: Trial, stage: Trials, is_first: bool) -> dict[str, str]:
        simulated = self._simulate(trial, stage, is_first)
        answers = {"choice": simulated.choice, "rt_ms": str(simulated.rt_ms)}
        if simulated.confidence is not None:
            answers["confidence"] = str(simulated.confidence)
        return answers

    def _simulate(self, trial: Trial, stage: Trials, is_first: bool) -> Simulated:
        before = counting(trial, is_first=True).first()
        return stage.task.simulate(
            self.respondent,
            Question(
                right_choice=trial.right_choice,
                choices=tuple(trial.choice_order),
                stimulus=trial.stimulus.key if trial.stimulus else None,
                condition="none" if is_first else trial.condition,
                instructed_choice=trial.instructed_choice or None,
                confidence_levels=len(stage.confidence.levels) if stage.confidence else None,
                first_choice=before.choice if before else None,
                advice=None if is_first else self._advice(trial),
                has_feedback=stage.feedback and not is_first,
            ),
        )

    def _advice(self, trial: Trial) -> str | None:
        """The classifier's answer, where the page tells it as advice."""
        if trial.stimulus is None or self._protocol.conditions[trial.condition].advice == "none":
            return None
        return trial.stimulus.predicted_species

    def _quiz_answers(self, stage: Quiz) -> dict[str, str]:
        if self.respondent.is_careless:
            return {q.key: self._random.choice(q.choices) for q in stage.questions}
        return {question.key: question.answer for question in stage.questions}

    def _item_answer(self, item: Item) -> str:
        if isinstance(item, LikertItem):
            return str(self._random.randint(1, len(item.levels)))
        if isinstance(item, ChoiceItem):
            return self._random.choice(item.choices)
        if isinstance(item, NumberItem):
            return str(self._random.randint(item.minimum, item.maximum))
        if isinstance(item, RatingItem):
            return str(self._random.choice(item.points))
        return "Written by a bot."[: item.max_characters]

    def _any_answers(self, form: PageForm) -> dict[str, str]:
        return {name: self._random.choice(values) for name, values in form.options.items()}

    def _post(self, page_address: str, form: PageForm, answers: dict[str, Any]) -> str:
        """Post what a browser would; return where it leads."""
        unknown = set(answers) - form.field_names()
        if unknown:
            raise BotError(f"{page_address} has no field {', '.join(sorted(unknown))}.")
        response = self._client.post(form.action or page_address, {**form.hidden, **answers})
        if response.status_code != 302:
            raise BotError(f"{form.action or page_address} answered {response.status_code}.")
        return response.headers["Location"]


def _too_old(session: StudySession) -> str:
    return (
        f"{session} was begun longer ago than the protocol's `resume_within_days` allows. It stays "
        "unfinished, and an export tells it as left; to rehearse without it, freeze a copy of the "
        "protocol under another slug."
    )


def allowed_host() -> str:
    """A name that the settings allow, whatever the server is called."""
    if validate_host("localhost", settings.ALLOWED_HOSTS):
        return "localhost"
    return str(settings.ALLOWED_HOSTS[0]).lstrip(".")
