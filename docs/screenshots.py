"""The pictures in README and docs, taken of this version: ``make screenshots``.

Belongs here: which pages of the Dagster UI and of the board pack, and what takes them. Does not: what they show.

Needs Chromium or Chrome, nothing else: its own protocol over a websocket is a few lines, and a library for it would
bring a browser's driver of 40 MB into every set-up. The company is the made-up one in a folder of its own; a load that
failed is part of it. Slides are drawn by LibreOffice (``soffice``) and cut by ``pdftoppm``, where both are there.
"""

import base64
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from websockets.sync.client import ClientConnection, connect

IMAGES = Path(__file__).parent / "images"
HOME = Path(tempfile.gettempdir()) / "prodops"
PORT = 3939
UI = f"http://127.0.0.1:{PORT}"
WIDTH, HEIGHT = 1600, 1000
PATIENCE_SECONDS = 120.0
SETTLED_SECONDS = 6.0
"""A page that has its text still draws: graphs, and what came after it."""
PAGES = {
    "asset-graph": ("/asset-groups", "published"),
    "landed-stream": ("/assets/jira/issues", "_dlt_load_id"),
    "mart-delivery": ("/assets/marts/mart_delivery", "week_start_date"),
    "checks": ("/assets/marts/mart_arr?view=checks", "Execute all"),
    "event-partitions": ("/assets/amplitude/events?view=partitions", "2026-10"),
    "automation": ("/automation", "what_is_due"),
    "job-runs": ("/locations/prodops/jobs/load/runs", "command line"),
    "launchpad": ("/locations/prodops/jobs/restate/playground", "periods"),
}
"""Of each picture the page, and a text that it has when it is there."""
WITHOUT_PLACES = f"""
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode())
    for (const place of {json.dumps([str(Path(__file__).parents[1]), str(Path.home())])})
        texts.currentNode.nodeValue = texts.currentNode.nodeValue.replaceAll(place, "…");
"""
"""Where the project lies on the machine that takes the pictures says nothing to who looks at them."""
FAILED = "{runsOrError(filter: {statuses: [FAILURE]}, limit: 1) {... on Runs {results {runId}}}}"
FAILED_SHOWS = "products.csv"


SLIDES = ("summary", "arr-bridge", "arr-products", "profit", "budget", "usage", "goals", "roadmap")
"""Pages of the board pack whose slides are shown."""
DPI = 96  # 1280 pixels wide


class Browser:
    """A headless Chromium with one page."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._ids = socket, itertools.count(1)
        # A window of that size would show a page that is smaller by the browser's own bars.
        self._do("Emulation.setDeviceMetricsOverride", width=WIDTH, height=HEIGHT, deviceScaleFactor=1, mobile=False)

    def picture(self, address: str, text: str, file: Path) -> None:
        """Opens a page, waits for a text on it and takes it."""
        self._do("Page.navigate", url=address)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._says(f"document.body.innerText.includes({json.dumps(text)})"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{address} does not show {text!r}")
            time.sleep(0.2)
        time.sleep(SETTLED_SECONDS)
        self._says(WITHOUT_PLACES)
        file.write_bytes(base64.b64decode(self._do("Page.captureScreenshot", format="png")["data"]))

    def _says(self, expression: str) -> Any:
        return self._do("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def _do(self, method: str, **parameters: Any) -> dict[str, Any]:
        wanted = next(self._ids)
        self._socket.send(json.dumps({"id": wanted, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(timeout=PATIENCE_SECONDS))
            if answer.get("id") == wanted:
                return dict(answer["result"])


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser that ends with the context."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        sys.exit("error: no chromium on the path; install it, then run make screenshots again")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        flags = ["--headless=new", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-port=0"]
        flags += ["--no-sandbox"] if os.geteuid() == 0 else []
        command = [program, *flags, f"--user-data-dir={profile}", "about:blank"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            try:
                said = (re.search(r"ws://([\d.:]+)/", line) for line in process.stderr or ())
                host = next(found[1] for found in said if found)
                targets = requests.get(f"http://{host}/json/list", timeout=10).json()
                page = next(one["webSocketDebuggerUrl"] for one in targets if one["type"] == "page")
                with connect(page, max_size=None) as socket:
                    yield Browser(socket)
            finally:
                process.terminate()


def prodops(*arguments: str) -> int:
    """The command line, on the home of the pictures."""
    return subprocess.run([sys.executable, "-m", "cli.main", *arguments], check=False).returncode


def make_company() -> None:
    """A first load that fails for a mistake in a file, then a whole run."""
    products = HOME / "sandbox" / "company" / "products.csv"
    prodops("load", "fx")
    with products.open("a") as file:
        file.write("search,Search,modul,commerce,ada,growth,2026-01-01,\n")
    prodops("load", "files")
    prodops("sandbox", "reset")
    if prodops("run"):
        sys.exit("error: the run failed, see above; mend it, then run make screenshots again")


@contextmanager
def ui() -> Iterator[None]:
    """``prodops ui`` until the context ends, once it answers."""
    with subprocess.Popen([sys.executable, "-m", "cli.main", "ui", "--port", str(PORT)]) as process:
        try:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while process.poll() is None and time.monotonic() < deadline:
                try:
                    requests.get(f"{UI}/server_info", timeout=5).raise_for_status()
                    break
                except requests.RequestException:
                    time.sleep(0.5)
            yield
        finally:
            process.send_signal(signal.SIGINT)


def slides(pack: Path) -> None:
    """The slides of a pack that are shown."""
    if not (shutil.which("soffice") and shutil.which("pdftoppm")):
        print("no slides: soffice and pdftoppm draw them (Debian: libreoffice-impress, poppler-utils)")
        return
    pages = [page["id"] for page in json.loads((pack / "board.json").read_text())["pages"]]
    with tempfile.TemporaryDirectory() as folder:
        convert = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", folder, str(pack / "board.pptx")]
        subprocess.run(convert, check=True, capture_output=True)
        for name in SLIDES:
            number = str(pages.index(name) + 2)  # the cover is the first
            picture = IMAGES / f"board-{name}"
            cut = ["pdftoppm", "-png", "-singlefile", "-r", str(DPI), "-f", number, "-l", number]
            subprocess.run([*cut, f"{folder}/board.pdf", str(picture)], check=True)
            print(f"docs/images/{picture.name}.png")


def main() -> None:
    os.environ.update({"PRODOPS_HOME": str(HOME), "PRODOPS_SCALE": "tiny", "PRODOPS_ENV_FILE": os.devnull})
    if not (HOME / "published" / "current").exists():
        make_company()
    with ui(), browser() as page:
        (failed,) = requests.post(f"{UI}/graphql", json={"query": FAILED}, timeout=60).json()["data"].values()
        run = f"/runs/{failed['results'][0]['runId']}"
        for name, (path, text) in {**PAGES, "failed-run": (run, FAILED_SHOWS)}.items():
            page.picture(UI + path, text, IMAGES / f"{name}.png")
            print(f"docs/images/{name}.png")
        pack = max((HOME / "board").glob("*/company"))
        page.picture((pack / "board.html").as_uri(), "Board pack", IMAGES / "board-page.png")
        print("docs/images/board-page.png")
    slides(pack)


if __name__ == "__main__":
    main()
