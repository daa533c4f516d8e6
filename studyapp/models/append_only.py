"""Rows that are written once."""

from typing import Any

from django.db import models

from studyapp.exceptions import Immutable


class AppendOnly(models.Model):
    """Refuses a second save and any deletion of one row.

    Withdrawal with deletion goes through `services.withdrawal`, the only place that deletes
    a participant's answers, by queryset; `services.rehearsals` deletes what was tried out.
    """

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Immutable(f"{type(self).__name__} {self.pk} was written once and stays.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Immutable(f"{type(self).__name__} {self.pk} was written once and stays.")
