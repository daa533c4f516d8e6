"""A contact sheet of a stimulus folder, for the researcher's eye."""

import textwrap
from pathlib import Path

from PIL import Image, ImageDraw

from experiments.manifest import Manifest, ManifestStimulus
from explainers.rendering.layer import overlay

_TILE = 160
_CAPTION = 64
# Of a letter of the captions, about, in pixels.
_LETTER = 6
_HEADER = 24
_GAP = 12
_WIDEST = 1600
_MOST_STIMULI = 40
_WRONG = "#b00020"


def overview(folder: Path, manifest: Manifest) -> Image.Image:
    """Return a grid of stimuli, each a picture with its overlays; wrong answers come first."""
    wrong = [stimulus for stimulus in manifest.stimuli if _is_wrong(stimulus)]
    right = [stimulus for stimulus in manifest.stimuli if not _is_wrong(stimulus)]
    shown = [*_spread(wrong, _MOST_STIMULI), *_spread(right, _MOST_STIMULI - len(wrong))]
    names = list(dict.fromkeys(name for stimulus in shown for name in stimulus.explanations))
    tile = min(_TILE, (_WIDEST - _GAP) // (len(names) + 1))
    width, height = (len(names) + 1) * tile + _GAP, tile + _CAPTION
    columns = max(1, min(len(shown), _WIDEST // width))
    rows = -(-len(shown) // columns)
    sheet = Image.new("RGB", (columns * width, _HEADER + rows * height), "white")
    count = f"{len(shown)} of {len(manifest.stimuli)} pictures"
    told = f"{count}; the network answers {len(wrong)} wrongly"
    ImageDraw.Draw(sheet).text((3, 4), told, "black", font_size=13)
    for position, stimulus in enumerate(shown):
        row, column = divmod(position, columns)
        place = (column * width, _HEADER + row * height)
        sheet.paste(_strip(folder, stimulus, names, tile), place)
    return sheet


def _is_wrong(stimulus: ManifestStimulus) -> bool:
    return stimulus.predicted_species != stimulus.true_species


def _spread(stimuli: list[ManifestStimulus], most: int) -> list[ManifestStimulus]:
    """At most so many, from all over the list."""
    kept = min(len(stimuli), max(0, most))
    return [stimuli[index * len(stimuli) // kept] for index in range(kept)]


def _strip(folder: Path, stimulus: ManifestStimulus, names: list[str], tile: int) -> Image.Image:
    """The picture and its overlays side by side, each with its caption."""
    strip = Image.new("RGB", ((len(names) + 1) * tile, tile + _CAPTION), "white")
    pen = ImageDraw.Draw(strip)
    picture = Image.open(folder / stimulus.picture.path)
    strip.paste(picture.convert("RGB").resize((tile, tile)), (0, 0))
    said = f"{stimulus.predicted_species} {stimulus.predicted_probability:.2f}"
    colour, verdict = (_WRONG, "WRONG:") if _is_wrong(stimulus) else ("black", "network:")
    told = "\n".join(_wrapped(line, tile) for line in (stimulus.key, verdict, said))
    pen.text((3, tile + 1), told, colour, font_size=10)
    if _is_wrong(stimulus):
        pen.rectangle((0, 0, tile - 1, tile - 1), outline=_WRONG, width=4)
    for column, name in enumerate(names, start=1):
        entry = stimulus.explanations.get(name)
        if entry is None:
            continue
        layer = Image.open(folder / entry.layer.path)
        strip.paste(overlay(picture, layer).resize((tile, tile)), (column * tile, 0))
        lines = [name] if entry.source is None else [f"{name} of", entry.source]
        told = "\n".join(_wrapped(line, tile) for line in lines)
        pen.text((column * tile + 3, tile + 1), told, "black", font_size=10)
    return strip


def _wrapped(line: str, tile: int) -> str:
    """Return a line broken to the width of a tile."""
    return textwrap.fill(line, (tile - 6) // _LETTER)
