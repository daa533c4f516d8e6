"""What a participant takes along: the way back to the recruiter, a copy of the consent."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from experiments.schema import Consent
from studyapp.models import StudySession
from studyapp.selectors.recruiters import way_back
from studyapp.selectors.studies import protocol_of
from studyapp.services.events import record_event
from studyapp.views.run import frame, with_session


@require_safe
@with_session
def return_to_recruiter(request: HttpRequest, session: StudySession) -> HttpResponse:
    """Whoever is not due to go back stays; the address with its code is never in a page."""
    back = way_back(session)
    if back is None or back.assignment is not None:
        return redirect("run", token=session.token)
    record_event(session=session, kind="sent_back", data={"recruiter": back.recruiter})
    return redirect(back.address)


@require_safe
@with_session
def consent_copy(request: HttpRequest, session: StudySession) -> HttpResponse:
    """What was agreed to and when, to print or to keep."""
    context = {**frame(session), "stage": _consent(session)}
    return render(request, "studyapp/consent_copy.html", context)


@require_safe
@with_session
def consent_file(request: HttpRequest, session: StudySession) -> HttpResponse:
    """The same as a text file."""
    context = {**frame(session), "stage": _consent(session)}
    response = render(request, "studyapp/consent_copy.txt", context, "text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="consent-{session.study.slug}.txt"'
    return response


def _consent(session: StudySession) -> Consent:
    stages = protocol_of(session.study).stages
    return next(stage for stage in stages if isinstance(stage, Consent))
