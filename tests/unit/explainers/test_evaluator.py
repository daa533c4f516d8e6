"""The owner of the network: shared passes, copies, memory."""

import copy
import gc
import weakref

import pytest
import torch

from explainers.asking import Ask, Direct, Finding, Output, Probability
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.memory import fitting_batch, kept_bytes, parse_memory
from explainers.networks import Network
from explainers.networks.architectures import build_module, default_preprocessing
from explainers.scheduler import run_searches

CPU = torch.device("cpu")


def real_network(architecture):
    torch.manual_seed(0)
    preprocessing = default_preprocessing(architecture)
    module = build_module(architecture, 5)
    return Network(module, tuple("abcde"), preprocessing, architecture, "0" * 64)


def test_questions_share_passes_and_keep_their_answers(network, pictures):
    evaluator = Evaluator(network)
    asks = [
        Ask(pictures[:3], Probability(0), exact=True),
        Ask(pictures[:2], Output(2, scale=2.0), gradient=True, exact=True),
        Ask(pictures[3:], Probability(1), exact=True),
    ]
    told = evaluator.answer(asks)
    logits = network.module(network.normalise(pictures))
    assert torch.allclose(told[0].scores, logits[:3].softmax(1)[:, 0], atol=1e-6)
    assert torch.allclose(told[2].scores, logits[3:].softmax(1)[:, 1], atol=1e-6)
    asked = pictures[:2].clone().requires_grad_()
    (slope,) = torch.autograd.grad(network.module(network.normalise(asked))[:, 2].sum() / 2, asked)
    assert torch.allclose(told[1].gradients, slope, atol=1e-6)
    assert (evaluator.passes.forward, evaluator.passes.backward) == (7, 2)


@pytest.mark.parametrize("architecture", ["gullnet", "resnet18", "mobilenet_v2"])
@pytest.mark.parametrize("gradient", [False, True])
def test_an_answer_does_not_depend_on_what_shares_its_pass(architecture, gradient):
    network = real_network(architecture)
    size = network.preprocessing.size
    pictures = torch.rand(7, 3, size, size, generator=torch.Generator().manual_seed(2))
    evaluator = Evaluator(network)
    alone = evaluator.answer([Ask(pictures[2:3], Probability(1), gradient=gradient)])[0]
    asks = [Ask(pictures[:2], Output(0), gradient=gradient)]
    asks += [Ask(pictures[2:3], Probability(1), gradient=gradient)]
    asks += [Ask(pictures[3:], Probability(2), gradient=gradient)]
    among = evaluator.answer(asks)[1]
    assert torch.equal(alone.scores, among.scores)
    if gradient:
        assert torch.equal(alone.gradients, among.gradients)


def test_the_fast_copy_says_nearly_what_the_exact_one_says():
    network = real_network("resnet18")
    pictures = torch.rand(4, 3, 224, 224, generator=torch.Generator().manual_seed(2))
    evaluator = Evaluator(network)
    fast, exact = evaluator.answer(
        [Ask(pictures, Probability(1)), Ask(pictures, Probability(1), exact=True)]
    )
    assert torch.allclose(fast.scores, exact.scores, atol=0.02)


def test_the_callers_network_is_never_touched(network, pictures):
    before = copy.deepcopy(network.module.state_dict())
    network.module.train()
    evaluator = Evaluator(network)
    ask = Ask(pictures[:2], Output(0), gradient=True, layer="4", exact=True)
    (told,) = evaluator.answer([ask])
    assert told.activations.shape == told.gradients.shape == (2, 8, 16, 16)
    assert network.module.training
    after = network.module.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_memory_bounds_the_batch_and_too_little_is_refused(network):
    needed = kept_bytes(network.module, 32, CPU)
    assert needed > 6 * 32 * 32 * 4
    assert fitting_batch(network.module, 32, 8 * needed, CPU) == 4
    assert fitting_batch(network.module, 32, 1 << 30, CPU) == 8
    with pytest.raises(ExplainersError, match="needs --memory 1M at least"):
        fitting_batch(network.module, 32, 7 * needed, CPU)
    assert parse_memory("1.5g") == 3 << 29
    for wrong in ("2", "two", "-1G", ""):
        with pytest.raises(ExplainersError, match="amount of memory"):
            parse_memory(wrong)


def test_an_evaluator_that_is_no_longer_needed_is_freed(network):
    evaluator = Evaluator(network)
    weights = weakref.ref(next(evaluator._exact.parameters()))
    del evaluator
    gc.collect()
    assert weights() is None


def test_a_gpu_that_is_not_there_is_refused(network):
    if torch.cuda.is_available():
        assert Evaluator(network, device="cuda").device.type == "cuda"
    else:
        with pytest.raises(ExplainersError, match="--device cpu"):
            Evaluator(network, device="cuda")


def test_gradients_wait_until_every_search_wants_them(network, pictures, monkeypatch):
    passes = []
    answer = Evaluator.answer

    def noted(self, asks):
        passes.append([(len(ask.pictures), ask.gradient) for ask in asks])
        return answer(self, asks)

    def search(scored):
        for _ in range(scored):
            yield Ask(pictures[:1], Probability(0))
        yield Ask(pictures[:2], Probability(0), gradient=True)
        return Finding(torch.zeros(1, 1))

    monkeypatch.setattr(Evaluator, "answer", noted)
    ended = list(run_searches(Evaluator(network), [lambda n=n: search(n) for n in range(3)]))
    assert len(ended) == 3
    assert passes == [[(1, False)] * 2, [(1, False)], [(2, True)] * 3]


def test_searches_run_side_by_side_and_one_that_fails_stops_no_other(network, pictures):
    begun = []

    def search(number):
        begun.append(number)
        told = yield Ask(pictures[number : number + 1], Probability(0))
        if number == 1:
            raise ValueError("one")
        if number == 2:
            yield Direct(lambda evaluator: 1 / 0)
        again = yield Ask(pictures[number : number + 1], Probability(0), gradient=True)
        assert torch.equal(told.scores, again.scores)
        return Finding(torch.full((1, 1), float(told.scores)))

    searches = [lambda n=n: search(n) for n in range(5)]
    evaluator = Evaluator(network)
    found = {}
    for number, outcome, cost in run_searches(evaluator, searches, window=2):
        found[number] = outcome, cost
        assert len(begun) <= len(found) + 2
    assert sorted(found) == [0, 1, 2, 3, 4]
    assert isinstance(found[1][0], ValueError)
    assert isinstance(found[2][0], ZeroDivisionError)
    assert (found[0][1].forward, found[0][1].backward) == (2, 1)
    assert all(isinstance(found[n][0], Finding) for n in (0, 3, 4))
