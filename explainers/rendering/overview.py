"""A contact sheet of a stimulus folder, for the researcher's eye."""

from pathlib import Path

from PIL import Image, ImageDraw

from experiments.manifest import Manifest
from explainers.rendering.layer import overlay

_TILE = 160
_CAPTION = 28
_MOST_ROWS = 40


def overview(folder: Path, manifest: Manifest) -> Image.Image:
    """Return rows of picture and overlays, captioned with species and what the network says."""
    stimuli = manifest.stimuli[:: max(1, len(manifest.stimuli) // _MOST_ROWS)][:_MOST_ROWS]
    names = list(dict.fromkeys(name for s in stimuli for name in s.explanations))
    height = _TILE + _CAPTION
    sheet = Image.new("RGB", ((len(names) + 1) * _TILE, height * len(stimuli)), "white")
    pen = ImageDraw.Draw(sheet)
    for row, stimulus in enumerate(stimuli):
        picture = Image.open(folder / stimulus.picture.path)
        sheet.paste(picture.convert("RGB").resize((_TILE, _TILE)), (0, row * height))
        said = f"network: {stimulus.predicted_species} {stimulus.predicted_probability:.2f}"
        pen.text((3, row * height + _TILE), f"{stimulus.key}\n{said}", "black", font_size=10)
        for column, name in enumerate(names, start=1):
            if name not in stimulus.explanations:
                continue
            entry = stimulus.explanations[name]
            tile = overlay(picture, Image.open(folder / entry.layer.path)).resize((_TILE, _TILE))
            sheet.paste(tile, (column * _TILE, row * height))
            told = name if entry.source is None else f"{name}\nof {entry.source}"
            pen.text((column * _TILE + 3, row * height + _TILE), told, "black", font_size=10)
    return sheet
