"""The plan an analysis follows, and whether it was fixed before the data were seen.

The plan frozen with a study is. A plan in a file is only if somebody can show the SHA-256 of that
file, which they noted or registered beforehand. Every other plan makes every estimate exploratory.
"""

from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from analysis.errors import ExportError
from analysis.report.results import PlanSource
from experiments.digest import sha256_file
from experiments.schema import AnalysisPlan, Protocol


def followed_plan(protocol: Protocol, other: Path | None) -> tuple[AnalysisPlan, PlanSource]:
    """Return the frozen plan, or another one; a file that says the same is the frozen one.

    Raises
    ------
    ExportError
        When the file can't be read, or names an arm that the study lacks.
    """
    if other is None:
        return protocol.analysis, "frozen"
    plan = read_plan(other)
    named = {arm for contrast in plan.contrasts for arm in (contrast.arm, contrast.against)}
    if foreign := sorted(named - set(protocol.arms)):
        raise ExportError(
            f"{other}: the study has no arm {', '.join(foreign)}. It has "
            f"{', '.join(protocol.arms)}."
        )
    return plan, "frozen" if plan == protocol.analysis else "other"


def registered_plan(path: Path, digest: str | None) -> tuple[AnalysisPlan, PlanSource]:
    """Return a plan from a file, registered when the digest given is the file's.

    Raises
    ------
    ExportError
        When the file can't be read, or isn't the one the digest names: then nothing is analysed,
        for the plan that was registered is another.
    """
    plan = read_plan(path)
    if digest is None:
        return plan, "other"
    found = sha256_file(path)
    if found != digest.strip().lower():
        raise ExportError(
            f"{path} is not the plan that was registered: its SHA-256 is {found}, not {digest}. "
            "Give the file as it was registered, or leave --plan-digest out; then all is "
            "exploratory."
        )
    return plan, "registered"


def read_plan(path: Path) -> AnalysisPlan:
    """Read a plan: a YAML or JSON file like the `analysis` part of a protocol, or a whole protocol.

    Raises
    ------
    ExportError
        Naming the file, the field and what is wrong with it.
    """
    if not path.is_file():
        raise ExportError(
            f"{path} is not a file. Name a file like the analysis part of a protocol."
        )
    try:
        value: Any = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise ExportError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if isinstance(value, dict) and isinstance(value.get("analysis"), dict):
        value = value["analysis"]
    try:
        plan = AnalysisPlan.model_validate(value)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']) or 'the file'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise ExportError(f"{path} is not an analysis plan: {problems}.") from error
    if not plan.contrasts:
        raise ExportError(f"{path} lists no contrasts. Write them out: {{arm: …, against: …}}.")
    return plan
