"""The pages that the Dagster UI links to, served beside it on this machine: dbt docs and Data Docs.

Belongs here: serving them. Does not: making Data Docs (quality), the links (orchestration/links.py).

dbt docs are dbt's own page over the manifest that a build keeps up to date anyway. ``dbt docs generate`` would parse
the project again (11 CPU-s) and ask a warehouse that a build may have locked, for nothing but types of columns.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from orchestration.links import DATA_DOCS, DBT_DOCS

HERE = "127.0.0.1"
END_SECONDS = 10.0


def app(home: Path) -> Starlette:
    """The pages of a home."""

    def page(_: Request) -> FileResponse:
        return FileResponse(str(files("dbt.task.docs") / "index.html"))

    def manifest(_: Request) -> FileResponse:
        return FileResponse(home / "dbt" / "manifest.json")

    def catalog(_: Request) -> JSONResponse:
        return JSONResponse({"metadata": {}, "nodes": {}, "sources": {}, "errors": None})

    def missing(_: Request, __: Exception) -> PlainTextResponse:
        return PlainTextResponse(f"There is no such page. Those of {home} are made by: prodops run", 404)

    found = (("/", page), ("/manifest.json", manifest), ("/catalog.json", catalog))
    docs = [Route(path, endpoint) for path, endpoint in found]
    (home / DATA_DOCS).mkdir(exist_ok=True)
    made = StaticFiles(directory=home / DATA_DOCS, html=True)
    routes = [Mount(f"/{DBT_DOCS}", routes=docs), Mount(f"/{DATA_DOCS}", made)]
    return Starlette(routes=routes, exception_handlers={404: missing})


@contextlib.contextmanager
def served(home: Path, port: int) -> Iterator[str]:
    """Serves the pages as long as the context is open, at another port where that one is taken; gives the base url."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HERE, port))
        except OSError:
            listener.bind((HERE, 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(app(home), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="pages", daemon=True)
        thread.start()
        try:
            yield f"http://{HERE}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(END_SECONDS)
