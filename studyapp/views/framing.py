"""Which other sites may show a page in a frame, or be sent a form from it: almost none."""

from csp.constants import SELF
from django.http import HttpResponse

from experiments.recruitment import MTurkRecruitment
from experiments.schema import Protocol

_MTURK = "https://*.mturk.com"


def framed(response: HttpResponse, protocol: Protocol) -> HttpResponse:
    """MTurk shows its studies in a frame, and its last page posts to Amazon."""
    if isinstance(protocol.recruitment, MTurkRecruitment):
        # X-Frame-Options can't name a site; browsers heed frame-ancestors.
        response.xframe_options_exempt = True
        response._csp_replace = {  # type: ignore[attr-defined]
            "frame-ancestors": [_MTURK],
            "form-action": [SELF, _MTURK],
        }
    return response
