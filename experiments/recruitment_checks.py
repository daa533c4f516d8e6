"""Checks of how people come and go: codes, screening, the language they are spoken to."""

from collections.abc import Iterator

from experiments.findings import Location, Problem
from experiments.question_checks import repeated, repeated_keys
from experiments.recruitment import MTurkRecruitment, ProlificRecruitment, SonaRecruitment
from experiments.schema import Debrief, Protocol, Questionnaire
from experiments.screening import Screening, ScreeningQuestion


def recruitment_problems(protocol: Protocol) -> Iterator[Problem]:
    """Yield every problem of entry, screening and exit."""
    if isinstance(protocol.recruitment, ProlificRecruitment):
        yield from _prolific(protocol, protocol.recruitment)
    elif isinstance(protocol.recruitment, MTurkRecruitment | SonaRecruitment):
        yield from _needless_code(protocol)
    for index, stage in enumerate(protocol.stages):
        if isinstance(stage, Screening):
            yield from _screening(protocol, stage, ("stages", index))
        elif isinstance(stage, Questionnaire):
            yield from _english_scale(protocol, stage, ("stages", index))


def _debrief(protocol: Protocol) -> Iterator[tuple[Location, Debrief]]:
    for index, stage in enumerate(protocol.stages):
        if isinstance(stage, Debrief):
            yield ("stages", index, "completion_code"), stage


def _prolific(protocol: Protocol, recruitment: ProlificRecruitment) -> Iterator[Problem]:
    codes = {name: code for name, code in recruitment.codes if code}
    for where, debrief in _debrief(protocol):
        if debrief.completion_code is None:
            what = "Prolific pays by a completion code, and there is none."
            yield Problem(
                where,
                what,
                "Copy it from the study's page at Prolific.",
                code="prolific-no-completion-code",
            )
        for name, code in codes.items():
            if code == debrief.completion_code:
                what = f"{code} is the code of completion as well, so that {name} would be paid."
                do = "Make a code of its own at Prolific."
                yield Problem(("recruitment", "codes", name), what, do, code="prolific-code-shared")
    names = list(codes)
    for number, name in enumerate(names):
        if codes[name] in [codes[earlier] for earlier in names[:number]]:
            what = f"{codes[name]} is the code of another ending, so that the two look alike."
            do = "Make a code of its own at Prolific."
            yield Problem(("recruitment", "codes", name), what, do, code="prolific-code-idle")
    screens = any(isinstance(stage, Screening) for stage in protocol.stages)
    if screens and recruitment.codes.screened_out is None:
        what = "people are screened out, and Prolific is not told so."
        do = "Add codes.screened_out, with the action fixed screen-out payment."
        yield Problem(
            ("recruitment", "codes"), what, do, "warning", code="prolific-no-screening-code"
        )


def _needless_code(protocol: Protocol) -> Iterator[Problem]:
    for where, debrief in _debrief(protocol):
        if debrief.completion_code is not None:
            what = "this recruiter is told of a completion without a code: nobody will see it."
            yield Problem(
                where, what, "Leave completion_code out.", "warning", code="completion-code-idle"
            )


def _screening(protocol: Protocol, stage: Screening, where: Location) -> Iterator[Problem]:
    strata = {factor.item for factor in protocol.allocation.factors if factor.stage == stage.key}
    yield from repeated_keys([q.key for q in stage.questions], (*where, "questions"))
    for number, question in enumerate(stage.questions):
        here: Location = (*where, "questions", number)
        yield from repeated(question.choices, (*here, "choices"))
        yield from _accepted(question, (*here, "accepted"))
        if question.key not in strata:
            yield from _turns_away(question, (*here, "accepted"))


def _accepted(question: ScreeningQuestion, where: Location) -> Iterator[Problem]:
    for number, choice in enumerate(question.accepted):
        if choice not in question.choices:
            do = "Copy one of the choices, word for word."
            yield Problem(
                (*where, number),
                f"{choice!r} is not among the choices.",
                do,
                code="accepted-not-a-choice",
            )


def _turns_away(question: ScreeningQuestion, where: Location) -> Iterator[Problem]:
    if set(question.choices) <= set(question.accepted):
        what = "every choice is accepted: the question turns nobody away."
        yield Problem(
            where,
            what,
            "Leave out the choices of who may not take part.",
            "warning",
            code="everybody-accepted",
        )


def _english_scale(protocol: Protocol, stage: Questionnaire, where: Location) -> Iterator[Problem]:
    """A translated scale is another instrument until somebody has validated it: none is made up."""
    if stage.scale and protocol.language != "en":
        yield Problem(
            (*where, "scale"),
            f"the scale {stage.scale} is worded in English, and the study speaks another language.",
            f"Take a validated translation ({protocol.language}) and write its items out.",
            "warning",
            code="scale-in-another-language",
        )
