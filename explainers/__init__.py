"""Image sets, networks and explanations of what networks see: pure PyTorch, no Django.

Its product is a stimulus folder with a `manifest.json` (see `experiments.manifest`).
"""
