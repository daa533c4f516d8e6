"""From counts to the record that the freeze dossier reads, and to lines a person reads."""

from dataclasses import fields

import numpy as np

from analysis import __version__
from analysis.power.detectable import smallest_detectable
from analysis.power.questions import Question, base_accuracy, logits_of
from analysis.power.studies import Counts, Point, Run
from experiments.power_record import (
    Assumptions,
    DetectableRow,
    FamilyRow,
    PowerRecord,
    PowerRow,
    ProtocolCard,
    Rate,
    of_protocol,
)

_Z = 1.959963984540054


def wilson(hits: int, tried: int) -> Rate:
    """Return a share with its 95 % interval (Wilson 1927, J. Am. Stat. Assoc. 22)."""
    share = hits / tried
    centre = (share + _Z**2 / (2 * tried)) / (1 + _Z**2 / tried)
    reach = _Z / (1 + _Z**2 / tried)
    reach *= float(np.sqrt(share * (1 - share) / tried + _Z**2 / (4 * tried**2)))
    # Rounding must not put a share of 0 or 1 outside its interval.
    low, high = min(share, centre - reach), max(share, centre + reach)
    return Rate(share=share, low=max(0.0, low), high=min(1.0, high))


def record_of(question: Question, run: Run, counts: list[Counts], test: str) -> PowerRecord:
    """Return the record of a finished run.

    Parameters
    ----------
    counts
        By point of the run.
    test
        Name of the confirmatory test.
    """
    protocol = question.protocol
    found = list(zip(run.points, counts, strict=True))
    return PowerRecord(
        larus_version=__version__,
        protocol=ProtocolCard(slug=protocol.slug, sha256=of_protocol(protocol)),
        test=test,
        alpha=protocol.analysis.alpha,
        correction=protocol.analysis.correction,
        seed=run.seed,
        wanted_power=question.wanted_power,
        assumptions=_assumptions(question),
        rows=tuple(row for point, own in found for row in _rows(question, point, own)),
        families=tuple(_family(point, own) for point, own in found),
        detectable=tuple(_detectable(question, found)),
    )


def _assumptions(question: Question) -> Assumptions:
    drawn = question.response_model
    numbers = {
        field.name: value
        for field in fields(drawn)
        if isinstance(value := getattr(drawn, field.name), float | int)
    }
    return Assumptions(
        respondents=question.respondents,
        parameters=numbers,
        accuracy=base_accuracy(question),
        shares_of_effect=dict(question.shares_of_effect),
        statements=tuple(_statements(question)),
    )


def _statements(question: Question) -> list[str]:
    drawn, protocol = question.response_model, question.protocol
    guess = "one in the number of answers" if drawn.guess is None else f"{drawn.guess:.2f}"
    helped = [
        name if share == 1 else f"{name} ({share:g} of it)"
        for name, share in question.shares_of_effect.items()
    ]
    told = [
        f"Respondents are drawn from the model {question.respondents}: ability differs between "
        f"people by a standard deviation of {drawn.ability_sd:.2f} logits, difficulty between "
        f"pictures by {drawn.item_sd:.2f}, and pictures react to a condition by "
        f"{drawn.item_condition_sd:.2f}.",
        f"Guessing is right with probability {guess}, and who knows slips with probability "
        f"{drawn.lapse:.2f}.",
        f"In arms without the effect attentive people are right in {base_accuracy(question):.1%} "
        "of the trials of the assessment, over new people and new pictures.",
        f"The effect is a difference of accuracies of {' and '.join(helped)}; it adds the same "
        "logits for everybody and on every picture, found by integrating over people and pictures.",
        f"{drawn.careless:.1%} answer at random, and at each trial {drawn.abandon:.2%} leave; the "
        "plan's exclusions then apply.",
        "People are allocated and pictures ordered by the code that runs the study; each study "
        "draws new people and new pictures.",
    ]
    if protocol.analysis.interim_looks is not None:
        told.append(
            "Looks are made as the plan says, in the order in which people consent; a study ends "
            "when every contrast has crossed its boundary, and “analysed” is the mean of who had "
            "taken part by then."
        )
    if drawn.learning or drawn.learning_sd:
        told.append(
            f"Feedback teaches: {drawn.learning:.2f} logits (between people {drawn.learning_sd:.2f}"
            ") for each unit of the logarithm of 1 + answers with feedback."
        )
    return told


def _rows(question: Question, point: Point, own: Counts) -> list[PowerRow]:
    logits = logits_of(question, point.pictures, 1.0, point.effect)
    return [
        PowerRow(
            participants=point.participants,
            pictures=point.pictures,
            effect=point.effect,
            logits=logits,
            arm=contrast.arm,
            against=contrast.against,
            difference=point.differences[place],
            studies=own.studies,
            significant=wilson(own.significant[place], own.studies),
            wrong_direction=own.wrong_direction[place],
            unanswered=own.unanswered[place],
            analysed=own.analysed / own.studies,
        )
        for place, contrast in enumerate(question.protocol.analysis.contrasts)
    ]


def _family(point: Point, own: Counts) -> FamilyRow:
    return FamilyRow(
        participants=point.participants,
        pictures=point.pictures,
        effect=point.effect,
        studies=own.studies,
        any_false=wilson(own.any_false, own.studies),
    )


def _detectable(question: Question, found: list[tuple[Point, Counts]]) -> list[DetectableRow]:
    rows = []
    sizes = dict.fromkeys((point.participants, point.pictures) for point, _ in found)
    for size in sizes:
        own = [pair for pair in found if (pair[0].participants, pair[0].pictures) == size]
        for place, contrast in enumerate(question.protocol.analysis.contrasts):
            answer = smallest_detectable(
                [point.differences[place] for point, _ in own],
                [counts.significant[place] for _, counts in own],
                [counts.studies for _, counts in own],
                wanted=question.wanted_power,
            )
            rows.append(
                DetectableRow(
                    participants=size[0],
                    pictures=size[1],
                    arm=contrast.arm,
                    against=contrast.against,
                    difference=answer.difference,
                    low=answer.low,
                    high=answer.high,
                    note=answer.note,
                )
            )
    return rows
