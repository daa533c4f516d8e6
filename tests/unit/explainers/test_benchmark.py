"""What the benchmark counts."""

from benchmarks.explainers import measure
from explainers.errors import ExplainersError
from explainers.methods.igos import Igos


def test_passes_for_refused_pictures_are_not_counted(network, pictures, monkeypatch, capsys):
    search = Igos.search

    def refusing(self, case):
        if float(case.image[0, 0, 0]) == float(pictures[1][0, 0, 0]):
            yield from search(self, case)
            raise ExplainersError("not this one")
        return (yield from search(self, case))

    expected = measure("igos:7", network, pictures[[0, 2]], ["a", "c"])
    monkeypatch.setattr(Igos, "search", refusing)
    found = measure("igos:7", network, pictures[:3], ["a", "b", "c"])
    assert "leaves out picture 1: not this one" in capsys.readouterr().out
    assert found.kinds == expected.kinds
    assert len(found.explanations) == len(found.tensors) == 2
    assert [one.seed for one in found.explanations] == [one.seed for one in expected.explanations]
