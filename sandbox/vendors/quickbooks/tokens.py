"""QuickBooks' tokens: an access token for an hour, a refresh token that becomes another one about once a day.

Belongs here: who is let in. Tokens are signed and say themselves when they were given, so that another process of the
sandbox takes the newest one too; which one is the newest it knows only from those that it gave or was shown.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from hashlib import sha256

from sandbox.timestamps import DAY, HOUR
from sandbox.transport import Call, Reply, answer

REALM, CLIENT_ID, CLIENT_SECRET = "9130350000000001", "sandbox-client", "sandbox-secret"
ACCESS_FOR, REFRESH_FOR = HOUR, 101 * DAY
PARTS = re.compile(r"(AB|AT)\.(\d{1,18})\.(\d{1,9})\.([0-9a-f]{32})")


def token(kind: str, at: int, number: int) -> str:
    """A refresh token (AB) or an access token (AT), given at an instant."""
    said = f"{kind}.{at}.{number}"
    return f"{said}.{hmac.new(CLIENT_SECRET.encode(), said.encode(), sha256).hexdigest()[:32]}"


FIRST_REFRESH_TOKEN = token("AB", 0, 0)


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says of itself."""

    at: int
    number: int


def read(kind: str, text: str) -> Token | None:
    """What a token says; nothing where we did not give it."""
    found = PARTS.fullmatch(text)
    if found is None or found[1] != kind:
        return None
    read_token = Token(int(found[2]), int(found[3]))
    return read_token if hmac.compare_digest(token(kind, read_token.at, read_token.number), text) else None


class TokenServer:
    """`rotates_after` is how old a refresh token gets: with 0 every refresh gives another one. The one before is dead
    from then on, whether or not the answer ever arrived."""

    def __init__(self, rotates_after: int = DAY) -> None:
        self.rotates_after = rotates_after
        self.newest = 0

    def admits(self, authorization: str | None, now: int) -> bool:
        scheme, _, text = (authorization or "").partition(" ")
        read_token = read("AT", text.strip()) if scheme.lower() == "bearer" else None
        return read_token is not None and now < read_token.at + ACCESS_FOR

    def refresh(self, call: Call, form: dict[str, str]) -> Reply:
        headers = {"content-type": "application/json", "cache-control": "no-store"}
        posted = (form.get("client_id"), form.get("client_secret"))  # beside Basic, as OpenID's configuration says
        is_known = call.signed_in(CLIENT_ID, CLIENT_SECRET)
        is_known = is_known or (call.authorization is None and posted == (CLIENT_ID, CLIENT_SECRET))
        if call.method != "POST" or not is_known:
            return answer({"error": "invalid_client"}, 401, headers)
        if form.get("grant_type") != "refresh_token":
            return answer({"error": "unsupported_grant_type"}, 400, headers)
        read_token = read("AB", form.get("refresh_token", ""))
        if read_token is None or read_token.number < self.newest:
            wrong = {"error_description": "Incorrect or invalid refresh token", "error": "invalid_grant"}
            return answer(wrong, 400, headers)
        self.newest, given = read_token.number, form["refresh_token"]
        if call.now - read_token.at >= self.rotates_after:
            self.newest += 1
            given = token("AB", call.now, self.newest)
        document = {
            "x_refresh_token_expires_in": REFRESH_FOR // 1000,
            "refresh_token": given,
            "access_token": token("AT", call.now, self.newest),
            "token_type": "bearer",
            "expires_in": ACCESS_FOR // 1000,
        }
        return answer(document, 200, headers)
