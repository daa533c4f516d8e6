"""Explanation Neural Networks: a handful of x-features that tell one species (Qi et al. 2021)."""
