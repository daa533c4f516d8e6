"""The winner-take-all rule of Excitation Backprop, carried out by autograd (Zhang et al. 2016).

Where a layer has inputs a and weights w, the winning probability of an input is
P(j) = sum_i P(i) a_j w+_ij / sum_k a_k w+_ik (equation 3). Each layer's backward pass is replaced
by this rule, so that autograd carries probabilities instead of gradients.
"""

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.autograd.function import once_differentiable
from torch.nn.utils.fusion import fuse_conv_bn_eval

from explainers.errors import ExplainersError

Weighing = Callable[..., Tensor]

_MAP_DIMENSIONS = 4
# So many kinds of layers without a rule are told, at most.
_NAMED = 4
# What each kind of layer, function and tensor method does to probabilities. What routes them is
# right in autograd already: a maximum hands all to its winner, a view hands them on.
_RULES: dict[str, tuple[str, ...]] = {
    "weigh": ("Conv2d", "SamePaddedConv2d", "Linear"),
    "average": ("AvgPool2d", "AdaptiveAvgPool2d", "adaptive_avg_pool2d", "avg_pool2d", "mean"),
    "add": ("add",),
    "rectify": ("ReLU", "ReLU6", "relu"),
    "route": (
        *("MaxPool2d", "AdaptiveMaxPool2d", "Flatten", "Dropout", "Identity"),
        *("flatten", "cat", "amax", "view", "reshape"),
    ),
}


def traced(module: nn.Module) -> fx.GraphModule:
    """Return a copy of a network as a graph, batch normalisation folded into its convolutions.

    Raises
    ------
    ExplainersError
        When something in the network has no rule.
    """
    own = copy.deepcopy(module).eval().requires_grad_(False)
    try:
        graph = fx.GraphModule(own, _Tracer().trace(own))
    except Exception as error:  # the network's own code runs here
        raise _unserved(f"its code can't be followed ({error})") from error
    for child in graph.modules():
        if isinstance(child, nn.ReLU | nn.ReLU6):
            child.inplace = False  # what a layer was given is needed again on the way back
    _fold_batch_norms(graph)
    unruled = [_kind(graph, node) for node in _layers_first(graph) if _rule(graph, node) is None]
    if unruled:
        raise _unserved(f"it has {', '.join(list(dict.fromkeys(unruled))[:_NAMED])}")
    return graph


