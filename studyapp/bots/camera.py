"""Pictures of the pages that participants meet, taken of the real pages by Chromium."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from django.urls import reverse

from experiments.chromium import OPTIONS
from studyapp.models import StudySession
from studyapp.selectors.progress import Page

_SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
_LONGEST_S = 60
# Time that passes in the page, not for us: until pictures are decoded and shown.
_IN_THE_PAGE_MS = 8000


class NoPicture(Exception):
    """Chromium failed. The message says how."""


@dataclass
class Camera:
    """Takes each kind of page once, at the size of a phone and of a desktop.

    Attributes
    ----------
    browser
        Chromium's program.
    server
        Where pages are served, without a slash at the end.
    folder
        Pictures are named so that they sort as participants meet the pages.
    profile
        A folder of Chromium's own, so that all pictures are of one device.
    """

    browser: str
    server: str
    folder: Path
    profile: Path
    _taken: set[str] = field(default_factory=set)

    def look(self, session: StudySession, page: Page) -> None:
        """Photograph the page a session stands at, if none like it was."""
        self.take(_name(page), reverse("run", args=[session.token]))

    def take(self, name: str, address: str) -> None:
        """Photograph a page under a name that none has yet."""
        if name in self._taken:
            return
        self._taken.add(name)
        self.folder.mkdir(parents=True, exist_ok=True)
        for size, (width, height) in _SIZES.items():
            file = self.folder / f"{len(self._taken):02}-{name}-{size}.png"
            self._photograph(self.server + address, file, width, height)

    def _photograph(self, address: str, file: Path, width: int, height: int) -> None:
        command = [
            self.browser,
            *OPTIONS,
            "--hide-scrollbars",
            f"--user-data-dir={self.profile}",
            f"--window-size={width},{height}",
            f"--virtual-time-budget={_IN_THE_PAGE_MS}",
            f"--screenshot={file}",
            address,
        ]
        try:
            ran = subprocess.run(command, capture_output=True, timeout=_LONGEST_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoPicture(f"{self.browser} can't show a page: {error}.") from error
        if ran.returncode or not file.is_file():
            last = ran.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no reason"]
            raise NoPicture(f"{self.browser} failed: {last[0]}.")


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
