"""Ready questionnaire scales, by the name a questionnaire gives as `scale:`."""

from collections.abc import Mapping
from typing import Literal, get_args

from experiments.scales.explanation_satisfaction import EXPLANATION_SATISFACTION
from experiments.scales.nasa_tlx import NASA_TLX
from experiments.scales.scale import Scale
from experiments.scales.trust_in_automation import TRUST_IN_AUTOMATION
from experiments.scales.trust_xai import TRUST_XAI
from experiments.scales.understanding import UNDERSTANDING

ScaleName = Literal[
    "nasa_tlx", "explanation_satisfaction", "trust_in_automation", "trust_xai", "understanding"
]
SCALES: Mapping[str, Scale] = dict(
    zip(
        get_args(ScaleName),
        (NASA_TLX, EXPLANATION_SATISFACTION, TRUST_IN_AUTOMATION, TRUST_XAI, UNDERSTANDING),
        strict=True,
    )
)
