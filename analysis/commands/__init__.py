"""One module a sub-command of `python -m analysis`: `add_parser` and `run`."""
