from explainers.quality.graph_tables import coverage, graph_table


def test_coverage_is_the_share_that_needs_no_more():
    assert [coverage([1, 3, 3, 20], count) for count in (0, 1, 3, 49)] == [0, 0.25, 0.75, 1]


def test_a_table_tells_coverage_of_sets_and_guide_and_means_of_counts():
    one = {
        "sets": 4,
        "smallest": 2,
        "disjoint": 2,
        "near_disjoint": 3,
        "patches_for_coverage": 5,
    }
    other = {**one, "sets": 8, "smallest": 10, "patches_for_coverage": 30}
    lines = graph_table("sag", [one, other])
    assert lines[0].startswith("sag: pictures of 2")
    shares = {line[:34].strip(): line[34:].split() for line in lines[1:]}
    assert shares["patches"] == ["1", "2", "3", "5", "10", "15", "20", "49"]
    assert shares["best set"] == ["0%", "50%", "50%", "50%", "100%", "100%", "100%", "100%"]
    assert shares["hottest patches of its guide"] == [*3 * ["0%"], *4 * ["50%"], "100%"]
    assert shares["minimal sufficient sets found"][0] == "6.0"
    assert shares["largest family of disjoint ones"] == ["2.0", "(2.0", "to", "2.0)"]
