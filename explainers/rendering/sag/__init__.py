"""A Structured Attention Graph as pictures, as drawing and in words."""

from explainers.rendering.sag.still import graph_picture
from explainers.rendering.sag.vector import graph_svg

__all__ = ["graph_picture", "graph_svg"]