class Winners(fx.Interpreter):
    """Runs a traced network so that gradients of its outputs are winning probabilities.

    Parameters
    ----------
    graph
        From `traced`.
    contrast
        Whether the last weights count with the opposite sign, for the winners of "not this
        species" (section 3.3).

    Attributes
    ----------
    maps
        Every feature map (N, C, h, w) of the last run, in the order they were made.
    """

    def __init__(self, graph: fx.GraphModule, *, contrast: bool = False) -> None:
        super().__init__(graph)
        self.maps: list[Tensor] = []
        weighing = [node for node in _computing(graph) if _rule(graph, node) == "weigh"]
        self._opposed = weighing[-1] if contrast else None

    def run_node(self, n: fx.Node) -> Any:
        """Compute one node under its rule."""
        if n.op not in ("call_module", "call_function", "call_method"):
            return super().run_node(n)
        args, kwargs = self.fetch_args_kwargs_from_env(n)
        result = self._ruled(n, args, kwargs)
        if result.dim() == _MAP_DIMENSIONS:
            self.maps.append(result)
        return result

    def _ruled(self, node: fx.Node, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
        graph = self.module
        assert isinstance(graph, fx.GraphModule)
        rule = _rule(graph, node)
        if rule == "add":
            return _winning(torch.add, torch.add, *args)
        plain = partial(_computed, graph, node, args[1:], kwargs)
        if rule == "weigh":
            layer = graph.get_submodule(str(node.target))
            excited = partial(_excited, layer, -1 if node is self._opposed else 1)
            return _winning(plain, excited, args[0])
        if rule == "average":
            return _winning(plain, plain, args[0])
        if rule == "rectify":
            passed: Tensor = _Passed.apply(plain, args[0])
            return passed
        return plain(args[0])


class _Tracer(fx.Tracer):
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Keep convolutions whole, our own padded ones too."""
        return isinstance(m, nn.Conv2d) or super().is_leaf_module(m, module_qualified_name)


class _Winning(torch.autograd.Function):
    """Shares probabilities out by what each input adds to the positive part of the response."""

    @staticmethod
    def forward(ctx: Any, plain: Weighing, positive: Weighing, *inputs: Tensor) -> Tensor:
        ctx.positive = positive
        ctx.save_for_backward(*inputs)
        return plain(*inputs)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, probabilities: Tensor) -> tuple[Tensor | None, ...]:
        with torch.enable_grad():
            inputs = [given.clamp(min=0).requires_grad_() for given in ctx.saved_tensors]
            total = ctx.positive(*inputs)
            # Nothing excites where the total is 0: no input can win there.
            shares = torch.where(total > 0, probabilities / total, 0)
            slopes = torch.autograd.grad(total, inputs, shares)
        return None, None, *(a * slope for a, slope in zip(inputs, slopes, strict=True))


class _Passed(torch.autograd.Function):
    """Hands probabilities through a rectifier as they are."""

    @staticmethod
    def forward(ctx: Any, plain: Weighing, given: Tensor) -> Tensor:
        return plain(given)

    @staticmethod
    def backward(ctx: Any, probabilities: Tensor) -> tuple[None, Tensor]:
        return None, probabilities


def _winning(plain: Weighing, positive: Weighing, *inputs: Tensor) -> Tensor:
    result: Tensor = _Winning.apply(plain, positive, *inputs)
    return result


def _excited(layer: nn.Module, sign: int, given: Tensor) -> Tensor:
    """Return a layer's response by its exciting weights alone, without its bias."""
    weights = {name: torch.zeros_like(values) for name, values in layer.named_parameters()}
    weights["weight"] = (sign * layer.get_parameter("weight")).clamp(min=0)
    response: Tensor = torch.func.functional_call(layer, weights, given)
    return response


def _computed(
    graph: fx.GraphModule, node: fx.Node, more: tuple[Any, ...], kwargs: Any, given: Tensor
) -> Tensor:
    """What a node makes of its first argument, without any rule."""
    if node.op == "call_module":
        result: Tensor = graph.get_submodule(str(node.target))(given)
    elif node.op == "call_method":
        result = getattr(given, str(node.target))(*more, **kwargs)
    else:
        assert callable(node.target)
        # A rectifier of torch.nn.functional would write into what is needed again.
        result = node.target(given, *more, **{**kwargs, **_not_in_place(kwargs)})
    return result


def _not_in_place(kwargs: dict[str, Any]) -> dict[str, bool]:
    return {"inplace": False} if "inplace" in kwargs else {}


def _fold_batch_norms(graph: fx.GraphModule) -> None:
    for node in list(graph.graph.nodes):
        if _kind(graph, node) == "BatchNorm2d" and _follows_convolution(graph, node):
            (before,) = node.all_input_nodes
            names = str(before.target), str(node.target)
            convolution, norm = (graph.get_submodule(name) for name in names)
            assert isinstance(convolution, nn.Conv2d)
            assert isinstance(norm, nn.BatchNorm2d)
            graph.set_submodule(names[0], fuse_conv_bn_eval(convolution, norm))
            node.replace_all_uses_with(before)
            graph.graph.erase_node(node)
    graph.delete_all_unused_submodules()
    graph.recompile()


def _follows_convolution(graph: fx.GraphModule, node: fx.Node) -> bool:
    before = node.all_input_nodes[0]
    layer = graph.get_submodule(str(before.target)) if before.op == "call_module" else None
    return isinstance(layer, nn.Conv2d) and len(before.users) == 1


def _computing(graph: fx.GraphModule) -> list[fx.Node]:
    return [node for node in graph.graph.nodes if node.op not in ("placeholder", "output")]


def _layers_first(graph: fx.GraphModule) -> list[fx.Node]:
    """Return what computes, in an order that tells people most."""
    return sorted(_computing(graph), key=lambda node: node.op != "call_module")


def _rule(graph: fx.GraphModule, node: fx.Node) -> str | None:
    kind = _kind(graph, node)
    return next((rule for rule, kinds in _RULES.items() if kind in kinds), None)


def _kind(graph: fx.GraphModule, node: fx.Node) -> str:
    """Return what a node is called in torch."""
    if node.op == "call_module":
        return type(graph.get_submodule(str(node.target))).__name__
    return str(getattr(node.target, "__name__", node.target))


def _unserved(why: str) -> ExplainersError:
    return ExplainersError(
        f"Excitation Backprop can't serve this network: {why}. It knows networks of convolutions, "
        "linear layers, rectifiers, pooling and additions, such as vgg16, resnet18 and gullnet. "
        "For others take igos, rise or occlusion."
    )
