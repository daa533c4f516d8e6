"""The doors of the staff area."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache

from studyapp.models import Draft, Study
from studyapp.selectors.drafts import decides, drafts_of
from studyapp.selectors.permissions import Permission, permissions_in
from studyapp.selectors.studies import real_studies
from studyapp.views.staff.refusals import not_allowed

View = Callable[..., HttpResponseBase]
DraftView = Callable[Concatenate[HttpRequest, Draft, ...], HttpResponseBase]
StudyView = Callable[Concatenate[HttpRequest, Study, ...], HttpResponseBase]
_SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def staff_page(view: View) -> View:
    """For people who signed in, with a second factor where it is required."""

    @never_cache
    @login_required
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.REQUIRE_MFA and not is_mfa_enabled(request.user, _SECOND_FACTORS):
            return redirect("mfa_activate_totp")
        return view(request, *args, **kwargs)

    return page


def administrator_page(view: View) -> View:
    """For administrators; to others it is not there."""

    @staff_page
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not getattr(request.user, "is_superuser", False):
            raise Http404
        return view(request, *args, **kwargs)

    return page


def study_page(permission: Permission) -> Callable[[StudyView], View]:
    """For people who may do this in the study; to others it is not there."""

    def door(view: StudyView) -> View:
        @staff_page
        @wraps(view)
        def page(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
            study = real_studies().filter(slug=slug).first()
            allowed = permissions_in(study, request.user) if study else frozenset()
            if study is None or not allowed:
                raise Http404
            if permission not in allowed:
                return not_allowed(request)
            return view(request, study, **kwargs)

        return page

    return door


def draft_page(view: DraftView) -> View:
    """For people who work on the draft; to others it is not there."""

    @staff_page
    @wraps(view)
    def page(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponseBase:
        draft = get_object_or_404(drafts_of(request.user), pk=pk)
        return view(request, draft, **kwargs)

    return page


def own_draft_page(view: DraftView) -> View:
    """For whoever decides on the draft: its maker and administrators."""

    @draft_page
    @wraps(view)
    def page(request: HttpRequest, draft: Draft, **kwargs: Any) -> HttpResponseBase:
        if not decides(request.user, draft):
            return not_allowed(request)
        return view(request, draft, **kwargs)

    return page
