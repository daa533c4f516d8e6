"""What was frozen before a field was there keeps its digest, and its sessions their trials."""

from dataclasses import asdict

from experiments.digest import sha256_json
from experiments.loading import load_protocol
from experiments.schema import Protocol
from experiments.selection import select_stimuli
from experiments.sequencing import plan_session
from experiments.templates import template_named
from tests.unit.experiments.test_checks import DEMO, demo_manifest

# Of the demo, frozen before arms could meet several conditions.
DIGEST = "381e7dffea5ac00c519a05a51e7d63d384d5be99d3c6ad0ac9d0158de34d4104"
TRIALS = "492847240d3281f4949192e3826f7c23261cca8b383cf0c88ea8e9ffa1bd3c84"


def test_a_protocol_without_the_new_fields_keeps_its_digest():
    protocol = load_protocol(DEMO).protocol
    assert sha256_json(protocol.model_dump(mode="json")) == DIGEST


def test_and_its_sessions_keep_their_trials():
    protocol, manifest = load_protocol(DEMO).protocol, demo_manifest()
    selection = select_stimuli(protocol, manifest)
    stimuli = {stimulus.key: stimulus for stimulus in manifest.stimuli}
    planned = [
        asdict(trial)
        for seed in range(20)
        for trial in plan_session(protocol, stimuli, selection, arm="heatmap", seed=seed)
    ]
    assert sha256_json(planned) == TRIALS


def test_what_uses_the_new_fields_is_read_back_as_it_was_frozen():
    protocol = load_protocol(template_named("within").path).protocol
    frozen = protocol.model_dump(mode="json")
    assert frozen["analysis"]["factor"] == "condition"
    assert Protocol.model_validate(frozen) == protocol


def test_new_fields_are_left_out_of_what_is_frozen_while_they_say_nothing():
    protocol = load_protocol(DEMO).protocol
    frozen = protocol.model_dump(mode="json")
    assert not {"payment", "exclude"} & set(frozen)
    assert not {"factor", "stop_rule"} & set(frozen["analysis"])
    stage = next(stage for stage in frozen["stages"] if stage["kind"] == "trials")
    assert "condition_order" not in stage
    assert set(stage["stimuli"]) == {"per_species", "split"}
