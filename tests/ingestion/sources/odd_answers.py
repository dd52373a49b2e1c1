"""A small account some of whose requests get an answer that the test gives.

Belongs here: which request gets it. Does not: what is right then (the tests).
"""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tests.ingestion.sources.small_account import SmallAccount

Odd = Response | Callable[[Request], Response]


class OddAnswers(SmallAccount):
    """``odd``: answers by ``METHOD /end/of/path``, the newest first; all else is answered by the account itself."""

    odd: dict[str, Odd]

    def answer(self, answers: dict[str, Any]) -> None:
        """Answers as a case writes them: a body, or a status and a body."""
        for asked, given in answers.items():
            status, body = given if isinstance(given, list) else (200, given)
            self.odd[asked] = JSONResponse(body, status)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        for asked, odd in reversed(self.odd.items()):
            method, path = asked.split(" ")
            if request.method == method and request.url.path.endswith(path):
                self.log.append(f"{request.url.path}?{request.url.query}".removesuffix("?"))
                await (odd(request) if callable(odd) and not isinstance(odd, Response) else odd)(scope, receive, send)
                return
        await super().__call__(scope, receive, send)  # type: ignore[misc]
