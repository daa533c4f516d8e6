import numpy as np
import pytest
import torch
from PIL import Image

from explainers.rendering.alt import describe_heat
from explainers.rendering.contours import contour_layer
from explainers.rendering.layer import brightened, enlarged, heat_layer
from explainers.rendering.still import GAP, TILE, heat_still


def spot(row: int, column: int) -> torch.Tensor:
    heat = torch.zeros(9, 9)
    heat[row, column] = 1
    return heat


@pytest.mark.parametrize(
    ("row", "column", "place"),
    [(0, 0, "at the top left"), (4, 4, "in the centre"), (8, 4, "at the bottom centre")],
)
def test_alternative_text_says_where_it_is_hot(row, column, place):
    told = describe_heat(spot(row, column))
    assert told == f"Most important {place}; important over 1 % of the picture."


def test_alternative_text_of_a_map_without_heat_says_so():
    assert describe_heat(torch.zeros(7, 7)) == "Nothing is marked as important."


def test_contours_lie_around_the_spot_and_leave_the_rest_clear():
    alpha = np.asarray(contour_layer(spot(2, 6), (180, 90)))[..., 3]
    assert alpha.shape == (90, 180)
    rows, columns = np.nonzero(alpha > 128)
    # Cell (2, 6) of 9 x 9 is 10 pixels high and 20 wide.
    assert abs(rows.mean() - 25) < 2
    assert abs(columns.mean() - 130) < 2
    assert rows.min() > 10
    assert columns.min() > 100
    assert alpha[25, 130] == 0


def test_a_map_without_heat_has_no_contours():
    assert not np.asarray(contour_layer(torch.zeros(7, 7), (64, 64)))[..., 3].any()


def test_a_still_shows_the_picture_its_heat_and_its_contours_side_by_side():
    picture = Image.new("RGB", (50, 25), (10, 120, 60))
    still = heat_still(picture, spot(4, 4))
    assert still.width == 3 * TILE + 4 * GAP
    clean, heat, contours = (
        still.crop((GAP + n * (TILE + GAP), GAP, (n + 1) * (TILE + GAP), GAP + TILE // 2))
        for n in range(3)
    )
    assert set(clean.get_flattened_data()) == {(10, 120, 60)}
    middle = (TILE // 2, TILE // 4)
    assert heat.getpixel(middle) != contours.getpixel(middle) == (10, 120, 60)
    assert np.asarray(heat_layer(spot(4, 4), (90, 90)))[45, 45, 3] > 200


def test_a_few_very_hot_pixels_leave_the_others_visible():
    heat = torch.rand(100, 100, generator=torch.Generator().manual_seed(1)) * 0.05
    heat[10, 10] = heat[50, 70] = 1.0
    alpha = np.asarray(heat_layer(heat, (100, 100)))[..., 3]
    assert alpha[10, 10] == alpha.max() > 200
    # Of values up to a twentieth of the two, half are above half of the full colour's.
    assert 0.4 < (alpha > 0.57 * alpha.max()).mean() < 0.6
    assert np.asarray(contour_layer(heat, (100, 100)))[..., 3].any()


def test_the_hottest_half_percent_has_the_full_colour_and_order_stays():
    heat = torch.linspace(0, 1, 10_000).reshape(100, 100)
    seen = brightened(enlarged(heat, (100, 100)))
    assert (seen == 1).sum() == 50
    assert (np.diff(seen.ravel()) >= 0).all()


def test_a_map_of_fewer_hot_pixels_stays_as_it_is():
    heat = torch.zeros(100, 100)
    heat[5, 5] = 0.8
    values = enlarged(heat, (100, 100))
    assert (brightened(values) == values).all()
