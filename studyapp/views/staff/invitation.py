"""The one page of the staff area that somebody without an account may see: an invitation."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from studyapp.exceptions import InvitationRefused
from studyapp.forms.people import NewPersonForm
from studyapp.selectors.people import invitation_of, still_works
from studyapp.services.people import accept_as_new_person, accept_invitation


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """A new person chooses a name and a password; who has an account signs in and accepts."""
    found = invitation_of(token)
    if found is None or not still_works(found):
        return render(request, "staff/invitation_over.html", status=410)
    try:
        if request.user.is_authenticated:
            if request.method == "POST":
                accept_invitation(token=token, user=request.user)
                return redirect("staff-home")
            return render(request, "staff/invitation.html", {"invitation": found})
        form = NewPersonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            accept_as_new_person(
                token=token,
                username=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
            )
            messages.success(request, "Your account is made. Sign in with it.")
            return redirect("account_login")
    except InvitationRefused:
        return render(request, "staff/invitation_over.html", status=410)
    return render(request, "staff/invitation.html", {"invitation": found, "form": form})
