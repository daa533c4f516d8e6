"""Explanation methods, one a file; `explainers.registry` lists them."""
