"""When recruiting ends, declared before it begins."""

from datetime import date
from typing import Annotated

from pydantic import Field

from experiments.declared import Declared


class StopRule(Declared):
    """Ends recruiting of the main stage, by whichever comes first; who has begun may finish.

    Without a rule recruiting ends when every place has been given, which ends it in any case.
    """

    completed: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        default=None, description="so many have completed the study"
    )
    last_day: date | None = Field(default=None, description="the last day of recruiting, UTC")

    def has_stopped(self, *, completed: int, today: date) -> bool:
        """Tell whether nobody is recruited any more.

        Parameters
        ----------
        completed
            Sessions of the main stage that were completed.
        today
            In UTC.
        """
        enough = self.completed is not None and completed >= self.completed
        return enough or (self.last_day is not None and today > self.last_day)
