"""Why a vendor refused a request, as far as its answer says: codes, the parameter, a sentence.

Belongs here: where errors stand in answers, by their structure, and what of them may be shown. Does not: what a code
means to a load (the sources' api.py), retries (http.py).

Errors stand in answers like this:
  Stripe      {"error": {"type", "code", "param", "message"}}               docs.stripe.com/api/errors
  Jira        {"errorMessages": [...], "errors": {field: message}}          Jira Cloud REST API v3, "Status codes"
  QuickBooks  {"Fault": {"type", "Error": [{"code", "element", "Message", "Detail"}]}}, in small letters with a 401
  Amplitude   {"error": {"type", "message"}}, {"code", "error", "missing_field"}
  BambooHR    {"error": {"code", "message"}} or, of older endpoints, the header X-BambooHR-Error-Message
The sentence is shown and never read: it may be in any language. Credentials that were sent are cut out of it, and so
are addresses of people and numbers of four digits or more, which may be pay; it is left out with a 401, where vendors
repeat what they were sent.
"""

import re
from base64 import b64decode
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

LONGEST = 200
HEADERS = ("X-BambooHR-Error-Message", "X-BambooHR-Error-Messsage")
_CODE = re.compile(r"[A-Za-z0-9_.\[\]-]{1,60}")
_ADDRESS = re.compile(r"[^\s@'\"<>]+@[^\s@'\"<>]+")
_AMOUNT = re.compile(r"\d(?:[,._' \u00a0\u202f]?\d){3,}")
"""Four digits or more may be somebody's pay."""


@dataclass(frozen=True, slots=True)
class Reason:
    """``codes``: what the vendor calls the error, its type too; ``param``: what of the request it is about."""

    codes: tuple[str, ...] = ()
    param: str = ""
    text: str = ""

    def __str__(self) -> str:
        about = [f"param {self.param}"] if self.param else []
        return ": ".join(part for part in (", ".join([*self.codes, *about]), self.text) if part)

    def without(self, secrets: Collection[str]) -> "Reason":
        """The same without anything that was sent to prove who we are, addresses of people, and numbers that may be
        pay."""

        def is_safe(code: str) -> bool:
            return not any(secret in code for secret in secrets) and not (code.isdigit() and len(code) > 6)

        text = self.text
        for secret in secrets:
            text = text.replace(secret, "…")
        text = " ".join(_AMOUNT.sub("…", _ADDRESS.sub("…", text)).split())[:LONGEST]
        return Reason(tuple(filter(is_safe, self.codes)), self.param if is_safe(self.param) else "", text)


def reason_of(body: bytes, headers: Mapping[str, str]) -> Reason:
    """What an error answer says of itself; nothing where it has none of the known structures."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        answer = None
    error = _error(answer) if isinstance(answer, dict) else Reason()
    spoken = next((headers[name] for name in HEADERS if name in headers), "")
    return Reason(error.codes, error.param, error.text or spoken)


def secrets_of(authorization: str, form: Mapping[str, str]) -> set[str]:
    """What of a request nobody may see: whatever its header and its form prove who we are with."""
    scheme, _, value = authorization.partition(" ")
    found = {value, *form.values()}
    if scheme == "Basic":
        found.update(b64decode(value).decode(errors="replace").split(":", 1))
    return {one for one in found if len(one) > 1}


def _error(answer: Mapping[str, Any]) -> Reason:
    fault = answer.get("Fault") or answer.get("fault")
    if isinstance(fault, dict):
        listed = fault.get("Error") or fault.get("error")
        first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
        said = first.get("Detail") or first.get("detail") or first.get("Message") or first.get("message")
        return Reason(tuple(_codes(fault.get("type"), first.get("code"))), _code(first.get("element")), _text(said))
    error = answer.get("error")
    if isinstance(error, dict):
        codes = _codes(error.get("type"), error.get("code"))
        return Reason(tuple(codes), _code(error.get("param")), _text(error.get("message")))
    if error is not None:
        return Reason(tuple(_codes(answer.get("code"))), _code(answer.get("missing_field")), _text(error))
    fields = answer.get("errors") if isinstance(answer.get("errors"), dict) else {}
    messages = answer.get("errorMessages") if isinstance(answer.get("errorMessages"), list) else []
    said = [*map(_text, messages or ()), *map(_text, (fields or {}).values())]
    return Reason((), _code(next(iter(fields or {}), "")), "; ".join(filter(None, said)))


def _codes(*given: object) -> Iterator[str]:
    return filter(None, map(_code, given))


def _code(given: object) -> str:
    return str(given) if isinstance(given, str | int) and _CODE.fullmatch(str(given)) else ""


def _text(given: object) -> str:
    return given if isinstance(given, str) else ""
