from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.checks import check_protocol
from experiments.schema import Excluded, Guide, PerSpecies, Probabilities
from experiments.selection import SelectionError, select_guide, select_stimuli
from tests.unit.experiments.test_checks import DEMO, DEMO_SPECIES, demo_manifest, edited_demo

ASSESSED = "{per_species: 4, split: test}"


def manifest_with_errors(each=16, wrong_every=4):
    """Pictures of which the network gets some wrong, and is ever surer of."""
    manifest = demo_manifest(each)
    stimuli = []
    for number, stimulus in enumerate(manifest.stimuli):
        own = number % each
        sure = 0.3 + 0.7 * own / each
        # Two neighbours, one of each split.
        is_wrong = (own // 2) % wrong_every == 0
        others = [key for key in DEMO_SPECIES if key != stimulus.true_species]
        stimuli.append(
            stimulus.model_copy(
                update={
                    "predicted_species": others[0] if is_wrong else stimulus.true_species,
                    "predicted_probability": sure,
                    "true_probability": 1 - sure if is_wrong else sure,
                }
            )
        )
    return manifest.model_copy(update={"stimuli": tuple(stimuli)})


def chosen_with(wanted: PerSpecies, seed=1, **more):
    protocol = check_protocol(DEMO, None).protocol
    stages = tuple(
        stage.model_copy(update={"stimuli": wanted, **more}) if stage.key == "assessment" else stage
        for stage in protocol.stages
    )
    manifest = manifest_with_errors()
    selection = select_stimuli(
        protocol.model_copy(update={"stages": stages, "seed": seed}), manifest
    )
    by_key = {stimulus.key: stimulus for stimulus in manifest.stimuli}
    return selection, [by_key[key] for key in selection["assessment"]]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**40), wrong=st.integers(0, 2))
def test_as_many_as_asked_for_are_wrong_in_every_species(seed, wrong):
    selection, chosen = chosen_with(PerSpecies(per_species=4, wrong_per_species=wrong), seed)
    counts = Counter(
        (one.true_species, one.true_species == one.predicted_species) for one in chosen
    )
    for species in DEMO_SPECIES:
        assert (counts[species, False], counts[species, True]) == (wrong, 4 - wrong)
    everything = [key for keys in selection.values() for key in keys]
    assert len(set(everything)) == len(everything)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**40))
def test_pictures_are_as_sure_and_as_hard_as_asked_for(seed):
    wanted = PerSpecies(
        per_species=2,
        predicted_probability=Probabilities(at_least=0.5, at_most=0.9),
        true_probability=Probabilities(at_least=0.5),
    )
    _, chosen = chosen_with(wanted, seed)
    assert len(chosen) == 8
    assert all(0.5 <= one.predicted_probability <= 0.9 for one in chosen)
    assert all(one.true_probability >= 0.5 for one in chosen)


def test_a_choosy_stage_draws_before_those_that_take_anything(tmp_path):
    # Of each species two test pictures are wrong; a training from the same split leaves them.
    path = edited_demo(tmp_path, "{per_species: 3, split: train}", "{per_species: 6, split: test}")
    path.write_text(
        path.read_text().replace(ASSESSED, "{per_species: 2, split: test, wrong_per_species: 2}")
    )
    manifest = manifest_with_errors()
    for seed in range(20):
        protocol = check_protocol(path, None).protocol.model_copy(update={"seed": seed})
        assert len(select_stimuli(protocol, manifest)["assessment"]) == 8


