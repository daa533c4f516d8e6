"""What can stop an analysis."""


class ExportError(Exception):
    """An export folder can't be analysed. The message says what is wrong, where, and what to do."""


class FormulaError(Exception):
    """A formula can't be read. The message names the part of it and says what to write instead."""


class FitError(Exception):
    """A model can't be fitted to a table. The message names the column and says what to do."""


class PowerError(Exception):
    """A power simulation can't be run. The message says why and what to do."""


class TableError(Exception):
    """A table of trials can't be read. The message names file, column and rows."""
