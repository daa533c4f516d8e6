"""Plans frozen by an earlier Larus keep the test they were frozen for."""

import pytest

from analysis.load import load_study
from tests.unit.analysis.exports import Run, write_export

RUNS = [Run(arm) for arm in ("none", "placebo", "heatmap") for _ in range(2)]


@pytest.mark.parametrize(
    ("unnamed", "model", "secondary"),
    [
        (("model", "secondary"), "two_way_cluster", ()),
        ((), "mixed_logit", ("confidence", "reaction_time")),
    ],
)
def test_a_plan_frozen_before_plans_named_their_model_keeps_its_test(
    tmp_path, unnamed, model, secondary
):
    plan = load_study(write_export(tmp_path / "export", RUNS, unnamed=unnamed)).protocol.analysis
    assert (plan.model, plan.secondary) == (model, secondary)
