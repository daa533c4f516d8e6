"""A tab of a Chromium without a window, driven by its DevTools protocol."""

import base64
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import websocket

from experiments.chromium import OPTIONS

_PATIENCE_S = 30
# The player has shown the page, or there is none on it.
_IS_SHOWN = """
  document.readyState === "complete" && document.documentElement.dataset.player !== "awaited"
  && !document.querySelector(".veiled") && document.querySelector("#waiting")?.hidden !== false
"""


class NoPicture(Exception):
    """Chromium failed. The message says how."""


class Tab:
    """What is asked of it is answered before the next question."""

    def __init__(self, address: str, headers: Mapping[str, str]) -> None:
        self._line = websocket.create_connection(
            address,
            timeout=_PATIENCE_S,
            # Chromium refuses callers that say they are a web page.
            suppress_origin=True,
            # It goes letter by letter, and what is read as text is checked anyway.
            skip_utf8_validation=True,
        )
        self._asked = 0
        self.ask("Network.enable")
        self.ask("Network.setExtraHTTPHeaders", headers=dict(headers))

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol."""
        self._asked += 1
        asked = json.dumps({"id": self._asked, "method": method, "params": parameters})
        try:
            self._line.send(asked)
            while True:  # events come in between
                said: dict[str, Any] = json.loads(self._line.recv())
                if said.get("id") == self._asked:
                    break
        except (OSError, ValueError, websocket.WebSocketException) as error:
            raise NoPicture(f"Chromium does not answer to {method}: {error}.") from error
        if "error" in said:
            raise NoPicture(f"{method}: {said['error']['message']}.")
        result: dict[str, Any] = said["result"]
        return result

    def show(self, address: str, width: int, height: int) -> None:
        """Open a page in a window of that size and wait until it is shown."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1}
        self.ask("Emulation.setDeviceMetricsOverride", mobile=width < 600, **size)
        self.ask("Page.navigate", url=address)
        last = time.monotonic() + _PATIENCE_S
        while not self._is_shown():
            if time.monotonic() > last:
                raise NoPicture(f"{address} was not shown within {_PATIENCE_S} s.")
            time.sleep(0.1)

    def picture(self) -> bytes:
        """The whole page as PNG, also what one would have to scroll to."""
        whole = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": whole["width"], "height": whole["height"], "scale": 1}
        taken = self.ask("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        return base64.b64decode(taken["data"])

    def _is_shown(self) -> bool:
        found = self.ask("Runtime.evaluate", expression=_IS_SHOWN)["result"]
        return found.get("value") is True


@contextmanager
def chromium_tab(browser: str, headers: Mapping[str, str]) -> Iterator[Tab]:
    """A browser with a profile of its own, gone with it when the block ends.

    It sends `headers` with all that it asks for.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [browser, *OPTIONS, "--hide-scrollbars", "--remote-debugging-port=0"]
        command += [f"--user-data-dir={profile}", "about:blank"]
        try:
            running = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            raise NoPicture(f"{browser} can't be started: {error.strerror}.") from error
        try:
            yield Tab(_address(running, Path(profile) / "DevToolsActivePort"), headers)
        finally:
            _end(running)


def _end(running: "subprocess.Popen[bytes]") -> None:
    running.terminate()
    try:
        running.wait(timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()


def _address(running: "subprocess.Popen[bytes]", told: Path) -> str:
    """Chromium writes down on which port it listens."""
    last = time.monotonic() + _PATIENCE_S
    while not (told.is_file() and len(told.read_text().splitlines()) > 1):
        if running.poll() is not None or time.monotonic() > last:
            raise NoPicture(f"Chromium did not start (exit status {running.poll()}).")
        time.sleep(0.1)
    port = int(told.read_text().splitlines()[0])
    try:
        with urlopen(f"http://127.0.0.1:{port}/json/list", timeout=_PATIENCE_S) as listed:
            tabs = json.load(listed)
    except (OSError, ValueError) as error:
        raise NoPicture(f"Chromium does not say which tabs it has: {error}.") from error
    found = [tab["webSocketDebuggerUrl"] for tab in tabs if tab.get("type") == "page"]
    if not found:
        raise NoPicture("Chromium has opened no tab.")
    return str(found[0])
