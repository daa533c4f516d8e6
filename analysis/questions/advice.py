"""Who took a classifier's answer, and whether it was right: what reliance and d' are counted from.

A judgement is of one of three kinds, told by the columns of a trial:

* `said_yes` and `signal`, each 0 or 1, of another program's table;
* yes or no to "is the classifier right?" (`choice` and `right_choice` are yes or no);
* a species chosen beside the classifier's: yes is `choice` equal to `advice_species`, and the
  signal is `advice_correct`.
"""

import pandas as pd

from analysis.questions.evidence import require
from experiments.schema import Protocol

_YES_NO = ("yes", "no")


def with_advice(trials: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Add the classifier's answer where the trial's condition showed it, and whether it was right.

    Conditions that show none are kept apart from wrong advice by empty cells, and so are trials
    whose answer is no species: nobody can take a species for advice by saying yes, or a letter.
    """
    advised = [key for key, shown in protocol.conditions.items() if shown.advice != "none"]
    names_species = trials["right_choice"] == trials["true_species"]
    is_advised = trials["condition"].isin(advised) & names_species
    is_right = (trials["predicted_species"] == trials["true_species"]).astype("float64")
    return trials.assign(
        advice_species=trials["predicted_species"].where(is_advised),
        advice_correct=is_right.where(is_advised),
    )


def judged_advice(trials: pd.DataFrame) -> pd.DataFrame:
    """Return the trials that are judgements, with `said_yes` and `signal`, each 0 or 1.

    Raises
    ------
    CannotAnswerError
        When trials hold none.
    """
    if "said_yes" in trials and "signal" in trials:
        judged = trials.dropna(subset=["said_yes", "signal"])
    elif "right_choice" in trials and trials["right_choice"].isin(_YES_NO).any():
        judged = trials[trials["right_choice"].isin(_YES_NO)]
        judged = judged.assign(
            said_yes=judged["choice"] == "yes", signal=judged["right_choice"] == "yes"
        )
    else:
        advice = {"advice_species": "advice", "advice_correct": "advice known to be right or wrong"}
        require(trials, {**advice, "choice": "a choice"})
        judged = trials.dropna(subset=["advice_species", "advice_correct"])
        taken = judged["choice"] == judged["advice_species"]
        judged = judged.assign(said_yes=taken, signal=judged["advice_correct"])
    return judged.assign(
        said_yes=judged["said_yes"].astype(int), signal=judged["signal"].astype(int)
    )
