"""The page for browsers, in a browser: charts are drawn under its policy, and names run nothing."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import html as markup

from serving.board.pages.parts import DRAWN, name
from tests.serving.board import made

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LABELLED = 16
"""Of so many points at most each has its number beside it (page.js)."""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path; apt-get install chromium")
def test_a_browser_draws_every_chart_and_runs_no_name(home: Path, tmp_path: Path) -> None:
    """A failure here shows a leader white space, or runs what somebody wrote into the name of a product."""
    command = [str(CHROMIUM), "--headless=new", "--disable-gpu", f"--user-data-dir={tmp_path}"]
    command += ["--no-sandbox"] if os.geteuid() == 0 else []
    command += ["--virtual-time-budget=30000", "--dump-dom", (home / "pack" / "board.html").resolve().as_uri()]
    drawn = markup.document_fromstring(subprocess.run(command, capture_output=True, check=True, timeout=120).stdout)
    assert drawn.find("body").get("data-drawn") == "all"
    charts = json.loads(drawn.find(".//script[@id='charts']").text)
    assert len(charts) >= 5
    for chart in charts:
        (svg,) = drawn.xpath(f"//*[@id='{chart['slot']}']//*[local-name()='svg']")
        written = {one.text_content() for one in svg.iter("{*}text", "text")}
        if chart["kind"] != "stacked" and len(chart["rows"]) <= LABELLED:
            assert {row["text"] for row in chart["rows"]} <= written
    # All are as large as each other, so the first by id are drawn.
    names = {name(made.PRODUCTS[product][1]) for product in sorted(made.PRODUCTS)[:DRAWN]}
    legends = {one.text_content() for one in drawn.xpath("//*[local-name()='svg']//*[local-name()='text']")}
    assert {one for one in names if len(one) < 30} <= legends
    assert drawn.find(".//title").text == "Board pack FY26-Q2"
