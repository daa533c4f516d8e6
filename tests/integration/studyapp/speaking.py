"""Speaking with a session as the player does, without a browser."""

import uuid

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from studyapp.models import StudySession


class Speaker:
    """One device at one session."""

    def __init__(self, session: StudySession, device: uuid.UUID | None = None) -> None:
        self.session = session
        self.device = device or uuid.uuid4()
        self._client = Client()

    def post(self, what: str, said) -> HttpResponse:
        address = reverse(f"api-{what}", args=[self.session.token])
        return self._client.post(address, said, content_type="application/json")

    def block(self, **said) -> HttpResponse:
        return self.post("block", {"device": str(self.device), **said})

    def trials(self) -> list[dict]:
        return self.block().json()["trials"]

    def answer(self, asked: dict, pick: int = 0, /, **said) -> HttpResponse:
        return self.post("responses", {**self.answer_to(asked, pick), **said})

    def answer_to(self, trial: dict, pick: int = 0) -> dict:
        """What the player sends; the first species unless another is asked for."""
        return {
            "device": str(self.device),
            "key": trial["key"],
            "trial": trial["uid"],
            "choice": trial["choices"][pick]["key"],
            "confidence": 1 if trial["confidence_levels"] else None,
            "rt_ms": 812.5,
            "timing": {
                "submitted_ms": 1000.25,
                "onset_method": "decoded_two_frames",
                "refresh_ms": 16.7,
                "device_pixel_ratio": 2,
                "hidden_spans": [[10, 20.5]],
                "reloads": 0,
            },
        }

    def state(self) -> dict:
        address = reverse("api-state", args=[self.session.token])
        return self._client.get(address, {"device": str(self.device)}).json()


def problems(response: HttpResponse) -> dict[str, str]:
    return {one["field"]: one["message"] for one in response.json()["problems"]}