def test_too_few_are_told_with_what_was_asked_for(tmp_path):
    new = "{per_species: 4, split: test, wrong_per_species: 3}"
    path = edited_demo(tmp_path, ASSESSED, new)
    findings = check_protocol(path, manifest_with_errors()).findings
    assert {finding.code for finding in findings} == {"stimuli-short"}
    assert (
        "3 pictures of california_gull that the network gets wrong are wanted" in findings[0].what
    )
    protocol = check_protocol(path, None).protocol
    with pytest.raises(
        SelectionError, match="3 pictures of california_gull that the network gets wrong"
    ):
        select_stimuli(protocol, manifest_with_errors())


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("{per_species: 4, wrong_per_species: 5}", "wrong-beyond-all"),
        (
            "{per_species: 4, true_probability: {at_least: 0.9, at_most: 0.1}}",
            "probabilities-crossed",
        ),
    ],
)
def test_what_no_set_could_serve_is_told_without_one(tmp_path, new, code):
    findings = check_protocol(edited_demo(tmp_path, ASSESSED, new), None).findings
    assert code in {finding.code for finding in findings}


def test_ranges_are_told_where_pictures_run_out(tmp_path):
    new = "{per_species: 4, split: test, predicted_probability: {at_least: 0.99}}"
    findings = check_protocol(edited_demo(tmp_path, ASSESSED, new), manifest_with_errors()).findings
    assert "with predicted_probability 0.99 to 1" in findings[0].what


def test_a_draw_that_takes_what_a_later_stage_needed_is_told_before_the_freeze(tmp_path):
    # Practice draws from any split, and may take the train pictures that the training needs.
    manifest = demo_manifest(8)
    path = edited_demo(tmp_path, "{per_species: 1, split: train}", "{per_species: 1, split: any}")
    path.write_text(
        path.read_text()
        .replace("{per_species: 3, split: train}", "{per_species: 4, split: train}")
        .replace(ASSESSED, "{per_species: 3, split: test}")
    )
    told = set()
    for seed in range(30):
        path.write_text(
            "\n".join(
                f"seed: {seed}" if line.startswith("seed:") else line
                for line in path.read_text().splitlines()
            )
        )
        result = check_protocol(path, manifest)
        codes = {finding.code for finding in result.findings}
        told |= codes
        try:
            select_stimuli(result.protocol, manifest)
            can_be_drawn = True
        except SelectionError:
            can_be_drawn = False
        assert can_be_drawn or not result.is_sound
    assert "stimuli-drawn-elsewhere" in told or "stimuli-short" in told


def excluding(*keys):
    protocol = check_protocol(DEMO, None).protocol
    excluded = tuple(Excluded(key=key, reason="two birds") for key in keys)
    return protocol.model_copy(update={"exclude": excluded})


def test_what_is_excluded_is_never_drawn():
    manifest = demo_manifest(20)
    plain = select_stimuli(excluding(), manifest)
    shown = sorted({key for keys in plain.values() for key in keys})
    without = select_stimuli(excluding(*shown[::2]), manifest)
    assert not {key for keys in without.values() for key in keys} & set(shown[::2])
    guided = excluding(*shown[::2]).model_copy(update={"guide": Guide(pictures_per_species=2)})
    guide = select_guide(guided, manifest, without)
    assert not {key for keys in guide.values() for key in keys} & set(shown[::2])


def test_mistakes_in_what_is_excluded_are_found(tmp_path):
    told = "exclude: [{key: nowhere, reason: x}, {key: K, reason: x}, {key: K, reason: y}]\n"
    manifest = demo_manifest(20)
    key = manifest.stimuli[0].key
    path = edited_demo(tmp_path, ASSESSED, f"{{keys: [{key}]}}")
    path.write_text(told.replace("K", key) + path.read_text())
    codes = [finding.code for finding in check_protocol(path, manifest).findings]
    for code in ("unknown-excluded-stimulus", "excluded-stimulus-listed", "excluded-twice"):
        assert code in codes


def test_pictures_run_out_when_too_many_are_excluded(tmp_path):
    manifest = demo_manifest()
    keys = [one.key for one in manifest.stimuli if one.true_species == "ivory_gull"]
    told = "".join(f"  - {{key: {key}, reason: blurred}}\n" for key in keys)
    path = edited_demo(tmp_path, "species:", f"exclude:\n{told}species:")
    codes = {finding.code for finding in check_protocol(path, manifest).findings}
    assert "stimuli-short" in codes
