"""Where Chromium is: it prints the report and photographs pages."""

import os
import shutil

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_GET = "Install it (Debian: apt-get install chromium), or name its program in LARUS_CHROMIUM"
# It is shown pages of ours alone, and calls nobody.
OPTIONS = ("--headless", "--disable-gpu", "--no-sandbox", "--disable-background-networking")


def find_chromium() -> str | None:
    """Return the browser: `LARUS_CHROMIUM`, else the first known name on the path."""
    named = os.environ.get("LARUS_CHROMIUM")
    return named or next((found for name in _NAMES if (found := shutil.which(name))), None)
