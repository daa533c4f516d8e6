"""Who may do what: one table, and the questions that are asked of it."""

from collections.abc import Mapping
from enum import StrEnum

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from studyapp.enums import Role, StudyStage
from studyapp.models import Study, StudyRole


class Permission(StrEnum):
    """Something to be done in a study."""

    SEE_STUDY = "see the study"
    DESIGN = "design and preview it"
    MOVE = "freeze it and move it through its stages"
    MONITOR = "watch how it runs, without outcomes by arm"
    DECIDE = "reject submissions, release places, give extra bonuses"
    EXPORT = "export its data once it is closed"
    SEE_OUTCOMES = "see arms and outcomes while it runs"
    SEE_PERSONAL_DATA = "see the recruiter's ids, each look logged"
    MANAGE_PEOPLE = "invite people and take roles away"
    SEE_AUDIT = "read what was done in it"


PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    # Who runs a study stays blind like everybody who could influence it.
    Role.OWNER: frozenset(Permission) - {Permission.SEE_OUTCOMES},
    Role.DESIGNER: frozenset({Permission.SEE_STUDY, Permission.DESIGN}),
    Role.MONITOR: frozenset(
        {Permission.SEE_STUDY, Permission.MONITOR, Permission.SEE_PERSONAL_DATA}
    ),
    Role.ANALYST_BLINDED: frozenset({Permission.SEE_STUDY, Permission.EXPORT}),
    Role.ANALYST_UNBLINDED: frozenset(
        {Permission.SEE_STUDY, Permission.EXPORT, Permission.SEE_OUTCOMES}
    ),
}
# Administrators look after accounts. What is inside a study they see by a role in it, like others.
ADMINISTRATOR = frozenset({Permission.SEE_STUDY, Permission.MANAGE_PEOPLE, Permission.SEE_AUDIT})

Person = AbstractBaseUser | AnonymousUser


def permissions_in(study: Study, person: Person) -> frozenset[Permission]:
    """Everything a person may do in a study. Somebody whose account was closed may do nothing."""
    if not (person.is_authenticated and person.is_active):
        return frozenset()
    roles = StudyRole.objects.filter(study=study, user_id=person.pk).values_list("role", flat=True)
    allowed = frozenset[Permission]().union(*(PERMISSIONS[Role(role)] for role in roles))
    return allowed | ADMINISTRATOR if getattr(person, "is_superuser", False) else allowed


def may(person: Person, permission: Permission, study: Study) -> bool:
    """Whether a person may do something in a study."""
    return permission in permissions_in(study, person)


def may_export(person: Person, study: Study) -> bool:
    """An export tells arms and outcomes: while a study runs it is for who may see those."""
    allowed = permissions_in(study, person)
    is_closed = study.stage == StudyStage.CLOSED
    return Permission.EXPORT in allowed and (is_closed or Permission.SEE_OUTCOMES in allowed)
