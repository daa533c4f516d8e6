"""Who takes part, how many, and why so many."""

from experiments.allocation.wording import quota_words
from experiments.enumeration import enumeration
from experiments.preregistration.plan import Plan
from experiments.wording import count_of, payment_words, stopping_words


def recruiting(plan: Plan) -> str:
    """Say where participants come from."""
    source = {
        "link": "a link that the researchers send",
        "prolific": "Prolific",
        "mturk": "Amazon Mechanical Turk",
        "sona": "a SONA pool",
    }[plan.protocol.recruitment.source]
    paid = payment_words(plan.protocol.payment)
    told = f"Paid are {paid}." if paid else "[What participants are paid.]"
    return f"Participants come by {source}. {told} [Who may take part.]"


def sample_size(plan: Plan) -> str:
    """Say how many places there are, who gets one, and when recruiting ends."""
    protocol = plan.protocol
    places = protocol.allocation.participants.get("main")
    if places is None:
        return "The protocol gives no places for a main study."
    ends = stopping_words(protocol.analysis.stop_rule, "present")
    earlier = f", or earlier: when {ends}" if ends else ""
    return f"{_places(plan, places)} Recruiting ends when {_given(plan)}{earlier}. {_looks(plan)}"


def _places(plan: Plan, places: int) -> str:
    """Only where a place is given at consent, and once, are places and people the same number."""
    allocation = plan.protocol.allocation
    if not allocation.factors and allocation.release_after_hours is None:
        return f"{count_of(places, 'participant').capitalize()} who consent."
    told = [f"{count_of(places, 'place').capitalize()}; more people than that may consent."]
    if allocation.factors:
        told.append(
            "A place is given after the answers to the questions that make strata: who ends before "
            "that has consented and gets none."
        )
    if allocation.quotas:
        told.append(
            f"Of the places {quota_words(allocation, 'main')}. Who falls into a stratum whose "
            "places are all held consents, too, and gets none."
        )
    if allocation.release_after_hours is not None:
        told.append(
            "A place that is given again has one holder at a time. Who returns after theirs was "
            "taken back may still finish, in the group they were in. [Whether they count: the "
            "report analyses them like everybody else.]"
        )
    return " ".join(told)


def _given(plan: Plan) -> str:
    is_given_again = plan.protocol.allocation.release_after_hours is not None
    return "every place is held" if is_given_again else "every place has been given"


def _looks(plan: Plan) -> str:
    looks = plan.protocol.analysis.interim_looks
    if looks is None:
        return "Nobody looks at the outcome before."
    shares = enumeration(f"{share:.0%}" for share in looks.information_fractions)
    spending = {"obrien_fleming": "O’Brien and Fleming", "pocock": "Pocock"}[looks.spending]
    return (
        f"Interim looks are taken at {shares} of the participants, with alpha spent as by "
        f"{spending} (Lan & DeMets 1983)."
    )


def rationale(plan: Plan) -> str:
    """Say what power so many have."""
    record = plan.power
    if record is None:
        return "[Why so many: `python -m analysis power` simulates this very plan.]"
    rows = [
        f"- {row.arm} against {row.against}, true difference {row.difference:+.1%} with "
        f"{row.participants:,} participants: power {row.significant.share:.0%} "
        f"(95 % interval {row.significant.low:.0%} to {row.significant.high:.0%}, "
        f"{row.studies:,} simulated studies)"
        for row in record.rows
    ]
    assumed = " ".join(record.assumptions.statements)
    return "Power was simulated for this very plan.\n\n" + "\n".join(rows) + f"\n\n{assumed}"
