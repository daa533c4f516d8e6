"""Classifiers with their species and preprocessing, kept as safetensors and a card."""

from explainers.networks.folder import load_network, save_network
from explainers.networks.network import Network, Preprocessing

__all__ = ["Network", "Preprocessing", "load_network", "save_network"]
