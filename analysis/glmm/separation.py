"""Answers that the fixed effects predict without error, so that estimates run to infinity."""

import numpy as np
from scipy.optimize import linprog

from analysis.glmm.coding import Floats

# A fit with a margin so wide is looked at: the odds are a million to one.
_SUSPICIOUS = 14.0
_SEPARATED = 1e-6


def is_separated(margins: Floats, parameters: Floats) -> bool:
    """Say whether some direction of the parameters never contradicts an answer and helps some.

    It is sought as a linear program (Konis 2007, section 4): maximise the sum of all margins'
    changes, every one at least zero, with the direction in a box. What is separated without random
    effects is separated with them, because the likelihood rises along the direction whatever the
    random effects are.

    Parameters
    ----------
    margins
        (margins, parameters), as `Family.margins` returns them.
    parameters
        Of the fit without random effects: the program is solved only where one has run away.
    """
    if np.abs(margins @ parameters).max(initial=0.0) < _SUSPICIOUS:
        return False
    scaled = np.unique(margins / np.abs(margins).max(axis=0), axis=0)
    found = linprog(
        -scaled.sum(axis=0), A_ub=-scaled, b_ub=np.zeros(len(scaled)), bounds=(-1.0, 1.0)
    )
    return bool(found.status == 0 and -found.fun > _SEPARATED)
