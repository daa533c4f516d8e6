"""One line of text names an image set."""

from pathlib import Path

from explainers.errors import ExplainersError
from explainers.images import ImageSet
from explainers.imagesets.cub import open_cub
from explainers.imagesets.folder import open_folder
from explainers.imagesets.gulls import DrawnGulls
from explainers.imagesets.gulls.difficulty import parse_difficulty
from explainers.imagesets.gulls.imageset import SMALLEST_SIZE

KINDS = {
    "cub:DIR": "CUB-200-2011 as distributed, or crops with images.csv; DIR?only=gull keeps gulls",
    "folder:DIR": "one sub-folder a species",
    "gulls:COUNT": "drawn gulls, COUNT pictures a species (40 when not said); "
    "gulls:COUNT?difficulty=hard&size=224 sets how hard they are (easy, medium, hard or 0 to 1; "
    "medium when not said) and their side in pixels",
}
_DRAWN = 40
_LARGEST = 2048


def open_image_set(spec: str, *, seed: int = 0) -> ImageSet:
    """Open the image set that a text such as `cub:DIR` names.

    Parameters
    ----------
    spec
        One of the forms in `KINDS`.
    seed
        Of drawn pictures, and of the split of a folder.

    Raises
    ------
    ExplainersError
        When the text names no image set, or what it names can't be read.
    """
    kind, _, rest = spec.partition(":")
    if kind.partition("?")[0] == "gulls":
        return _open_gulls(spec, seed)
    if kind == "folder" and rest:
        return open_folder(Path(rest), seed)
    if kind == "cub" and rest:
        place, _, query = rest.partition("?only=")
        return open_cub(Path(place), only=query)
    known = "; ".join(f"{form} ({meaning})" for form, meaning in KINDS.items())
    raise ExplainersError(f"{spec!r} names no image set. Use {known}.")


def require_sound(images: ImageSet, on_problem: str) -> None:
    """Stop on bad files, all of them named, unless they shall be skipped.

    Raises
    ------
    ExplainersError
        When there are problems and `on_problem` is "stop".
    """
    if images.problems and on_problem == "stop":
        told = "\n  ".join(str(problem) for problem in images.problems)
        raise ExplainersError(
            f"{len(images.problems)} files can't be used:\n  {told}\n"
            "Mend or remove them, or go on without them by `--on-problem skip`."
        )


def _open_gulls(spec: str, seed: int) -> DrawnGulls:
    place, _, query = spec.partition("?")
    options = _options(spec, query)
    difficulty = parse_difficulty(options.get("difficulty", "medium"))
    size = _whole(spec, "size", options.get("size", "224"), SMALLEST_SIZE, _LARGEST)
    count = place.partition(":")[2]
    number = _whole(spec, "COUNT", count, 2, None) if count else _DRAWN
    return DrawnGulls(number, seed, difficulty=difficulty, size=size)


def _options(spec: str, query: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for item in query.split("&") if query else ():
        name, equals, value = item.partition("=")
        if name not in ("difficulty", "size") or not equals or name in options:
            raise ExplainersError(
                f"{spec}: {item!r} is no option of drawn gulls. "
                "Use difficulty=easy, medium, hard or 0 to 1, and size=PIXELS, each once."
            )
        options[name] = value
    return options


def _whole(spec: str, name: str, text: str, least: int, most: int | None) -> int:
    """Read a whole number within limits."""
    if text.isdecimal() and int(text) >= least and (most is None or int(text) <= most):
        return int(text)
    limits = f"of at least {least}" if most is None else f"from {least} to {most}"
    raise ExplainersError(f"{spec}: {name} must be a whole number {limits}.")
