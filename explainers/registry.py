"""The methods there are, by name. A new one is listed here and is under contract from then on."""

import importlib

from explainers.base import Explainer
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.networks import Network

METHODS = {
    "gradcam": "explainers.methods.gradcam:GradCam",
    "igos": "explainers.methods.igos:Igos",
    "igospp": "explainers.methods.igospp:IgosPlusPlus",
    "mask": "explainers.methods.mask:Mask",
    "rise": "explainers.methods.rise:Rise",
    "occlusion": "explainers.methods.occlusion:Occlusion",
    "excitation": "explainers.methods.excitation:Excitation",
    "xnn": "explainers.methods.xnn.explainer:Xnn",
    "xnn_igos": "explainers.methods.xnn.explainer:XnnIgos",
    "xnn_igospp": "explainers.methods.xnn.explainer:XnnIgosPlusPlus",
    "integrated_gradients": "explainers.methods.integrated_gradients:IntegratedGradients",
    "smoothgrad": "explainers.methods.smoothgrad:SmoothGrad",
    "sag": "explainers.methods.sag:Sag",
    "random": "explainers.methods.random_map:RandomMap",
}
PLACEBO = "placebo"
_PREFERRED_DONOR = "igos"


def create(name: str, network: Network, evaluator: Evaluator | None = None) -> Explainer:
    """Return the method of that name, ready for a network.

    Parameters
    ----------
    name
        One of `METHODS`; `igos:56` sets the resolution, and other words the choices of a method.
    network
        What is explained.
    evaluator
        Shared with other methods of the same network.

    Raises
    ------
    ExplainersError
        When there is no such method, or it can't serve this network.
    """
    method, *words = name.split(":")
    if method not in METHODS:
        raise ExplainersError(f"There is no method {name!r}. Methods: {', '.join(METHODS)}.")
    path, _, attribute = METHODS[method].partition(":")
    kind: type[Explainer] = getattr(importlib.import_module(path), attribute)
    if "" in words:
        raise ExplainersError(f"{name}: after the colon stands a choice, such as igos:56.")
    numbers = [word for word in words if word.isdecimal()]
    if len(numbers) > 1:
        raise ExplainersError(f"{name} names two resolutions: give one, such as igos:56.")
    choices = [word for word in words if not word.isdecimal()]
    cells = int(numbers[0]) if numbers else None
    return kind.with_choices(network, evaluator, cells, choices)


def parse_methods(text: str) -> dict[str, str | None]:
    """Read a list such as `gradcam,igos,placebo`.

    Returns
    -------
    dict
        Names as manifests give them; the value is the method a placebo borrows its maps from, and
        None for a method of its own.

    Raises
    ------
    ExplainersError
        When a name is unknown or a placebo has nothing to borrow.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    own = [name for name in names if name.partition(":")[0] != PLACEBO]
    unknown = [name for name in own if name.partition(":")[0] not in METHODS]
    if unknown or not names:
        raise ExplainersError(
            f"There is no method {', '.join(unknown) or 'named'}. Methods: {', '.join(METHODS)}, "
            f"{PLACEBO} and {PLACEBO}:METHOD."
        )
    return {name: None if name in own else _donor(name, own) for name in names}


def _donor(name: str, own: list[str]) -> str:
    donor = name.partition(":")[2]
    if donor.partition(":")[0] in METHODS:
        return donor
    if donor or not own:
        raise ExplainersError(
            f"{name} must borrow from a method: name one before it, or write {PLACEBO}:igos."
        )
    return _PREFERRED_DONOR if _PREFERRED_DONOR in own else own[0]
