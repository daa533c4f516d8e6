"""How hard it is to see the marks: one number from 0 to 1."""

from dataclasses import dataclass

from explainers.errors import ExplainersError

NAMES = {"easy": 0.2, "medium": 0.5, "hard": 0.8}


@dataclass(frozen=True)
class Difficulty:
    """What a difficulty does to a picture.

    Attributes
    ----------
    fill
        Share of the frame the bird's box takes, on average.
    blur
        Radius of the lens blur as a share of the picture's side, on average.
    occlusion
        Chance of grass or a wave before the bird, where the setting has any (not in flight, on a
        pier or on snow).
    hidden
        Largest share of the bird's height that may be hidden.
    similarity
        Share of the way to the most similar species that every mark is pulled.
    noise
        Standard deviation of the sensor noise, in sRGB steps.
    disguise
        Strength of immature and winter plumage.
    """

    fill: float
    blur: float
    occlusion: float
    hidden: float
    similarity: float
    noise: float
    disguise: float


def difficulty_of(number: float) -> Difficulty:
    """Return what a difficulty from 0 to 1 means."""
    if not 0 <= number <= 1:
        raise ExplainersError(f"difficulty {number} must lie between 0 and 1.")
    return Difficulty(
        fill=1.04 - 0.4 * number**2,
        blur=0.0004 + 0.0058 * number**2,
        occlusion=0.05 + 0.5 * number,
        hidden=0.1 + 0.2 * number,
        similarity=0.4 * number**2,
        noise=1.2 + 3.6 * number**2,
        disguise=0.2 + 0.6 * number,
    )


def parse_difficulty(text: str) -> float:
    """Return the number that `hard` or `0.8` stands for.

    Raises
    ------
    ExplainersError
        When the text is neither a name nor a number from 0 to 1.
    """
    if text in NAMES:
        return NAMES[text]
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        known = ", ".join(f"{name} ({value})" for name, value in NAMES.items())
        raise ExplainersError(f"difficulty={text}: must be {known}, or a number between 0 and 1.")
    return number
