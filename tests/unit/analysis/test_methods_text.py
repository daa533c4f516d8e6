"""The methods section names what the protocol left out."""

from dataclasses import replace

from analysis.flow import ParticipantFlow
from analysis.load import load_study
from analysis.population import sessions_of
from analysis.report.methods_text import study_paragraphs
from analysis.report.references import Citations
from experiments.schema import Excluded
from tests.unit.analysis.exports import Run, write_export

NOBODY = ParticipantFlow(arms=(), allocated=0, simulated_left_out=0, analysed=0, not_allocated=0)


def test_pictures_left_out_are_named_with_their_reasons(tmp_path):
    study = load_study(write_export(tmp_path / "export", [Run("none")]))
    left_out = (Excluded(key="gull-1", reason="Two gulls."), Excluded(key="gull-2", reason="blur"))

    def materials(exclude):
        protocol = study.protocol.model_copy(update={"exclude": exclude})
        changed = replace(study, protocol=protocol)
        sessions = sessions_of(study, "main")
        return dict(study_paragraphs(changed, sessions, NOBODY, Citations()))["Materials"]

    assert ") without gull-1 (Two gulls) and gull-2 (blur). The classifier’s" in materials(left_out)
    assert "without" not in materials(())
