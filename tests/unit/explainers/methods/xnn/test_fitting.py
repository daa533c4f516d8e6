"""Fitting: the start, the rounds, and what comes out of them."""

from dataclasses import replace
from functools import partial

import pytest
import torch

from explainers.methods.xnn import fitting
from explainers.methods.xnn.autoencoder import SparseAutoencoder
from explainers.methods.xnn.fitting import Task, balance, fit_species, pretrained, scale_of
from explainers.methods.xnn.settings import XnnSettings
from tests.unit.explainers.methods.xnn.tiny import SETTINGS


def task(seed=0) -> Task:
    """Features of which the first two make the logit."""
    features = torch.rand(60, 12, generator=torch.Generator().manual_seed(seed))
    logits = 2 * features[:, 0] + 3 * features[:, 1] - 4
    return Task(features, logits, logits > 0)


def same(one, other):
    state = other.state_dict()
    return all(torch.equal(value, state[name]) for name, value in one.state_dict().items())


def starts(settings=SETTINGS, seed=3):
    return partial(pretrained, task().features, settings, seed)


def fit(settings=SETTINGS, seed=3):
    return fit_species(task(), starts(settings, seed), settings, seed, lambda *_: None)


def test_a_fit_is_repeated_by_its_seed_and_leaves_start_and_randomness_alone():
    state = torch.get_rng_state()
    start, kept = starts()(0), starts()(0)
    once = replace(SETTINGS, rounds=1)
    first = fit_species(task(), lambda _: start, once, 3, lambda *_: None)
    assert same(start, kept)
    assert torch.equal(torch.get_rng_state(), state)
    assert same(fit().autoencoder, fit().autoencoder)
    assert same(first.autoencoder, fit(once).autoencoder)
    assert not same(first.autoencoder, fit(once, seed=4).autoencoder)
    assert fit().rounds == fit().rounds


def test_refused_rounds_reconstruct_more_and_pull_away_less(monkeypatch):
    ratios = iter([0.1, 0.25, 0.2, 0.3])
    monkeypatch.setattr(fitting, "balance", lambda _: next(ratios))
    told = []
    settings = replace(SETTINGS, rounds=5)
    began = []

    def start_of(number):
        began.append(number)
        return starts(settings, 0)(number)

    found = fit_species(task(), start_of, settings, 0, lambda *step: told.append(step))
    assert began == [0, 1, 2, 3]
    assert found.accepted
    assert found.kept == 3
    assert [one.sparsity for one in found.rounds] == pytest.approx([15 * 1.2**n for n in range(4)])
    assert [one.orthogonality for one in found.rounds] == pytest.approx(
        [5 * 0.8**n for n in range(4)]
    )
    assert told[-1] == (10, 10)
    assert [done for done, _ in told[:-1]] == list(range(1, 9))


def test_where_no_round_is_accepted_the_best_balanced_one_is_kept(monkeypatch):
    ratios = iter([0.1, 0.25])
    monkeypatch.setattr(fitting, "balance", lambda _: next(ratios))
    found = fit()
    assert not found.accepted
    assert (len(found.rounds), found.kept) == (2, 1)


@pytest.mark.parametrize(
    ("means", "ratio"),
    [
        ([4.0, 1.0, 2.0], 0.5),
        ([4.0, -1.0, 0.0], 0.0),
        ([-4.0, -1.0, -2.0], 0.0),
        ([3.0, 3.0, 3.0], 1.0),
    ],
)
def test_the_balance_is_of_the_two_strongest_that_speak_for_the_species(means, ratio):
    assert balance(torch.tensor(means)) == pytest.approx(ratio)


def test_mean_contributions_are_those_of_the_species_own_pictures():
    found = fit()
    with torch.no_grad():
        x_features = found.autoencoder.encoder(task().features[task().own])
        expected = found.autoencoder.contributions(x_features).mean(0)
    assert found.rounds[found.kept].means == pytest.approx(expected.tolist(), abs=1e-6)


def test_evidence_counts_from_the_picture_that_has_the_least():
    found = fit()
    assert float(found.autoencoder.readout.bias) == pytest.approx(float(task().logits.min()))


def test_the_logit_is_learnt_and_each_prediction_is_its_picture_s_own():
    settings = XnnSettings(
        x_features=3, hidden=(32, 16), epochs=100, batch=20, sparsity=0.1, orthogonality=0.1
    )
    found = fit(settings)
    with torch.no_grad():
        predicted = found.autoencoder(task().features)[2]
    error = float((predicted - task().logits).square().mean())
    # What a loss that is broadcast over the batch would end with: the mean, for every picture.
    assert error < 0.1 * float(task().logits.var())
    faithful = [losses[0] for losses in found.rounds[found.kept].history]
    assert faithful[-1] < faithful[0]


def test_features_in_other_units_give_the_same_logits_and_their_own_reconstruction():
    features = task().features
    model = SparseAutoencoder(12, SETTINGS, rectified=True).eval()
    with torch.no_grad():
        x_features, reconstructed, logits = model(features)
        scaled = model.in_units_of(7.0)(7 * features)
    assert torch.allclose(scaled[0], x_features, atol=1e-5)
    assert torch.allclose(scaled[1], 7 * reconstructed, atol=1e-5)
    assert torch.allclose(scaled[2], logits, atol=1e-5)
    assert scale_of(torch.full((3, 2), 4.0)) == pytest.approx(4)
    assert scale_of(torch.zeros(3, 2)) > 0


def test_a_decoder_of_features_that_can_be_negative_has_no_last_rectifier():
    below = pretrained(task().features - 0.5, SETTINGS, 0, 0)
    with torch.no_grad():
        assert float(below(task().features - 0.5)[1].min()) < 0
    above = pretrained(task().features, SETTINGS, 0, 0)
    with torch.no_grad():
        assert float(above(task().features)[1].min()) >= 0


def test_no_x_feature_is_silent_before_it_is_fitted():
    model = SparseAutoencoder(12, XnnSettings(), rectified=True).eval()
    with torch.no_grad():
        assert (model.encoder(task().features).mean(0) > 0).all()


def test_few_pictures_take_more_epochs():
    assert XnnSettings().usual_epochs(1000) == 60
    assert XnnSettings().usual_epochs(100) == 250
    assert XnnSettings().with_epochs(120).pretraining_epochs == 20


def test_known_concepts_are_found_each_by_an_x_feature_of_its_own():
    """Two concepts make the logit; each shows in four of the layer's features, with noise."""
    generator = torch.Generator().manual_seed(1)
    present = torch.rand(400, 2, generator=generator) < 0.4
    concepts = present * (0.5 + torch.rand(400, 2, generator=generator))
    features = concepts.repeat_interleave(4, dim=1)
    features = (features + 0.05 * torch.randn(400, 8, generator=generator)).clamp(min=0)
    logits = 3 * concepts[:, 0] + 2 * concepts[:, 1] - 1
    known = Task(features / scale_of(features), logits, logits > 0)
    settings = XnnSettings(x_features=2, hidden=(200, 50))
    start_of = partial(pretrained, known.features, settings, 0)
    found = fit_species(known, start_of, settings, 0, lambda *_: None)
    with torch.no_grad():
        x_features, _, predicted = found.autoencoder(known.features)
    assert found.accepted
    assert float((predicted - logits).square().mean()) < 0.05 * float(logits.var())
    correlations = torch.corrcoef(torch.cat([x_features, concepts], 1).T)[:2, 2:]
    assert sorted(correlations.argmax(1).tolist()) == [0, 1]
    assert (correlations.max(1).values > 0.9).all()
    assert (correlations.min(1).values.abs() < 0.4).all()
