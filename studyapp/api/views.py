"""The player's addresses, below the session's own."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from experiments.schema import Trials
from studyapp.api.requests import answer, of_a_session, refusal, takes
from studyapp.api.types import (
    AnswerIn,
    Block,
    BlockRequest,
    EventsIn,
    EventsOut,
    Lease,
    MediaOut,
    ReceiptOut,
    State,
    TrialOut,
)
from studyapp.forms.trial import ShownTrialForm
from studyapp.models import StudySession
from studyapp.selectors.progress import (
    Asking,
    unanswered_served,
)
from studyapp.selectors.receipts import receipt
from studyapp.selectors.schedule import schedule_of
from studyapp.selectors.studies import protocol_of
from studyapp.selectors.trial_view import TrialView, trial_views
from studyapp.services.events import BrowserEvent, record_browser_events
from studyapp.services.leases import open_block
from studyapp.services.responses import record_response
from studyapp.services.sessions import advance_when_done

MOST_BYTES = 16_384
MOST_BYTES_OF_EVENTS = 131_072
_STATUS = {"new": 201, "same": 200, "conflict": 409}


@of_a_session
@takes(BlockRequest, MOST_BYTES)
def block(request: HttpRequest, session: StudySession, said: BlockRequest) -> HttpResponse:
    """Gives the device that holds the session the trials that may be answered now."""
    lease, askings = open_block(session=session, device=said.device, take_over=said.take_over)
    schedule = schedule_of(session)
    shown = tuple(_trial_out(session, view) for view in _views(session, askings))
    counts = {"expected": schedule.expected, "counted": schedule.counted}
    return answer(Block(lease=lease, trials=shown, **counts))


@of_a_session
@takes(AnswerIn, MOST_BYTES)
def responses(request: HttpRequest, session: StudySession, said: AnswerIn) -> HttpResponse:
    """Takes an answer: 201 new, 200 the same again, 409 another one counts."""
    trial = session.trials.filter(uid=said.trial).first()
    if trial is None:
        return refusal(422, ("trial", "This session has no such trial."))
    known_onset = said.timing.onset_method is not None
    taken = record_response(
        session=session,
        trial=trial,
        key=said.key,
        choice=said.choice,
        is_first=said.is_first,
        confidence=said.confidence,
        rt_ms=said.rt_ms if known_onset else None,
        timing=said.timing,
        waited_ms=said.waited_ms,
        device=said.device,
    )
    if taken.is_last_of_stage:
        advance_when_done(session=taken.session, from_stage=trial.stage_key)
    out = ReceiptOut(
        outcome=taken.outcome,
        receipt=receipt(taken.response),
        lease=_lease(taken.session, said.device),
        expected=taken.schedule.expected,
        counted=taken.schedule.counted,
    )
    return answer(out, _STATUS[taken.outcome])


@of_a_session
@takes(EventsIn, MOST_BYTES_OF_EVENTS)
def events(request: HttpRequest, session: StudySession, said: EventsIn) -> HttpResponse:
    """Takes events, each once."""
    told = [BrowserEvent(**event.model_dump()) for event in said.events]
    stored = record_browser_events(session=session, events=told)
    return answer(EventsOut(stored=stored, lease=_lease(session, said.device)))


@of_a_session
def state(request: HttpRequest, session: StudySession) -> HttpResponse:
    """Says what the server has counted."""
    if request.method not in ("GET", "HEAD"):
        return refusal(405, ("method", "This address takes GET."))
    try:
        device = UUID(request.GET.get("device", ""))
    except ValueError:
        return refusal(422, ("device", "Add ?device= with this browser's number."))
    schedule = schedule_of(session)
    return answer(
        State(
            lease=_lease(session, device),
            expected=schedule.expected,
            counted=schedule.counted,
            unanswered=tuple(asking.name for asking in unanswered_served(session)),
        )
    )


def _lease(session: StudySession, device: UUID | None) -> Lease:
    return "elsewhere" if device and session.device not in (None, device) else "held"


def _views(session: StudySession, askings: Sequence[Asking]) -> list[TrialView]:
    if not askings:
        return []
    stage = protocol_of(session.study).stage(askings[0].trial.stage_key)
    if not isinstance(stage, Trials):
        raise Http404
    return trial_views(askings, stage)


def _trial_out(session: StudySession, view: TrialView) -> TrialOut:
    key = uuid4()
    media = (
        MediaOut(**asdict(file), url=reverse("media", args=[file.sha256])) for file in view.media
    )
    context = {"session": session, "view": view, "form": ShownTrialForm(view, initial={"key": key})}
    page = render_to_string("studyapp/parts/trial.html", context)
    return TrialOut.model_validate(asdict(view) | {"key": key, "media": tuple(media), "page": page})
