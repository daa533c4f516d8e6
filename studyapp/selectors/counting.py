"""Figures of related rows as subqueries: joined, they would multiply each other."""

from django.db.models import Count, IntegerField, Max, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce


def latest(of: type[Model], path: str, field: str) -> Subquery:
    """The last moment among the rows that lead to the outer one by `path`."""
    rows = of._default_manager.filter(**{path: OuterRef("pk")}).order_by().values(path)
    return Subquery(rows.annotate(latest=Max(field)).values("latest"))


def count_of(rows: QuerySet[Model], path: str) -> Coalesce:
    """How many rows lead to the outer one by `path`."""
    own = rows.filter(**{path: OuterRef("pk")}).order_by().values(path)
    counted = Subquery(own.annotate(count=Count("pk")).values("count"), IntegerField())
    return Coalesce(counted, 0)
