"""Figures as SVG that a strict page may hold: no style attributes, no ids that nothing names."""

import io
import re
from html import escape

import matplotlib as mpl
from matplotlib.figure import Figure

FONTS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
_STYLE = re.compile(r'style="([^"]*)"')
_FONT = re.compile(r"(?:(italic|oblique)\s+)?(?:(bold|\d{3})\s+)?([\d.]+)px")
_ID = re.compile(r' id="([^"]+)"')


def svg_of(figure: Figure, name: str, told: str) -> str:
    """Return a figure as SVG text, the same bytes for the same figure.

    Parameters
    ----------
    name
        Salts the ids, so that figures on one page share none.
    told
        What it shows, for those who can't see it.
    """
    stream = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with mpl.rc_context({"svg.hashsalt": f"larus {name}", "svg.fonttype": "none"}):
        figure.savefig(stream, format="svg", bbox_inches="tight", pad_inches=0.04, metadata=nothing)
    text = stream.getvalue()
    return _strict(text[text.index("<svg") :], told)


def png_of(figure: Figure, dpi: int = 300) -> bytes:
    """Return a figure as PNG, for programs that read no SVG."""
    stream = io.BytesIO()
    figure.savefig(
        stream, format="png", dpi=dpi, bbox_inches="tight", pad_inches=0.04, facecolor="white"
    )
    return stream.getvalue()


def _strict(svg: str, told: str) -> str:
    # Matplotlib's one style sheet says this of everything.
    svg = re.sub(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>\s*", "", svg, flags=re.DOTALL)
    root = f'<svg role="img" aria-label="{escape(told)}" stroke-linejoin="round" '
    svg = svg.replace("<svg ", root + 'stroke-linecap="butt" ', 1)
    svg = _STYLE.sub(lambda found: _attributes(found[1]), svg)
    named = set(re.findall(r"#([\w-]+)", svg))
    return _ID.sub(lambda found: found[0] if found[1] in named else "", svg)


def _attributes(style: str) -> str:
    told = []
    for declaration in filter(None, (part.strip() for part in style.split(";"))):
        name, value = (part.strip() for part in declaration.split(":", 1))
        if name == "font":
            told += _font(value)
        elif name == "font-family":
            told.append(f'font-family="{FONTS}"')
        else:
            told.append(f'{name}="{value}"')
    return " ".join(told)


def _font(value: str) -> list[str]:
    found = _FONT.match(value)
    if found is None:
        raise ValueError(f"not a font as matplotlib writes it: {value}")
    slant, weight, size = found.groups()
    told = [f'font-size="{size}"', f'font-family="{FONTS}"']
    if slant:
        told.append(f'font-style="{slant}"')
    if weight:
        told.append(f'font-weight="{weight}"')
    return told
