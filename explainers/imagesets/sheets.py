"""Contact sheets: some pictures of every species, to look at."""

from PIL import Image, ImageDraw, ImageFont

from explainers.images import ImageRecord, ImageSet
from explainers.imagesets.gulls import DrawnGulls

_COLUMNS = 8
_TILE = 180
_GAP = 4
_CAPTION = 30


def contact_sheet(images: ImageSet) -> Image.Image:
    """Return pictures of each species, a captioned row each; drawn gulls in every pose."""
    widest = max(len(_chosen(images, species.key)) for species in images.species)
    row_height = _TILE + _CAPTION + _GAP
    size = (widest * (_TILE + _GAP) + _GAP, len(images.species) * row_height + _GAP)
    sheet = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(20)
    for row, species in enumerate(images.species):
        top = row * row_height
        number = sum(record.species == species.key for record in images.records)
        pen.text((_GAP + 2, top + 4), f"{species.name}  ({number})", fill="black", font=font)
        for column, record in enumerate(_chosen(images, species.key)):
            tile = images.open(record).resize((_TILE, _TILE), Image.Resampling.LANCZOS)
            sheet.paste(tile, (_GAP + column * (_TILE + _GAP), top + _CAPTION))
    return sheet


def _chosen(images: ImageSet, species: str) -> list[ImageRecord]:
    if isinstance(images, DrawnGulls):
        return images.assorted(species, _COLUMNS)
    return [record for record in images.records if record.species == species][:_COLUMNS]
