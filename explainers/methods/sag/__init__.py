"""Structured Attention Graphs (Shitole, Li, Kahng, Tadepalli & Fern 2021, arXiv 2011.06733)."""

from explainers.methods.sag.explainer import Sag
from explainers.methods.sag.settings import SagSettings

__all__ = ["Sag", "SagSettings"]
