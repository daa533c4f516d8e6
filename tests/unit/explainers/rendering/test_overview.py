from experiments.manifest import Manifest
from explainers.rendering.overview import _CAPTION, _GAP, _HEADER, _TILE, overview
from tests.factories import write_stimuli

RED = (176, 0, 32)


def with_wrong_answers(manifest: Manifest, *positions: int) -> Manifest:
    stimuli = [
        stimulus.model_copy(update={"predicted_species": "ivory_gull"})
        if number in positions
        else stimulus
        for number, stimulus in enumerate(manifest.stimuli)
    ]
    return manifest.model_copy(update={"stimuli": tuple(stimuli)})


def test_a_sheet_is_a_grid_of_three_a_row_with_wrong_answers_framed_and_first(tmp_path):
    manifest = with_wrong_answers(write_stimuli(tmp_path, each=4), 3, 5)
    sheet = overview(tmp_path, manifest)
    assert sheet.width <= 1600
    width, height = 3 * _TILE + _GAP, _TILE + _CAPTION
    assert sheet.size == (3 * width, _HEADER + 6 * height)
    corners = [
        sheet.getpixel((column * width, _HEADER + row * height))
        for row in range(6)
        for column in range(3)
    ]
    assert [corner == RED for corner in corners] == [True, True] + 16 * [False]


def test_of_many_stimuli_forty_are_shown_and_every_wrong_one_of_few(tmp_path):
    manifest = with_wrong_answers(write_stimuli(tmp_path, each=15), 0, 14)
    sheet = overview(tmp_path, manifest)
    assert sheet.height == _HEADER + 14 * (_TILE + _CAPTION)
