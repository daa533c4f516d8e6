"""Where participants come from, how they are sent back, and what their devices must be able to."""

from typing import Annotated, Literal

from pydantic import Field

from experiments.declared import Declared

Code = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_-]+$",
        max_length=100,
        description="as the recruiter gives it: letters, digits, _ and -",
    ),
]


class LinkRecruitment(Declared):
    """A link that you send yourself. A browser takes part once."""

    source: Literal["link"] = "link"


class ProlificCodes(Declared):
    """Codes of the other ways a submission can end. The debrief has the one of completion.

    Make each of them at Prolific with the action that belongs to it. An ending without a code is
    told to participants in words: they return their submission.
    """

    screened_out: Code | None = Field(default=None, description="turned away by a screening stage")
    failed_quiz: Code | None = Field(
        default=None, description="failed every attempt at a quiz: a return, never a rejection"
    )
    no_consent: Code | None = Field(default=None, description="did not agree to take part")
    withdrawn: Code | None = Field(default=None, description="withdrew")


class _Recruiter(Declared):
    """What is true of everybody who sends people with ids of their own."""

    erase_ids_after_days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="the recruiter's ids are erased so long after the study was closed; "
        "say the same in the consent",
    )


class ProlificRecruitment(_Recruiter):
    """Prolific.

    Its study URL is ``https://HOST/s/SLUG/?PROLIFIC_PID={{%PROLIFIC_PID%}}&``
    ``STUDY_ID={{%STUDY_ID%}}&SESSION_ID={{%SESSION_ID%}}``.
    """

    source: Literal["prolific"]
    codes: ProlificCodes = ProlificCodes()


class MTurkRecruitment(_Recruiter):
    """Amazon Mechanical Turk, as an ExternalQuestion whose URL is ``https://HOST/s/SLUG/``."""

    source: Literal["mturk"]


class SonaRecruitment(_Recruiter):
    """A SONA pool.

    Its study URL is ``https://HOST/s/SLUG/?survey_code=%SURVEY_CODE%``; the other fields are in
    the completion URL that SONA shows for the study.
    """

    source: Literal["sona"]
    site: Annotated[str, Field(pattern=r"^[a-z0-9-]+$", max_length=63)] = Field(
        description="the name before .sona-systems.com"
    )
    experiment_id: Annotated[str, Field(pattern=r"^[0-9]+$", max_length=20)]
    credit_token: Code


Recruitment = Annotated[
    LinkRecruitment | ProlificRecruitment | MTurkRecruitment | SonaRecruitment,
    Field(discriminator="source"),
]

LanguageTag = Annotated[
    str, Field(pattern=r"^[a-z]{2,3}$", description="two or three letters, such as de")
]


class Requirements(Declared):
    """What a browser must be and speak. Checked before consent, so that nobody begins in vain."""

    minimum_width_px: int | None = Field(
        default=None, ge=320, le=3840, description="width of the window, in CSS pixels"
    )
    touch_allowed: bool = Field(
        default=True, description="false turns away phones and tablets without a mouse"
    )
    languages: tuple[LanguageTag, ...] = Field(
        default=(), description="the browser prefers one of these; empty: any"
    )
