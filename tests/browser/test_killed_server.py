"""A server that is killed in mid-block loses nothing that it acknowledged."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.conftest import CHROMIUM

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.browser
@pytest.mark.slow
def test_no_acknowledged_answer_is_lost_when_the_server_is_killed():
    if CHROMIUM is None:
        pytest.skip("CHROMIUM ABSENT: install the Debian package chromium, or set LARUS_CHROMIUM")
    command = [sys.executable, "-m", "tests.load.kill_server", "--kills", "3"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
