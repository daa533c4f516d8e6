"""The page as PDF, printed by Chromium where it is installed."""

import subprocess
import tempfile
from pathlib import Path

from experiments.chromium import HOW_TO_GET, OPTIONS, find_chromium
from experiments.files import write_atomically

_LONGEST_S = 120


class NoPdf(Exception):
    """A PDF can't be made. The message says what is missing and how to get it."""


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
            f"No PDF: Chromium is missing. {HOW_TO_GET}; "
            "report.html prints the same from any browser."
        )
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "report.pdf"
        command = [
            browser,
            *OPTIONS,
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
