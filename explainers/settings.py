"""Parameters of methods: what values they may have, and how a command sets them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Annotated, Any, TypeVar, get_type_hints

from pydantic import Field, TypeAdapter, ValidationError

from explainers.errors import ExplainersError

Count = Annotated[int, Field(ge=1)]
NoneOrMore = Annotated[int, Field(ge=0)]
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, le=1)]
Part = Annotated[float, Field(gt=0, lt=1)]

S = TypeVar("S")


def parse_assignments(texts: Sequence[str], methods: Iterable[str]) -> dict[str, dict[str, str]]:
    """Read `METHOD.NAME=VALUE`, such as `sag:zero.width=5`.

    Parameters
    ----------
    texts
        Of them, in their order.
    methods
        Names of the methods that are run.

    Returns
    -------
    dict
        Method -> name -> value, as text.

    Raises
    ------
    ExplainersError
        When a text is of another form, names another method, or sets something twice.
    """
    given: dict[str, dict[str, str]] = {method: {} for method in methods}
    for text in texts:
        place, equals, value = text.partition("=")
        method, _, name = place.partition(".")
        if not (equals and name):
            raise ExplainersError(f"--set {text}: write METHOD.NAME=VALUE, such as sag.width=5.")
        if method not in given:
            raise ExplainersError(
                f"--set {text}: {method} is not run. Set parameters of {', '.join(given)}."
            )
        if name in given[method]:
            raise ExplainersError(f"--set {text}: {method}.{name} is set twice.")
        given[method][name] = value
    return given


def changed(settings: S, given: Mapping[str, Any], method: str) -> S:
    """Return a method's settings with some changed; values may be texts.

    Parameters
    ----------
    settings
        A frozen dataclass whose types tell which values may be.
    given
        Name -> value.
    method
        Its name, for what is refused.

    Raises
    ------
    ExplainersError
        When there is no such parameter, or it can't have such a value.
    """
    kinds = get_type_hints(type(settings), include_extras=True)
    values = {}
    for name, value in given.items():
        if name not in kinds:
            there = ", ".join(f"{known}={getattr(settings, known)}" for known in kinds)
            raise ExplainersError(f"{method} has no parameter {name!r}. It has {there}.")
        try:
            values[name] = TypeAdapter(kinds[name]).validate_python(value)
        except ValidationError as error:
            why = error.errors()[0]["msg"].removeprefix("Input ")
            raise ExplainersError(f"{method}.{name}={value}: the value {why}.") from error
    return replace(settings, **values)  # type: ignore[type-var]


def names_of(settings: object) -> list[str]:
    """Return the names of the parameters."""
    return [field.name for field in fields(settings)]  # type: ignore[arg-type]
