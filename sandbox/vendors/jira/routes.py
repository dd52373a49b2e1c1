"""The table of routes: which path of which of Jira's APIs is answered by whom.

Belongs here: how a handler enters the table, and what those get who are not signed in. Does not: any handler.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox.transport import Call, Reply

if TYPE_CHECKING:
    from sandbox.vendors.jira.api import Jira

Handler = Callable[["Jira", Call], Reply]
ROUTES: list[tuple[str, re.Pattern[str], Handler, Any]] = []


def _route(root: str, methods: str, path: str, anonymous: Any = None) -> Callable[[Handler], Handler]:
    """Binds a handler. `anonymous` is what somebody without valid credentials gets; None means 401."""
    pattern = re.compile(f"^{root}/" + re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path) + "/?$")

    def bind(handler: Handler) -> Handler:
        ROUTES.extend((method, pattern, handler, anonymous) for method in methods.split("|"))
        return handler

    return bind


platform = partial(_route, "/rest/api/(?:2|3|latest)")
agile = partial(_route, "/rest/agile/(?:1.0|latest)")
IS_PLAIN = re.compile("^/rest/(?:api/(?:2|latest)|agile)/")
"""Paths that answer with plain text where version 3 of the platform has documents: `latest` is version 2."""
