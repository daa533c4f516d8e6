import numpy as np
import torch
from PIL import Image

from explainers.rendering.concepts import Concept, concept_panel, percent
from explainers.rendering.still import GAP, TILE
from explainers.rendering.strong_pictures import StrongPicture, strong_pictures
from explainers.rendering.training_curves import training_curves

GREEN = (10, 120, 60)


def concept(share=0.25, name="yellow bill"):
    heat = torch.zeros(9, 9)
    heat[4, 4] = 1
    return Concept("x2", name, share, heat, "A heatmap: hottest in the centre.")


def test_a_panel_has_the_picture_then_a_tile_and_a_bar_for_each_concept():
    panel = concept_panel(Image.new("RGB", (50, 50), GREEN), [concept(0.25), concept(0.75)])
    assert panel.width == 3 * TILE + 4 * GAP
    middle = GAP + TILE // 2
    assert panel.getpixel((middle, middle)) == GREEN
    pixels = np.asarray(panel).astype(int)
    for column, share in ((1, 0.25), (2, 0.75)):
        left = GAP + column * (TILE + GAP)
        assert panel.getpixel((left + TILE // 2, middle)) != GREEN
        assert panel.getpixel((left + 5, GAP + 5)) == GREEN
        bar = pixels[GAP + TILE + 40, left : left + TILE]
        filled = (bar[:, 0] - bar[:, 2] > 60).mean()
        assert abs(filled - share) < 0.01


def test_a_panel_without_concepts_says_so_and_is_as_wide_as_with_one():
    picture = Image.new("RGB", (80, 40))
    assert concept_panel(picture, []).size == concept_panel(picture, [concept()]).size


def test_a_long_name_is_cut_and_the_words_are_not():
    long = concept(name="a very long name " * 9)
    concept_panel(Image.new("RGB", (50, 50)), [long])
    assert long.alt == (f"{long.name}, 25 % of the evidence. A heatmap: hottest in the centre.")
    assert percent(0.914) == "91 %"


def test_a_sheet_shows_own_pictures_and_others_with_their_heat():
    heat = torch.ones(3, 3)
    shown = StrongPicture(Image.new("RGB", (40, 30), GREEN), "gull-1  2.0", heat)
    without = StrongPicture(shown.picture, shown.caption, None)
    both = strong_pictures("x1", [shown] * 4, [shown] * 4)
    assert both.width > strong_pictures("x1", [shown] * 4, []).width
    assert both.height > strong_pictures("x1", [without], [without]).height
    assert strong_pictures("x1", [], []).height < 50


def test_curves_have_a_panel_for_each_loss():
    one = training_curves(["a"], [[(1.0,), (0.5,)]])
    three = training_curves(["a", "b", "c"], [[(1.0, 2.0, 3.0), (0.5, 1.0, 1.0)]] * 2)
    assert three.width == 3 * one.width
