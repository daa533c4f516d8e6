"""What every page of a study has: its language, and the few sites that may frame it."""

from collections.abc import Callable

from csp.constants import SELF
from django.http import HttpResponse

from experiments.recruitment import MTurkRecruitment
from experiments.schema import Protocol
from studyapp.selectors.speech import speaking

_MTURK = "https://*.mturk.com"


def study_page(
    protocol: Protocol, answer: Callable[[], HttpResponse], language: str = ""
) -> HttpResponse:
    """Answers in a language of the protocol, whatever the browser's is.

    MTurk shows its studies in a frame, and their last page posts to Amazon.
    """
    with speaking(protocol, language) as spoken:
        response = answer()
    response["Content-Language"] = spoken
    if isinstance(protocol.recruitment, MTurkRecruitment):
        # X-Frame-Options can't name a site; browsers heed frame-ancestors.
        response.xframe_options_exempt = True
        response._csp_replace = {  # type: ignore[attr-defined]
            "frame-ancestors": [_MTURK],
            "form-action": [SELF, _MTURK],
        }
    return response
