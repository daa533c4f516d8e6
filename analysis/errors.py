"""What can stop an analysis."""


class ExportError(Exception):
    """An export folder can't be analysed. The message says what is wrong, where, and what to do."""
