import numpy as np
import pytest
import torch

from explainers.quality.concept_tables import concept_table
from explainers.quality.concepts import ConceptScores, score_concepts

OWN = {"covered": 0.95, "xnn_logit": 3.5, "logit": 4.0}


def test_concepts_apart_and_local_by_hand():
    maps = torch.zeros(2, 4, 4)
    maps[0, 0, 0] = maps[1, 3, 3] = 1
    top, bottom = np.zeros((4, 4), bool), np.zeros((4, 4), bool)
    top[:2], bottom[2:] = True, True
    scores = score_concepts(OWN, maps, {"head": top, "tail": bottom})
    assert scores == ConceptScores(2, 0.95, -0.5, overlap=0.0, area=1 / 16, spread=0.0)


def test_equal_concepts_overlap_and_heat_everywhere_is_spread():
    maps = torch.ones(2, 4, 4)
    top = np.zeros((4, 4), bool)
    top[:2] = True
    scores = score_concepts(OWN, maps, {"head": top, "tail": ~top})
    assert scores.overlap == pytest.approx(1)
    assert scores.area == 0.5
    assert scores.spread == pytest.approx(1)


def test_a_picture_without_concepts_and_parts_has_no_such_scores():
    scores = score_concepts(OWN, torch.zeros(0, 4, 4), None)
    assert (scores.significant, scores.overlap, scores.area, scores.spread) == (0, None, None, None)


def test_a_table_leaves_out_what_is_not_known():
    one = ConceptScores(2, 0.9, 3.0, overlap=0.5, area=0.1, spread=None)
    other = ConceptScores(1, 1.0, 4.0, overlap=None, area=0.3, spread=None)
    lines = concept_table("xnn", [one, other])
    assert lines[0] == "xnn: concepts of 2 pictures"
    assert lines[1].endswith("3.536")
    assert any(line.startswith("overlap") and " 0.50" in line for line in lines)
    assert not any(line.startswith("spread") for line in lines)
