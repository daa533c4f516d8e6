"""The sub-commands of `python -m explainers`: each module has `add_parser` and `run`."""
