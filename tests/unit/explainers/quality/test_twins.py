"""A network whose answer is known depends, by its twins, on exactly the mark that it looks at."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from explainers.evaluator import Evaluator
from explainers.imagesets.gulls import PARTS, DrawnGulls, telling_marks, telling_parts
from explainers.networks import Network, Preprocessing
from explainers.quality.drawn import rival_of, truth_of, visible_parts
from explainers.quality.twin_table import (
    pairs_without_twins,
    plainest,
    rate_of,
    rates_by_mark,
    rates_by_pair,
    twin_table,
)
from explainers.quality.twins import (
    TwinChange,
    is_seen,
    marks_on_visible_parts,
    measure_twins,
    part_sensitivities,
    pixel_steps,
)

SIZE = 96
SHOWN, OTHER = "herring_gull", "heermann_gull"


class _MeanColour(nn.Module):
    """Logits (B, 2) = plus and minus `gain` times the mean red minus green over some pixels."""

    def __init__(self, mask: np.ndarray, gain: float) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.tensor(gain))
        self.register_buffer("mask", torch.from_numpy(mask).float())

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        redness = ((images[:, 0] - images[:, 1]) * self.mask).sum((1, 2)) / self.mask.sum()
        return torch.stack([-self.gain * redness, self.gain * redness], 1)


def network_looking_at(mask: np.ndarray, gain: float = 1.0) -> Network:
    """Heermann's Gull has the red bill: redness speaks for it."""
    return Network(
        module=_MeanColour(mask, gain),
        species=(SHOWN, OTHER),
        preprocessing=Preprocessing(SIZE, (0.0,) * 3, (1.0,) * 3),
        architecture="mean colour",
        digest="0" * 64,
    )


@pytest.fixture(scope="module")
def images() -> DrawnGulls:
    return DrawnGulls(6, 1, difficulty=0.0, size=SIZE)


@pytest.fixture(scope="module")
def seen(images):
    """A picture that shows bill and legs."""
    records = [record for record in images.records if record.species == SHOWN]
    drawn = [(record, images.truth(record)) for record in records]
    return next(
        (record, drawing)
        for record, drawing in drawn
        if {"bill", "legs", "mantle", "tail"} <= set(visible_parts(drawing))
    )


def changes_of(network, images, record, drawing):
    evaluator = Evaluator(network)
    with evaluator.session():
        return measure_twins(evaluator, images, record, drawing, OTHER)


@pytest.mark.parametrize("part", ["bill", "mantle", "tail"])
def test_the_part_a_network_looks_at_is_its_most_sensitive(images, seen, part):
    record, drawing = seen
    network = network_looking_at(drawing.parts[part])
    sensitivities = part_sensitivities(drawing, changes_of(network, images, record, drawing))
    assert set(sensitivities) == set(visible_parts(drawing))
    assert max(sensitivities, key=sensitivities.__getitem__) == part
    alike = set(sensitivities) - set(telling_parts(SHOWN, OTHER))
    assert all(sensitivities[other] == 0 for other in alike)


def test_the_direction_and_size_of_a_change_are_the_networks(images, seen):
    record, drawing = seen
    bill = drawing.parts["bill"]
    changes = {c.mark: c for c in changes_of(network_looking_at(bill), images, record, drawing)}
    shown = marks_on_visible_parts(images, drawing, SHOWN, OTHER)
    assert set(changes) <= set(shown)
    for mark in shown:
        twin = images.twin(record, mark, OTHER).picture
        assert (mark in changes) == is_seen(pixel_steps(drawing.picture, twin))
    assert changes["bill_base"].right
    against = changes_of(network_looking_at(bill, -1.0), images, record, drawing)
    for change in against:
        assert change.change == pytest.approx(-changes[change.mark].change, abs=1e-6)

    def odds(picture):
        pixels = np.asarray(picture, dtype=np.float64) / 255
        return 2 * (pixels[..., 0] - pixels[..., 1])[bill].mean()

    twin = images.twin(record, "bill_base", OTHER).picture
    expected = odds(twin) - odds(drawing.picture)
    assert changes["bill_base"].change == pytest.approx(expected, abs=1e-5)


def test_a_hidden_part_has_no_twin(images, seen):
    _, drawing = seen
    shown = {part: np.zeros((SIZE, SIZE), dtype=bool) for part in PARTS}
    shown["legs"][:20, :20] = True
    hidden = type(drawing)(drawing.picture, shown, drawing.marks)
    assert marks_on_visible_parts(images, hidden, SHOWN, OTHER) == ("legs",)
    assert set(visible_parts(hidden)) == {"legs"}


def test_a_twin_that_looks_the_same_is_none(seen):
    _, drawing = seen
    pixels = np.asarray(drawing.picture).copy()
    assert not is_seen(pixel_steps(drawing.picture, drawing.picture))
    pixels[0, 0] = 255 - pixels[0, 0]
    assert not is_seen(pixel_steps(drawing.picture, Image.fromarray(pixels)))
    pixels[:4, :4] ^= 128
    assert is_seen(pixel_steps(drawing.picture, Image.fromarray(pixels)))


def test_regions_are_the_visible_telling_parts_and_the_whole_bird(images, seen):
    _, drawing = seen
    truth = truth_of(images, drawing, SHOWN, "glaucous_winged_gull")
    told = telling_parts(SHOWN, "glaucous_winged_gull")
    assert 0 < len(told) < len(PARTS)
    telling, bird = truth.regions()["telling"], truth.regions()["bird"]
    assert telling.sum() == sum(drawing.parts[part].sum() for part in truth.telling)
    assert set(truth.telling) == set(told) & set(visible_parts(drawing))
    assert bird.sum() == sum(mask.sum() for mask in visible_parts(drawing).values())
    assert not (telling & ~bird).any()


def test_the_rival_is_the_runner_up_or_the_true_species_when_the_network_errs():
    said = {"a": 0.5, "b": 0.1, "c": 0.4}
    assert rival_of("a", "a", said) == "c"
    assert rival_of("a", "b", said) == "b"


def test_rates_count_moves_in_the_right_direction():
    changes = [
        TwinChange("one", "a", "b", "ring", 3.0, 0.5),
        TwinChange("one", "a", "b", "legs", 1.0, -0.5),
        TwinChange("two", "b", "a", "ring", 1.0, 2.0),
        TwinChange("two", "b", "a", "legs", 2.0, 0.0),
    ]
    assert rate_of(changes).rate == 0.5
    assert list(rates_by_mark(changes)) == ["legs", "ring"]
    assert rates_by_mark(changes)["ring"].change == 1.25
    assert rates_by_pair(changes)["a", "b"].count == 2
    assert plainest(changes) == [changes[0], changes[3]]


def test_pairs_without_twins_are_named_with_the_reason(images):
    changes = [TwinChange("one", SHOWN, OTHER, "legs", 2.0, 1.0)]
    missing = pairs_without_twins(images, rates_by_pair(changes))
    assert telling_marks(OTHER, SHOWN)
    assert len(missing) == 55
    assert missing[OTHER, SHOWN] == "its marks are hidden in every picture"
    table = "\n".join(twin_table(images, changes))
    assert "100.0% of 1 twins of 1 pictures" in table
    assert "1 of 56 ordered pairs have twins" in table
