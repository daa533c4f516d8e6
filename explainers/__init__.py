"""From pictures and a network to explanations: image sets, networks, methods, scores."""

__version__ = "0.1.0"
