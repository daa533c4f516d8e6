"""The report in a real browser: strict, narrow and wide, and on paper."""

import shutil
import subprocess

import pytest

from analysis.report import NoPdf, print_pdf, write_report
from analysis.report.pdf import find_chromium
from tests.unit.analysis.simulated_exports import simulate_export

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory):
    """A pilot of bots alone, which every page must say."""
    folder = tmp_path_factory.mktemp("rehearsal")
    simulate_export(folder / "export", participants=24, stage="pilot", is_bot=True)
    write_report(folder / "export", folder)
    return folder


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_loads_nothing_breaks_no_policy_and_fits(browser, rehearsal, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((rehearsal / "report.html").as_uri())
    assert said == []
    assert asked == [(rehearsal / "report.html").as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # The style sheet that the policy names was applied, and figures keep their colours.
    assert page.locator(".marks").evaluate("e => getComputedStyle(e).position") == (
        "static" if width < 640 else "sticky"
    )
    assert page.locator("figure svg").count() >= 5
    fills = page.locator("figure svg use[fill]").evaluate_all(
        "marks => marks.map(mark => getComputedStyle(mark).fill)"
    )
    assert {"rgb(0, 114, 178)", "rgb(213, 94, 0)", "rgb(0, 158, 115)"} <= set(fills)


def test_every_printed_page_says_loudly_what_the_data_are(rehearsal, tmp_path):
    if find_chromium() is None:
        pytest.skip("CHROMIUM ABSENT: install the Debian package chromium, or set LARUS_CHROMIUM")
    pdf = tmp_path / "report.pdf"
    print_pdf(rehearsal / "report.html", pdf)
    assert pdf.read_bytes().startswith(b"%PDF-")
    if shutil.which("pdftotext") is None:
        pytest.skip("PDFTOTEXT ABSENT: install the Debian package poppler-utils to read the PDF")
    text = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout
    pages = text.rstrip("\f").split("\f")
    assert len(pages) > 5
    for number, page in enumerate(pages, start=1):
        assert "SIMULATED PARTICIPANTS · PILOT DATA" in page, number
        assert f"{number} / {len(pages)}" in page


def test_without_a_browser_one_line_says_what_is_missing(rehearsal, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("LARUS_CHROMIUM", raising=False)
    with pytest.raises(NoPdf, match="apt-get install chromium"):
        print_pdf(rehearsal / "report.html", tmp_path / "report.pdf")
    monkeypatch.setenv("LARUS_CHROMIUM", str(tmp_path / "absent"))
    with pytest.raises(NoPdf, match="can't print the page"):
        print_pdf(rehearsal / "report.html", tmp_path / "report.pdf")
    assert not (tmp_path / "report.pdf").exists()
