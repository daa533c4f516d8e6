import json

from experiments.manifest import Failure, read_manifest
from explainers.quality.graph_tables import coverage, graph_table, graph_tables
from tests.factories import write_stimuli


def test_coverage_is_the_share_that_needs_no_more():
    assert [coverage([1, 3, 3, 20], count, 4) for count in (0, 1, 3, 49)] == [0, 0.25, 0.75, 1]


def test_a_table_tells_coverage_of_sets_and_guide_and_means_of_counts():
    one = {
        "sets": 4,
        "smallest": 2,
        "disjoint": 2,
        "near_disjoint": 3,
        "patches_for_coverage": 5,
    }
    other = {**one, "sets": 8, "smallest": 10, "patches_for_coverage": 30}
    graphs = [{"cells": 7, "statistics": statistics} for statistics in (one, other)]
    lines = graph_table("sag", graphs, refused=2)
    assert lines[0].startswith("sag: share of 4 pictures")
    assert lines[0].endswith("2 have no graph")
    shares = {line[:34].strip(): line[34:].split() for line in lines[1:]}
    assert shares["patches"] == ["1", "2", "3", "5", "10", "15", "20", "49"]
    assert shares["best set"] == ["0%", "25%", "25%", "25%", "50%", "50%", "50%", "50%"]
    assert shares["hottest patches of its guide"] == [*3 * ["0%"], *4 * ["25%"], "50%"]
    assert shares["minimal sufficient sets found"][0] == "6.0"
    assert shares["largest family of disjoint ones"] == ["2.0", "(2.0", "to", "2.0)"]


def test_columns_grow_with_the_grid():
    one = {"sets": 1, "smallest": 9, "disjoint": 1, "near_disjoint": 1, "patches_for_coverage": 50}
    lines = graph_table("sag:14", [{"cells": 14, "statistics": one}], refused=0)
    assert lines[1].split() == ["patches", "4", "8", "12", "20", "40", "60", "80", "196"]
    assert lines[2].split()[-1] == "100%"


def test_what_has_no_graph_for_another_species_still_has_its_own(tmp_path):
    write_stimuli(tmp_path, each=2, methods=("sag",))
    manifest = read_manifest(tmp_path)
    counts = ("sets", "smallest", "disjoint", "near_disjoint", "patches_for_coverage")
    own = {"cells": 7, "statistics": dict.fromkeys(counts, 1)}
    for stimulus in manifest.stimuli:
        path = tmp_path / stimulus.explanations["sag"].sidecar.path
        path.write_text(json.dumps({"own": own}))
    first, *others = manifest.stimuli
    refused = [first.model_copy(update={"explanations": {}}), *others]
    failures = tuple(
        Failure(origin=stimulus.origin, method="sag", reason="needs no patch")
        for stimulus in (first, first, *others)
    )
    given = manifest.model_copy(update={"stimuli": tuple(refused), "failures": failures})
    ((title, *_),) = graph_tables(tmp_path, given)
    assert f"share of {len(manifest.stimuli)} pictures" in title
    assert title.endswith("1 have no graph")
