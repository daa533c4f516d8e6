"""Changes to the text of a protocol that leave its comments and everything else as they were.

Each `set_…` changes a document as `edit` gives it. None checks anything: the text that comes out is
for `check_protocol`, which tells of every mistake at once.
"""

import io
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from experiments.tasks.distinction import Distinction
from experiments.yaml_text import read_yaml, round_trip


class EditError(Exception):
    """A text can't be changed by its fields: it can't be read."""


def edit(text: str, change: Callable[[CommentedMap], None]) -> str:
    """Return a protocol's text with a change made to it.

    Parameters
    ----------
    text
        YAML 1.2.
    change
        What to do to the document.

    Raises
    ------
    EditError
        When the text is not YAML, or not a mapping of fields.
    """
    try:
        document = read_yaml(text, keeps_quotes=True)
    except YAMLError as error:
        raise EditError("The text is not YAML: mend it first.") from error
    if not isinstance(document, CommentedMap):
        raise EditError("The text is not a mapping of fields: mend it first.")
    change(document)
    return written(document)


def written(document: CommentedMap) -> str:
    """Return a document as text."""
    stream = io.StringIO()
    round_trip().dump(document, stream)
    return stream.getvalue()


def in_one_line(value: Iterable[Any] | Mapping[str, Any]) -> CommentedSeq | CommentedMap:
    """Return a list or mapping that is written between brackets."""
    made = CommentedMap(value) if isinstance(value, Mapping) else CommentedSeq(value)
    made.fa.set_flow_style()
    return made


def share_of_arms(document: Mapping[str, Any]) -> int:
    """Return the sum of the arms' weights: the fewest people that hold them in their ratio."""
    return sum(arm.get("weight", 1) for arm in document["arms"].values())


def whole_shares(participants: int, document: Mapping[str, Any]) -> int:
    """Return participants rounded up, so that they can be divided among the arms."""
    share = share_of_arms(document)
    return -(-participants // share) * share


def set_fields(document: CommentedMap, fields: Mapping[str, Any]) -> None:
    """Write fields of the study itself, such as its title."""
    for field, value in fields.items():
        if document.get(field) != value:
            document[field] = value


def set_species(document: CommentedMap, species: Iterable[str]) -> None:
    """Write the answers, and take options from distinctions that offer more than there are.

    Parameters
    ----------
    document
        Of `edit`.
    species
        By manifest key.
    """
    chosen = list(species)
    if list(document["species"]) != chosen:
        document["species"] = in_one_line(chosen)
    if len(chosen) > 1:
        set_most_options(document, len(chosen))


def set_most_options(document: CommentedMap, most: int) -> None:
    """Take options from distinctions that offer more explanations than so many.

    Parameters
    ----------
    document
        Of `edit`.
    most
        2 or more.
    """
    for stage in document["stages"]:
        task = stage.get("task")
        if isinstance(task, MutableMapping) and task.get("kind") == "distinction":
            options = task.get("options", Distinction.model_fields["options"].default)
            if isinstance(options, int) and options > most:
                task["options"] = most


def set_pictures(
    document: CommentedMap, species: Iterable[str], per_species: Mapping[str, int]
) -> None:
    """Write the answers, and how many pictures of each a stage draws.

    Parameters
    ----------
    document
        Of `edit`.
    species
        By manifest key.
    per_species
        By stage key; of stages that draw their pictures.
    """
    set_species(document, species)
    for stage in document["stages"]:
        wanted = per_species.get(stage.get("key"))
        if wanted is not None and stage["stimuli"]["per_species"] != wanted:
            stage["stimuli"]["per_species"] = wanted


def set_participants(document: CommentedMap, places: Mapping[str, int | None]) -> None:
    """Write the places of each recruitment stage in whole shares of the arms; None leaves it out.

    Parameters
    ----------
    document
        Of `edit`.
    places
        By recruitment stage.
    """
    planned = document["allocation"]["participants"]
    for stage, count in places.items():
        if count is None:
            planned.pop(stage, None)
        elif planned.get(stage) != (rounded := whole_shares(count, document)):
            planned[stage] = rounded


def set_analysis(document: CommentedMap, *, alpha: float, smallest_effect: float | None) -> None:
    """Write the level of the tests and the smallest effect that matters."""
    plan = document["analysis"]
    set_fields(plan, {"alpha": alpha})
    if smallest_effect is None:
        plan.pop("smallest_effect", None)
    else:
        set_fields(plan, {"smallest_effect": smallest_effect})


def set_payment(document: CommentedMap, payment: Mapping[str, Any] | None) -> None:
    """Write what participants are paid; a bonus stays. None pays nothing."""
    if payment is None:
        document.pop("payment", None)
    elif "payment" in document:
        set_fields(document["payment"], payment)
    else:
        before = list(document).index("conditions") if "conditions" in document else len(document)
        document.insert(before, "payment", in_one_line(payment))


def exclude_stimulus(document: CommentedMap, key: str, reason: str) -> None:
    """Leave a picture out of everything that is drawn. One that is left out keeps its reason."""
    if "exclude" not in document:
        before = list(document).index("species") + 1 if "species" in document else len(document)
        document.insert(before, "exclude", CommentedSeq())
    left_out = document["exclude"]
    if not any(entry["key"] == key for entry in left_out):
        left_out.append(CommentedMap({"key": key, "reason": reason}))
