"""The page as PDF, printed by Chromium where it is installed."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from experiments.files import write_atomically

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_LONGEST_S = 120


class NoPdf(Exception):
    """A PDF can't be made. The message says what is missing and how to get it."""


def find_chromium() -> str | None:
    """Return the browser: `LARUS_CHROMIUM`, else the first known name on the path."""
    named = os.environ.get("LARUS_CHROMIUM")
    return named or next((found for name in _NAMES if (found := shutil.which(name))), None)


def print_pdf(page: Path, pdf: Path) -> None:
    """Print an HTML file.

    Raises
    ------
    NoPdf
        When there is no Chromium, or it fails.
    """
    browser = find_chromium()
    if browser is None:
        raise NoPdf(
            "No PDF: Chromium is missing. Install it (Debian: apt-get install chromium), or name "
            "it in LARUS_CHROMIUM; report.html prints the same from any browser."
        )
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "report.pdf"
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-sandbox",  # it opens one file of ours, which loads nothing
            "--disable-background-networking",
            f"--user-data-dir={scratch}/profile",
            "--no-pdf-header-footer",
            f"--print-to-pdf={made}",
            page.resolve().as_uri(),
        ]
        try:
            ran = subprocess.run(command, capture_output=True, timeout=_LONGEST_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoPdf(f"No PDF: {browser} can't print the page: {error}.") from error
        if ran.returncode or not made.is_file():
            last = ran.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no reason"]
            raise NoPdf(f"No PDF: {browser} failed: {last[0]}.")
        write_atomically(pdf, made.read_bytes())
