"""Methods as tests run them: those with many passes are given few, and XNNs need no fit."""

from explainers.base import Explainer
from explainers.evaluator import Evaluator
from explainers.methods.igos import Igos
from explainers.methods.igospp import IgosPlusPlus
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.methods.mask import Mask, MaskSettings
from explainers.methods.rise import Rise, RiseSettings
from explainers.methods.sag import Sag, SagSettings
from explainers.methods.smoothgrad import SmoothGrad
from explainers.methods.xnn.explainer import XFeatures, Xnn, XnnIgos, XnnIgosPlusPlus
from explainers.networks import Network
from explainers.registry import create
from tests.unit.explainers.methods.xnn.tiny import TinyXnns

_FEW = {"iterations": 4}


def _briefly(xnn: XFeatures) -> XFeatures:
    xnn.seeker = xnn.seeker.with_settings(_FEW)
    return xnn


_CHEAP = {
    "igos": lambda *of: Igos(*of).with_settings(_FEW),
    "igospp": lambda *of: IgosPlusPlus(*of).with_settings(_FEW),
    "mask": lambda *of: Mask(*of, settings=MaskSettings(resolution=7, iterations=3)),
    "rise": lambda *of: Rise(*of, settings=RiseSettings(masks=40)),
    "integrated_gradients": lambda *of: IntegratedGradients(*of).with_settings({"steps": 5}),
    # A plain picture is its own blur.
    "sag": lambda *of: Sag(*of, settings=SagSettings(hidden="zero", most_roots=4)),
    "smoothgrad": lambda *of: SmoothGrad(*of).with_settings({"copies": 5}),
    "xnn": lambda *of: Xnn(*of, fitted=TinyXnns(of[0])),
    "xnn_igos": lambda *of: _briefly(XnnIgos(*of, cells=7, fitted=TinyXnns(of[0]))),
    "xnn_igospp": lambda *of: _briefly(XnnIgosPlusPlus(*of, cells=7, fitted=TinyXnns(of[0]))),
}


def cheap(name: str, network: Network, evaluator: Evaluator | None = None) -> Explainer:
    """Return a method of the registry that takes little time."""
    made = _CHEAP.get(name)
    return create(name, network, evaluator) if made is None else made(network, evaluator)
