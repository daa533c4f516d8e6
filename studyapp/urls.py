"""Addresses. None of them names a species, an arm or a condition."""

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path, register_converter

from studyapp.api import views as api
from studyapp.views import endings, entry, media, run
from studyapp.views.staff import (
    differences,
    dossier,
    drafts,
    editor,
    home,
    invitation,
    participant,
    people,
    preview,
    records,
    refusals,
    stimuli,
    study,
    watch,
    wizard,
)


class DigestConverter:
    """Sixty-four hexadecimal digits."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(DigestConverter, "digest")

account_pages: list[URLPattern | URLResolver] = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", account.password_change, name="account_change_password"),
    path("two-factor/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]


def dossier_pages(base: str, of: str, prefix: str) -> list[URLPattern]:
    """A draft's dossier has the same pages as a study's."""
    return [
        path(f"{base}dossier/", getattr(dossier.overview, of), name=f"{prefix}dossier"),
        path(f"{base}dossier/rehearse/", getattr(dossier.rehearse, of), name=f"{prefix}rehearse"),
        path(f"{base}dossier/power/", getattr(dossier.power, of), name=f"{prefix}power"),
        path(
            f"{base}dossier/preregistration/<slug:form>/",
            getattr(dossier.preregister, of),
            name=f"{prefix}preregistration",
        ),
        path(
            f"{base}dossier/files/<str:name>",
            getattr(dossier.file, of),
            name=f"{prefix}dossier-file",
        ),
    ]


staff_pages: list[URLPattern | URLResolver] = [
    path("", home.home, name="staff-home"),
    path("account/", include(account_pages)),
    path("audit/", records.whole_audit, name="staff-whole-audit"),
    path("invitation/<str:token>/", invitation.invitation, name="staff-invitation"),
    path("drafts/new/", wizard.start, name="staff-draft-new"),
    path("drafts/<int:pk>/basics/", wizard.basics, name="staff-draft-basics"),
    path("drafts/<int:pk>/arms/", wizard.arms, name="staff-draft-arms"),
    path("drafts/<int:pk>/pictures/", wizard.pictures, name="staff-draft-pictures"),
    path("drafts/<int:pk>/numbers/", wizard.numbers, name="staff-draft-numbers"),
    path("drafts/<int:pk>/", drafts.overview, name="staff-draft"),
    path("drafts/<int:pk>/edit/", editor.edit, name="staff-draft-edit"),
    path("drafts/<int:pk>/check/", editor.check, name="staff-draft-check"),
    path("drafts/<int:pk>/differences/", differences.compare, name="staff-draft-differences"),
    path("drafts/<int:pk>/download/", drafts.download, name="staff-draft-download"),
    path("drafts/<int:pk>/share/", drafts.share, name="staff-draft-share"),
    path("drafts/<int:pk>/share/<int:user>/end/", drafts.unshare, name="staff-draft-unshare"),
    path("drafts/<int:pk>/freeze/", drafts.freeze, name="staff-draft-freeze"),
    path("drafts/<int:pk>/delete/", drafts.delete, name="staff-draft-delete"),
    *dossier_pages("drafts/<int:pk>/", "of_draft", "staff-draft-"),
    path("drafts/<int:pk>/preview/<str:arm>/", preview.preview_draft, name="staff-draft-preview"),
    path("stimuli/", stimuli.sets, name="staff-stimuli"),
    path("stimuli/<slug:name>/", stimuli.pictures, name="staff-stimuli-set"),
    path("stimuli/<slug:name>/<str:key>/", stimuli.picture, name="staff-stimulus"),
    path("studies/<slug:slug>/", study.overview, name="staff-study"),
    path("studies/<slug:slug>/move/", study.move, name="staff-move"),
    path("studies/<slug:slug>/preview/<str:arm>/", preview.preview_study, name="staff-preview"),
    path("studies/<slug:slug>/export/", study.export, name="staff-export"),
    *dossier_pages("studies/<slug:slug>/", "of_study", "staff-"),
    path("studies/<slug:slug>/monitor/", watch.monitor, name="staff-monitor"),
    path("studies/<slug:slug>/cell/", watch.change_cell, name="staff-cell"),
    path("studies/<slug:slug>/participants/", watch.participants, name="staff-participants"),
    path(
        "studies/<slug:slug>/participants/<slug:code>/",
        participant.participant,
        name="staff-participant",
    ),
    path(
        "studies/<slug:slug>/participants/<slug:code>/reject/",
        participant.reject_participant,
        name="staff-reject",
    ),
    path(
        "studies/<slug:slug>/participants/<slug:code>/release/",
        participant.release_place,
        name="staff-release",
    ),
    path(
        "studies/<slug:slug>/participants/<slug:code>/bonus/",
        participant.pay_bonus,
        name="staff-bonus",
    ),
    path("studies/<slug:slug>/people/", people.people, name="staff-people"),
    path("studies/<slug:slug>/people/<int:pk>/take/", people.take, name="staff-take-role"),
    path("studies/<slug:slug>/people/<int:pk>/unblind/", people.unblind, name="staff-unblind"),
    path("studies/<slug:slug>/visits/", records.visits, name="staff-visits"),
    path("studies/<slug:slug>/payments/", records.payments, name="staff-payments"),
    path("studies/<slug:slug>/audit/", records.audit, name="staff-audit"),
]

urlpatterns = [
    path("", entry.study_list, name="study-list"),
    path("s/<slug:slug>/", entry.consent, name="consent"),
    path("s/<slug:slug>/declined/", entry.declined, name="declined"),
    path("run/<str:token>/", run.run, name="run"),
    path("run/<str:token>/continue/", run.go_on, name="continue"),
    path("run/<str:token>/screening/", run.screening, name="screening"),
    path("run/<str:token>/quiz/", run.quiz, name="quiz"),
    path("run/<str:token>/trial/<uuid:uid>/", run.answer_trial, name="trial"),
    path("run/<str:token>/feedback/<uuid:uid>/", run.leave_feedback, name="feedback"),
    path("run/<str:token>/break/<uuid:uid>/", run.leave_break, name="break"),
    path("run/<str:token>/questionnaire/", run.questionnaire, name="questionnaire"),
    path("run/<str:token>/withdraw/", run.withdraw, name="withdraw"),
    path("run/<str:token>/return/", endings.return_to_recruiter, name="return"),
    path("run/<str:token>/consent/", endings.consent_copy, name="consent-copy"),
    path("run/<str:token>/consent.txt", endings.consent_file, name="consent-file"),
    path("run/<str:token>/api/block/", api.block, name="api-block"),
    path("run/<str:token>/api/responses/", api.responses, name="api-responses"),
    path("run/<str:token>/api/events/", api.events, name="api-events"),
    path("run/<str:token>/api/state/", api.state, name="api-state"),
    path("media/<digest:sha256>", media.media, name="media"),
    path("staff/", include(staff_pages)),
]

handler429 = refusals.too_many_tries
