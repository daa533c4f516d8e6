"""One line of text names an image set."""

from pathlib import Path

from explainers.errors import ExplainersError
from explainers.images import ImageSet
from explainers.imagesets.cub import open_cub
from explainers.imagesets.folder import open_folder
from explainers.imagesets.gulls import DrawnGulls

KINDS = {
    "cub:DIR": "CUB-200-2011 as distributed, or crops with images.csv; DIR?only=gull keeps gulls",
    "folder:DIR": "one sub-folder a species",
    "gulls:COUNT": "drawn gulls, COUNT pictures a species (40 when not said)",
}
_DRAWN = 40


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
    if kind == "gulls":
        return DrawnGulls(_count(rest), seed)
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


def _count(text: str) -> int:
    if not text:
        return _DRAWN
    if not text.isdecimal() or int(text) < 2:
        raise ExplainersError(f"gulls:{text}: COUNT must be a whole number of at least 2.")
    return int(text)
