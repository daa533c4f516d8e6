"""The one error a user can cause. Everything else is a bug and keeps its traceback."""


class ExplainersError(Exception):
    """Wrong input: the message says what, where, and what to do about it."""
