import pytest
import torch

from explainers.errors import ExplainersError
from explainers.methods.xnn import choosing
from explainers.methods.xnn.choosing import CANDIDATES, choose_x_features, fewest_as_good
from explainers.methods.xnn.fitting import pretrained
from tests.unit.explainers.methods.xnn.test_fitting import SETTINGS, replace, task


def test_the_fewest_within_one_standard_error_of_the_best_are_taken():
    noise = torch.tensor([-1.0, 1.0] * 8)  # a standard error of 0.258
    assert fewest_as_good([2.0 + noise, 1.2 + noise, 1.0 + noise]) == 1
    assert fewest_as_good([2.0 + noise, 1.3 + noise, 1.0 + noise]) == 2
    assert fewest_as_good([1.1 + noise, 1.3 + noise, 1.0 + noise]) == 0


def test_candidates_are_fitted_for_one_round_and_judged_by_pictures_held_back(monkeypatch):
    asked = []
    fit_species = choosing.fit_species

    def noting(part, start, settings, seed, report):
        asked.append((len(part.logits), settings.x_features, settings.rounds))
        return fit_species(part, start, settings, seed, report)

    monkeypatch.setattr(choosing, "fit_species", noting)

    def start_of(count, number):
        return pretrained(task().features, replace(SETTINGS, x_features=count), 0, number)

    chosen = choose_x_features(task(), start_of, SETTINGS, 0, lambda *_: None)
    assert asked == [(48, count, 1) for count in CANDIDATES]
    assert chosen in CANDIDATES


def test_too_few_pictures_to_hold_any_back_are_told():
    few = task().take(torch.arange(9))
    with pytest.raises(ExplainersError, match=r"9 pictures .* auto takes 10 at least"):
        choose_x_features(few, lambda *_: None, SETTINGS, 0, lambda *_: None)
