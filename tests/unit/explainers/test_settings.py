"""Parameters of methods as commands set them."""

import pytest

from explainers.errors import ExplainersError
from explainers.methods.sag.settings import SagSettings
from explainers.registry import create
from explainers.settings import parse_assignments
from tests.unit.explainers.methods.cheap import cheap


def test_assignments_are_read_by_method():
    texts = ["sag:zero.width=5", "igos.iterations=3", "sag:zero.sufficient=0.95"]
    assert parse_assignments(texts, ["igos", "sag:zero", "mask"]) == {
        "igos": {"iterations": "3"},
        "sag:zero": {"width": "5", "sufficient": "0.95"},
        "mask": {},
    }


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["sag.width"], "write METHOD.NAME=VALUE, such as sag.width=5"),
        (["width=5"], "write METHOD.NAME=VALUE"),
        (["mask.rate=1"], "mask is not run. Set parameters of igos, sag"),
        (["sag.width=5", "sag.width=6"], "sag.width is set twice"),
    ],
)
def test_an_assignment_that_cannot_be_is_refused(texts, told):
    with pytest.raises(ExplainersError, match=told):
        parse_assignments(texts, ["igos", "sag"])


def test_parameters_are_set_from_text_and_told(network):
    given = {"width": "5", "sufficient": "0.95", "worth_expanding": "0", "patches": "bilinear"}
    explainer = create("sag:zero", network).with_settings(given)
    assert explainer.settings == SagSettings(
        hidden="zero", width=5, sufficient=0.95, worth_expanding=0, patches="bilinear"
    )
    assert explainer.parameters()["width"] == 5
    assert not explainer.hides_by_blur
    assert create("igospp", network).with_settings({"nesterov": "true"}).settings.nesterov is True


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("sag", {"beam": "5"}, r"sag has no parameter 'beam'. It has cells=7, sufficient=0.9, "),
        ("sag", {"width": "0"}, r"sag.width=0: the value should be greater than or equal to 1"),
        ("sag", {"width": "many"}, "sag.width=many: the value should be a valid integer"),
        ("sag", {"sufficient": "1.2"}, "should be less than or equal to 1"),
        ("sag", {"hidden": "grey"}, "sag.hidden=grey: the value should be 'blur' or 'zero'"),
        ("sag", {"cells": "9"}, "use 7 or 14"),
        ("igos", {"noise": "nan"}, "igos.noise=nan: the value should be "),
        ("igos", {"path_stride": "3"}, "path_stride 3 does not divide"),
        ("gradcam", {"layer": "1"}, "gradcam has no parameters that can be set"),
    ],
)
def test_what_cannot_be_set_is_refused_with_what_can(network, name, given, told):
    with pytest.raises(ExplainersError, match=told):
        create(name, network).with_settings(given)


@pytest.mark.parametrize("name", ["mask", "rise", "integrated_gradients", "smoothgrad", "gradcam"])
def test_a_method_is_made_again_from_what_was_recorded(name, network):
    once = cheap(name, network)
    again = create(name, network).as_recorded(once.parameters())
    assert again.parameters() == once.parameters()
