"""Changing a protocol's arms, and what hangs on them: conditions, allocation, contrasts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from experiments.conditions import Phase
from experiments.editing import in_one_line, share_of_arms, whole_shares


@dataclass(frozen=True)
class ArmMeets:
    """What one arm meets.

    Attributes
    ----------
    key
        Of the arm.
    conditions
        By phase, the keys of one or several.
    """

    key: str
    conditions: Mapping[str, tuple[str, ...]]


def set_arms(
    document: CommentedMap, arms: Iterable[ArmMeets], offered: Mapping[str, Mapping[str, Any]]
) -> None:
    """Write the arms of a protocol, in whole.

    Conditions that nobody meets any more go, those that are new come; block sizes, places and
    contrasts are fitted to the arms, and otherwise stay.

    Parameters
    ----------
    document
        Of `experiments.editing.edit`.
    arms
        All of them.
    offered
        By key, conditions that may be met and that the document may lack.
    """
    wanted = list(arms)
    written = document["arms"]
    for gone in [key for key in written if key not in {arm.key for arm in wanted}]:
        del written[gone]
    for arm in wanted:
        is_new = arm.key not in written
        own = written.setdefault(arm.key, in_one_line({}))
        for phase, met in arm.conditions.items():
            if is_new or _listed(own.get(phase, "none")) != list(met):
                own[phase] = met[0] if len(met) == 1 else in_one_line(met)
    _fit_conditions(document, offered)
    _fit_allocation(document)
    _fit_contrasts(document)


def _fit_conditions(document: CommentedMap, offered: Mapping[str, Mapping[str, Any]]) -> None:
    declared = document["conditions"]
    phases = {stage["phase"] for stage in document["stages"] if "phase" in stage}
    met = [
        # A phase that an arm does not write shows it the condition `none`.
        key
        for arm in document["arms"].values()
        for phase in get_args(Phase)
        if phase in arm or phase in phases
        for key in _listed(arm.get(phase, "none"))
    ]
    for key in met:
        if key not in declared and key in offered:
            declared[key] = in_one_line(
                {
                    field: in_one_line(value) if isinstance(value, tuple) else value
                    for field, value in offered[key].items()
                }
            )
    for unmet in [key for key in declared if key not in met]:
        del declared[unmet]


def _listed(met: Any) -> list[str]:
    return list(met) if isinstance(met, (list, tuple)) else [met]


def _fit_allocation(document: CommentedMap) -> None:
    share, allocation = share_of_arms(document), document["allocation"]
    if any(size % share for size in allocation.get("block_sizes", ())):
        allocation["block_sizes"] = in_one_line([share, 2 * share])
    for stage, count in allocation["participants"].items():
        allocation["participants"][stage] = whole_shares(count, document)


def _fit_contrasts(document: CommentedMap) -> None:
    """Keep each contrast whose sides are there; hold what is new against the plainest."""
    plan = document["analysis"]
    levels = _compared(document)
    plainest = _plainest(document, levels)
    if "baseline" in plan and plan["baseline"] not in levels:
        plan["baseline"] = plainest
    if plan.get("compare", "listed") != "listed":
        return
    contrasts = plan.setdefault("contrasts", CommentedSeq())
    for index in reversed(range(len(contrasts))):
        if not {contrasts[index]["arm"], contrasts[index]["against"]} <= set(levels):
            del contrasts[index]
    named = {side for one in contrasts for side in (one["arm"], one["against"])}
    for level in levels:
        if level not in named and level != plainest:
            contrasts.append(in_one_line({"arm": level, "against": plainest}))


def _compared(document: CommentedMap) -> list[str]:
    if document["analysis"].get("factor", "arm") == "arm":
        return list(document["arms"])
    arms = document["arms"].values()
    met = [key for arm in arms for key in _listed(arm.get("assessment", "none"))]
    return list(dict.fromkeys(met))


def _plainest(document: CommentedMap, levels: list[str]) -> str:
    """What shows nothing when it is assessed, or else what is named first."""
    conditions = document["conditions"]
    for level in levels:
        shown = _listed(document["arms"].get(level, {}).get("assessment", "none"))
        keys = shown if level in document["arms"] else [level]
        if all(conditions.get(key, {}).get("display", "none") == "none" for key in keys):
            return level
    return levels[0] if levels else ""
