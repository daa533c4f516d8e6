"""The demo study, cut short: every kind of its pages, but fewer trials."""

from pathlib import Path

from studyapp.models import Study
from tests.factories import DEMO, open_demo

# Pictures of each species. More of them in the assessment, so that its break comes.
FEWER = {
    "{per_species: 3, split: train}": "{per_species: 1, split: train}",
    "{per_species: 4, split: test}": "{per_species: 3, split: test}",
}


def open_short_demo(folder: Path) -> Study:
    text = DEMO.read_text(encoding="utf-8")
    for demo, fewer in FEWER.items():
        assert text.count(demo) == 1
        text = text.replace(demo, fewer)
    path = folder.with_suffix(".yaml")
    path.write_text(text, encoding="utf-8")
    return open_demo(folder, protocol=path)
