"""Response models that were fitted to real studies: numbers with where they come from.

`python -m analysis respondents` writes such a file. Those of this project lie in
`experiments/response_models` and are named without their folder: `teaching` is
`experiments/response_models/teaching.json`.
"""

import dataclasses
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from experiments.respondents import PROFILES, ResponseModel

FOLDER = Path(__file__).parent / "response_models"

Number = Annotated[float, Field(allow_inf_nan=False)]
Spread = Annotated[Number, Field(ge=0)]


class ResponseModelError(Exception):
    """A response model can't be read. The message says why and what to do."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FittedParameter(_Frozen):
    """One estimate, with its standard error where the fit gives one."""

    estimate: Number
    se: Spread | None = None


class Source(_Frozen):
    """The table a model was fitted to."""

    study: str = Field(min_length=1, description="what it was, with authors and year")
    licence: str = Field(min_length=1)
    table_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    answers: int = Field(ge=1)
    participants: int = Field(ge=1)
    pictures: int = Field(ge=1)


ParameterName = Literal[
    "mean_ability",
    "ability_sd",
    "item_sd",
    "item_condition_sd",
    "learning",
    "learning_sd",
    "belief",
    "belief_sd",
    "guess",
    "lapse",
    "median_rt_ms",
    "rt_sigma",
    "rt_person_sd",
    "rt_certainty",
]


class FittedRespondents(_Frozen):
    """A fitted response model, as it is stored."""

    schema_version: Literal["1"] = "1"
    larus_version: str
    source: Source
    formulas: tuple[str, ...] = Field(description="of the mixed models that gave the estimates")
    parameters: dict[ParameterName, FittedParameter] = Field(
        description="those the table supports; the others keep the values of `ResponseModel`"
    )
    notes: tuple[str, ...] = Field(default=(), description="what a reader must know")

    def response_model(self) -> ResponseModel:
        """Return the model that respondents are drawn from."""
        estimates: dict[str, Any] = {name: own.estimate for name, own in self.parameters.items()}
        return dataclasses.replace(ResponseModel(), **estimates)


def read_fitted(path: Path) -> FittedRespondents:
    """Read a file that `python -m analysis respondents` wrote.

    Raises
    ------
    ResponseModelError
        When it isn't one.
    """
    try:
        return FittedRespondents.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ResponseModelError(f"{path} can't be read: {error.strerror}.") from error
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])) or "the file"
        raise ResponseModelError(
            f"{path} is no response model: {where}: {problem['msg']}. "
            "`python -m analysis respondents` writes one."
        ) from error


def known_names() -> list[str]:
    """Return the names of the ready-made models: assumed ones first, then fitted ones."""
    return [*PROFILES, *sorted(path.stem for path in FOLDER.glob("*.json"))]


def response_model_named(name: str) -> ResponseModel:
    """Return a ready-made response model, or that of a file.

    Parameters
    ----------
    name
        One of `known_names`, or a path that ends in `.json`.

    Raises
    ------
    ResponseModelError
        When there is none.
    """
    if name in PROFILES:
        return PROFILES[name]
    if name.endswith(".json"):
        return read_fitted(Path(name)).response_model()
    if name in known_names():
        return read_fitted(FOLDER / f"{name}.json").response_model()
    raise ResponseModelError(
        f"There is no response model {name!r}. Known are {', '.join(known_names())}; "
        "or give a file that ends in .json."
    )
