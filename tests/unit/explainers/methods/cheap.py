"""Methods as tests run them: those with many passes are given few, and XNNs need no fit."""

from explainers.base import Explainer
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
    "igos": lambda network: Igos(network).with_settings(_FEW),
    "igospp": lambda network: IgosPlusPlus(network).with_settings(_FEW),
    "mask": lambda network: Mask(network, settings=MaskSettings(resolution=7, iterations=3)),
    "rise": lambda network: Rise(network, settings=RiseSettings(masks=40)),
    "integrated_gradients": lambda network: IntegratedGradients(network).with_settings(
        {"steps": 5}
    ),
    # A plain picture is its own blur.
    "sag": lambda network: Sag(network, settings=SagSettings(hidden="zero", most_roots=4)),
    "smoothgrad": lambda network: SmoothGrad(network).with_settings({"copies": 5}),
    "xnn": lambda network: Xnn(network, fitted=TinyXnns(network)),
    "xnn_igos": lambda network: _briefly(XnnIgos(network, cells=7, fitted=TinyXnns(network))),
    "xnn_igospp": lambda network: _briefly(
        XnnIgosPlusPlus(network, cells=7, fitted=TinyXnns(network))
    ),
}


def cheap(name: str, network: Network) -> Explainer:
    """Return a method of the registry that takes little time."""
    return _CHEAP[name](network) if name in _CHEAP else create(name, network)
