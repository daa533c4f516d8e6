"""One session: a single address that always shows the page the session stands at.

Every form posts to an address of its own and is answered by a redirect back here, so that
reloads, the back button, double clicks and stale tabs all end at the right page.
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from experiments.schema import Instructions, Questionnaire, Quiz, Trials
from experiments.screening import Screening
from studyapp.exceptions import AnswerRefused
from studyapp.forms.questions import QuestionnaireForm, QuizForm
from studyapp.forms.screening import ScreeningForm
from studyapp.forms.trial import ShownTrialForm, TrialForm
from studyapp.models import StudySession, Trial
from studyapp.selectors.guide_view import guide_view
from studyapp.selectors.progress import (
    Asking,
    Page,
    current_page,
    has_completed,
    is_last,
    screening_reasons,
    stage_after,
    takes_answers,
)
from studyapp.selectors.recruiters import completion_code, way_back
from studyapp.selectors.sessions import sessions_with_study
from studyapp.selectors.studies import protocol_of
from studyapp.selectors.trial_view import feedback_view, trial_view
from studyapp.services.answers import quiz_attempts, record_questionnaire, record_quiz
from studyapp.services.responses import (
    dismiss_feedback,
    end_break,
    record_response,
    serve_trial,
)
from studyapp.services.screening import record_screening
from studyapp.services.sessions import advance_stage, advance_when_done
from studyapp.services.withdrawal import withdraw as withdraw_session
from studyapp.views.browser import is_touch_device
from studyapp.views.study_page import study_page

SessionView = Callable[..., HttpResponse]


def with_session(view: SessionView) -> SessionView:
    """The token in the address is the key to a session, and the only one.

    It can't be guessed, so a forged form can't be sent with it: no cookie is needed.
    """

    @csrf_exempt
    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
        session = get_object_or_404(sessions_with_study(), token=token)
        answer = partial(view, request, session, **kwargs)
        return study_page(protocol_of(session.study), answer, session.language)

    return wrapped


@require_safe
@with_session
def run(request: HttpRequest, session: StudySession) -> HttpResponse:
    """Shows the page the session stands at. Only a page that is sent has been served."""
    page = current_page(session)
    requirements = protocol_of(session.study).requirements
    if takes_answers(session) and not requirements.touch_allowed and is_touch_device(request):
        context = {**frame(session), "unmet": ("touch",)}
        return render(request, "studyapp/unsuitable.html", context, status=403)
    if request.method == "GET" and page.kind == "trial" and page.trial:
        serve_trial(asking=Asking(page.trial, page.is_first))
    return _show(request, session, page)


@require_POST
@with_session
def go_on(request: HttpRequest, session: StudySession) -> HttpResponse:
    """Leaves a stage that only had to be read."""
    page = current_page(session)
    if page.kind == "stage" and isinstance(page.stage, Instructions | Trials):
        advance_stage(session=session, from_stage=request.POST.get("stage_key", ""))
    return redirect("run", token=session.token)


@require_POST
@with_session
def quiz(request: HttpRequest, session: StudySession) -> HttpResponse:
    """Takes one attempt; what was wrong is told, the right answer is not."""
    page = current_page(session)
    if page.kind != "stage" or not isinstance(page.stage, Quiz):
        return redirect("run", token=session.token)
    form = QuizForm(page.stage, request.POST)
    if not form.is_valid():
        return _show(request, session, page, form, status=422)
    attempt = form.cleaned_data["attempt"]
    record_quiz(session=session, stage=page.stage, attempt=attempt, answers=form.answers())
    return redirect("run", token=session.token)


@require_POST
@with_session
def screening(request: HttpRequest, session: StudySession) -> HttpResponse:
    """Takes the answers that decide who may take part."""
    page = current_page(session)
    if page.kind != "stage" or not isinstance(page.stage, Screening):
        return redirect("run", token=session.token)
    form = ScreeningForm(page.stage, request.POST)
    if not form.is_valid():
        return _show(request, session, page, form, status=422)
    record_screening(session=session, stage=page.stage, answers=form.answers())
    return redirect("run", token=session.token)


@require_POST
@with_session
def answer_trial(request: HttpRequest, session: StudySession, uid: UUID) -> HttpResponse:
    """Takes the answer to a trial; a late or repeated one is sorted out by the service."""
    trial = get_object_or_404(session.trials, uid=uid)
    stage = protocol_of(session.study).stage(trial.stage_key)
    assert isinstance(stage, Trials)
    form = TrialForm.sent(trial, stage, request.POST)
    if not form.is_valid():
        return _asked_again(request, session, Asking(trial, request.POST.get("is_first") == "True"))
    try:
        taken = record_response(session=session, trial=trial, **form.cleaned_data)
    except AnswerRefused:
        # Not this trial's turn: the page it stands at says what to do.
        return redirect("run", token=session.token)
    if taken.is_last_of_stage:
        advance_when_done(session=taken.session, from_stage=stage.key)
    return redirect("run", token=session.token)


def _asked_again(request: HttpRequest, session: StudySession, asking: Asking) -> HttpResponse:
    """The page with what is missing, if it is the one that the session stands at."""
    page = current_page(session)
    is_due = (page.kind, page.trial, page.is_first) == ("trial", asking.trial, asking.is_first)
    if not is_due or not isinstance(page.stage, Trials):
        return redirect("run", token=session.token)
    form = ShownTrialForm(trial_view(asking, page.stage), request.POST)
    return _show(request, session, page, form, status=422)


@require_POST
@with_session
def leave_feedback(request: HttpRequest, session: StudySession, uid: UUID) -> HttpResponse:
    """Feedback has been read."""
    trial = get_object_or_404(Trial, uid=uid, session=session)
    dismiss_feedback(trial=trial)
    advance_when_done(session=session, from_stage=trial.stage_key)
    return redirect("run", token=session.token)


@require_POST
@with_session
def leave_break(request: HttpRequest, session: StudySession, uid: UUID) -> HttpResponse:
    """A break is as long as the participant likes."""
    end_break(trial=get_object_or_404(Trial, uid=uid, session=session))
    return redirect("run", token=session.token)


@require_POST
@with_session
def questionnaire(request: HttpRequest, session: StudySession) -> HttpResponse:
    """Takes all answers of a questionnaire at once."""
    page = current_page(session)
    if page.kind != "stage" or not isinstance(page.stage, Questionnaire):
        return redirect("run", token=session.token)
    form = QuestionnaireForm(page.stage, request.POST)
    if not form.is_valid():
        return _show(request, session, page, form, status=422)
    record_questionnaire(session=session, stage_key=page.stage.key, answers=form.answers())
    return redirect("run", token=session.token)


@require_http_methods(["GET", "HEAD", "POST"])
@with_session
def withdraw(request: HttpRequest, session: StudySession) -> HttpResponse:
    """Two clicks from any page, with or without deletion."""
    if request.method == "POST":
        delete_answers = request.POST.get("answers") == "delete"
        withdraw_session(session=session, delete_answers=delete_answers)
        return redirect("run", token=session.token)
    if session.answers_deleted:
        return redirect("run", token=session.token)
    context = {**frame(session), "has_completed": has_completed(session)}
    return render(request, "studyapp/withdraw.html", context)


def frame(session: StudySession) -> dict[str, Any]:
    """What every page of a session says around its content."""
    protocol = protocol_of(session.study)
    keys = [stage.key for stage in protocol.stages]
    done = keys.index(session.stage_key)
    near = protocol.stages[max(0, done - 1) : done + 1]
    return {
        "protocol": protocol,
        "session": session,
        "stages_done": done,
        "stages_total": len(keys) - 1,
        # At a questionnaire, and where it leads: there its draft is forgotten.
        "may_hold_draft": any(isinstance(stage, Questionnaire) for stage in near),
    }


def _show(
    request: HttpRequest,
    session: StudySession,
    page: Page,
    form: Any = None,
    status: int = 200,
) -> HttpResponse:
    name, extra = _page_parts(request, session, page)
    context = {**frame(session), "stage": page.stage, **extra}
    if form is not None:
        context["form"] = form
    return render(request, f"studyapp/{name}.html", context, status=status)


def _page_parts(
    request: HttpRequest, session: StudySession, page: Page
) -> tuple[str, dict[str, Any]]:
    if page.kind in ("completed", "screened_out", "withdrawn", "closed", "expired"):
        return page.kind, {
            "back": way_back(session),
            "has_completed": has_completed(session),
            "completion_code": completion_code(session),
            "reasons": screening_reasons(session),
        }
    if page.kind == "trial" and page.trial and isinstance(page.stage, Trials):
        view = trial_view(Asking(page.trial, page.is_first), page.stage)
        form = ShownTrialForm(view, initial={"key": uuid4()})
        guide = guide_view(session.study, page.stage.phase)
        return "trial", {"view": view, "form": form, "guide": guide}
    if page.kind == "break" and page.trial:
        return "break", {"trial": page.trial}
    if page.kind == "feedback" and page.trial and isinstance(page.stage, Trials):
        guide = guide_view(session.study, page.stage.phase)
        return "feedback", {"view": feedback_view(page.trial), "guide": guide}
    return _stage_parts(request, session, page)


def _stage_parts(
    request: HttpRequest, session: StudySession, page: Page
) -> tuple[str, dict[str, Any]]:
    stage = page.stage
    if isinstance(stage, Instructions):
        number = _page_number(request, len(stage.pages))
        return "instructions", {
            "text": stage.pages[number - 1],
            "number": number,
            "pages": len(stage.pages),
        }
    if isinstance(stage, Quiz):
        made = quiz_attempts(session, stage.key)
        wrong = session.answers.filter(stage_key=stage.key, attempt=made, is_correct=False)
        return "quiz", {
            "form": QuizForm(stage, initial={"attempt": made + 1}),
            "attempt": made + 1,
            "wrong": set(wrong.values_list("item", flat=True)),
        }
    if isinstance(stage, Screening):
        return "screening", {"form": ScreeningForm(stage)}
    if isinstance(stage, Questionnaire):
        following = stage_after(protocol_of(session.study), stage.key)
        return "questionnaire", {"form": QuestionnaireForm(stage), "finishes": is_last(following)}
    if isinstance(stage, Trials):
        return "stage_done", {}
    raise Http404


def _page_number(request: HttpRequest, pages: int) -> int:
    text = request.GET.get("page", "1")
    number = int(text) if text.isdecimal() else 1
    return min(max(number, 1), pages)
