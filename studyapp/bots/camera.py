"""Pictures of the pages that participants meet, taken of the real pages."""

from dataclasses import dataclass, field
from pathlib import Path

from django.urls import reverse

from experiments.files import write_atomically
from studyapp.bots.tab import Tab
from studyapp.models import StudySession
from studyapp.selectors.progress import Page

_SIZES = {"phone": (390, 844), "desktop": (1280, 900)}


@dataclass
class Camera:
    """Takes each kind of page once, as a phone and as a desktop show it.

    Attributes
    ----------
    tab
        The browser: all pictures are of one device.
    server
        Where pages are served, without a slash at the end.
    folder
        Pictures are named so that they sort as participants meet the pages.
    """

    tab: Tab
    server: str
    folder: Path
    _taken: set[str] = field(default_factory=set)

    def look(self, session: StudySession, page: Page) -> None:
        """Photograph the page a session stands at, if none like it was."""
        self.take(_name(page), reverse("run", args=[session.token]))

    def take(self, name: str, address: str) -> None:
        """Photograph a page under a name that none has yet."""
        if name in self._taken:
            return
        self._taken.add(name)
        for size, (width, height) in _SIZES.items():
            self.tab.show(self.server + address, width, height)
            file = self.folder / f"{len(self._taken):02}-{name}-{size}.png"
            write_atomically(file, self.tab.picture())


def _name(page: Page) -> str:
    """Tells pages apart that look different; feedback is the same in every condition."""
    if page.trial is None:
        return page.stage.key if page.kind == "stage" else page.kind
    parts = [page.stage.key]
    if page.kind != "trial":
        parts.append(page.kind)
    elif page.trial.stimulus is None:
        parts.append("check")
    else:
        parts += [page.trial.condition, *(["first"] if page.is_first else [])]
    return "-".join(parts)
