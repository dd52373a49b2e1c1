"""The bank's files: the whole history as CSV, newest day first, and the same in a zip.

Belongs here: their form: a column a currency, N/A where there is no rate, a comma at the end of each line. Does not:
which days have rates.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from sandbox.company import Company
from sandbox.company.rates import BEGINNINGS
from sandbox.transport import DEFAULT_SETUP, Call, Reply, Setup

HISTORY = "eurofxref-hist.csv"


class Fx:
    """Anybody may read it."""

    def __init__(self, company: Company, setup: Setup = DEFAULT_SETUP) -> None:
        self.company = company

    @staticmethod
    def settings(url: str, files: Path | None = None) -> dict[str, str]:
        """What its loader needs to reach it at ``url``; ``files``: the folder of the company's own files."""
        found = {"URL": f"{url}/eurofxref-hist.zip"}
        return found | {"PATH": str(files / "fx_rates.csv")} if files else found

    def reply(self, call: Call) -> Reply:
        if call.method == "GET" and call.path == f"/{HISTORY}":
            return Reply(200, self.history(call.now), {"content-type": "text/csv"})
        if call.method == "GET" and call.path == "/eurofxref-hist.zip":
            return Reply(200, zipped(self.history(call.now)), {"content-type": "application/zip"})
        return Reply(404, b"<html><body>Page not found</body></html>", {"content-type": "text/html"})

    def history(self, now: int) -> bytes:
        lines = [["Date", *BEGINNINGS, ""]]
        for day, rates in reversed(self.company.rates.published(now).items()):
            lines.append([str(day), *(rates[currency] or "N/A" for currency in BEGINNINGS), ""])
        return "".join(",".join(line) + "\n" for line in lines).encode()


def zipped(text: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        # no clock of this machine in it: the same history is the same file
        bundle.writestr(zipfile.ZipInfo(HISTORY, (2026, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()
