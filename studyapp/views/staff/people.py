"""The people of a study: who is in it, who was invited."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from studyapp.enums import Role
from studyapp.exceptions import RoleRefused
from studyapp.forms.people import InvitationForm, UnblindingForm
from studyapp.models import Study, StudyRole
from studyapp.selectors.people import open_invitations, roles_in
from studyapp.selectors.permissions import Permission
from studyapp.services.people import give_role, invite, take_role
from studyapp.views.staff.access import study_page


@require_http_methods(["GET", "HEAD", "POST"])
@study_page(Permission.MANAGE_PEOPLE)
def people(request: HttpRequest, study: Study) -> HttpResponse:
    """A new link is shown once, in the answer to the form that asked for it."""
    form = InvitationForm(request.POST or None)
    link = None
    if request.method == "POST" and form.is_valid():
        token = invite(
            invitee=form.cleaned_data["invitee"],
            study=study,
            role=Role(form.cleaned_data["role"]),
            days=form.cleaned_data["days"],
        )
        link = request.build_absolute_uri(reverse("staff-invitation", args=[token]))
        form = InvitationForm()
    context = {
        "study": study,
        "roles": roles_in(study),
        "invitations": open_invitations(study),
        "form": form,
        "link": link,
    }
    return render(request, "staff/people.html", context)


@require_POST
@study_page(Permission.MANAGE_PEOPLE)
def take(request: HttpRequest, study: Study, pk: int) -> HttpResponse:
    """Take a role away. The last owner's stays."""
    given = get_object_or_404(StudyRole.objects.select_related("user"), pk=pk, study=study)
    user: User = given.user
    try:
        take_role(user=user, study=study, role=Role(given.role))
    except RoleRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("staff-people", slug=study.slug)


@require_POST
@study_page(Permission.MANAGE_PEOPLE)
def unblind(request: HttpRequest, study: Study, pk: int) -> HttpResponse:
    """Let an analyst see arms and outcomes from now on. The reason stays in the audit log."""
    blinded = StudyRole.objects.select_related("user").filter(role=Role.ANALYST_BLINDED)
    given = get_object_or_404(blinded, pk=pk, study=study)
    form = UnblindingForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nobody was unblinded: say why, the reason stays in the log.")
        return redirect("staff-people", slug=study.slug)
    reason = form.cleaned_data["reason"]
    try:
        give_role(user=given.user, study=study, role=Role.ANALYST_UNBLINDED, reason=reason)
    except RoleRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{given.user.get_username()} sees outcomes from now on.")
    return redirect("staff-people", slug=study.slug)
