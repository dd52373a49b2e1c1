"""Cuts an answer into records, each with its own text as it stood there.

Belongs here: where a record begins and ends, its key and cursor. Does not: HTTP, types and meaning of fields.

A record is never parsed and written again, because that changes it (1.10 becomes 1.1). msgspec finds the borders
(3.6 GB/s measured) but refuses a whole page for one NaN, lone surrogate, control character or deep nesting; then a
scanner that knows only strings and brackets cuts the same page, so that the bad record alone suffers: it lands as it
came and staging quarantines it. Nothing is dropped.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

import msgspec

from ingestion.landing import Record

Text = bytes | msgspec.Raw

CHUNK_BYTES = 64 * 2**20
_RECORD_OVERHEAD = 500  # what a record costs in memory beside its payload
_UNFIT = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},]', re.DOTALL)
_NAME = re.compile(rb'\s*("(?:[^"\\]++|\\.)*+")\s*:\s*', re.DOTALL)
_CLOSER = {b"[": b"]", b"{": b"}"}


class BrokenJsonError(ValueError):
    """The text is not one whole JSON value: cut off or garbled on its way, worth another try."""


class NotAPageError(ValueError):
    """The text is JSON, but not a page of the records asked for: an error body, say."""


@dataclass(frozen=True, slots=True)
class Page:
    """The records of a page, uncopied, and its other members."""

    records: list[Text]
    members: dict[str, Text]

    def member(self, name: str) -> Any:
        """The value of one of the page's other members; None where there is none."""
        text = self.members.get(name)
        try:
            return None if text is None else msgspec.json.decode(text)
        except _UNFIT:
            raise BrokenJsonError(f"member {name!r} is not JSON") from None


def split_records(text: Text, key: str | None, charset: str | None = None) -> Page:
    """The page in ``text``: the records are the list under ``key``, or the whole text where ``key`` is None."""
    text = _utf8(text, charset) if isinstance(text, bytes) else text
    if key is None:
        return Page(_elements(text), {})
    others = _members(text)
    if key not in others:
        if any("\\" in name for name in others):
            raise BrokenJsonError("the answer's own names are garbled")
        raise NotAPageError(f"the answer has no {key!r}")
    return Page(_elements(others.pop(key)), others)


def parse_object(text: bytes, charset: str | None = None) -> Page:
    """An answer that is one JSON object and no list: itself the one record, with its members beside it."""
    text = _utf8(text, charset)
    return Page([text], _members(text))


class Shape:
    """Where records of a stream carry key, cursor and parent: dotted paths into the record."""

    def __init__(self, key: str = "id", cursor: str | None = None, parent: str | None = None) -> None:
        self._paths = (key, cursor, parent)
        paths = [path for path in self._paths if path]
        self._decode = msgspec.json.Decoder(_struct([path.split(".") for path in paths])).decode
        self._get = tuple(attrgetter(path) if path else _nothing for path in self._paths)

    def record(self, text: Text, extracted_at: datetime, parent_id: str | None = None) -> Record:
        """The landing record of one record's text. One whose key can't be read is ``unreadable/<hash of its text>``."""
        try:
            head = self._decode(text)
            key, cursor, parent = (get(head) for get in self._get)
        except (*_UNFIT, AttributeError):
            key, cursor, parent = (extract_path(bytes(text), path) if path else None for path in self._paths)
        payload = bytes(text)
        if not payload.isascii():
            payload = _valid(payload)
        if key is None or key == "":
            key = "unreadable/" + hashlib.blake2b(payload, digest_size=16).hexdigest()
        parent = parent_id if parent is None else str(parent)
        return Record(str(key), payload, extracted_at, parent, None if cursor is None else str(cursor))

    def records(self, page: Page, extracted_at: datetime, parent_id: str | None = None) -> list[Record]:
        return [self.record(text, extracted_at, parent_id) for text in page.records]


@dataclass(slots=True)
class Chunk:
    """Records held until they are worth a load: bounded in bytes, because records differ in size by 1,000 times."""

    records: list[Record] = field(default_factory=list)
    size: int = 0

    def add(self, records: Iterable[Record]) -> None:
        for record in records:
            self.records.append(record)
            self.size += len(record.payload or "") + _RECORD_OVERHEAD

    @property
    def is_full(self) -> bool:
        return self.size >= CHUNK_BYTES

    def take(self) -> list[Record]:
        taken, self.records, self.size = self.records, [], 0
        return taken


def _members(text: Text) -> dict[str, Text]:
    try:
        found: dict[str, Text] = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        return found
    except msgspec.ValidationError:
        raise NotAPageError("the answer is not a JSON object") from None
    except _UNFIT:
        return dict(_scan_members(bytes(text)))


def extract_path(text: bytes, path: str) -> str | None:
    """The text of a string or number at a dotted path, found without parsing what is around it."""
    try:
        for name in path.split("."):
            text = dict(_scan_members(text))[name]
    except (BrokenJsonError, NotAPageError, KeyError):
        return None
    if text[:1] == b'"':
        return _string(text)
    return text.decode("utf-8", "backslashreplace") if re.fullmatch(rb"-?[0-9][0-9.eE+-]*", text) else None


def _utf8(body: bytes, charset: str | None) -> bytes:
    """The body in UTF-8. JSON is UTF-8 whatever a header says, so the declared charset counts only where it isn't."""
    found = json.detect_encoding(body)
    if found.startswith(("utf-16", "utf-32")):
        return body.decode(found, "backslashreplace").removeprefix("\ufeff").encode("utf-8", "backslashreplace")
    body = body.removeprefix(b"\xef\xbb\xbf")
    if charset is None or body.isascii():
        return body
    try:
        body.decode()
    except UnicodeDecodeError:
        try:
            return body.decode(charset, "backslashreplace").encode()
        except LookupError:
            return body
    return body


def _valid(payload: bytes) -> bytes:
    # `\xff` is no JSON escape: a record with foreign bytes stays readable, and staging sees that it is not JSON
    return payload.decode("utf-8", "backslashreplace").encode()


def _elements(text: Text) -> list[Text]:
    try:
        elements: list[Text] = msgspec.json.decode(text, type=list[msgspec.Raw])
        return elements
    except msgspec.ValidationError:
        raise NotAPageError("the answer holds no list of records") from None
    except _UNFIT:
        return list(_scan(bytes(text), b"["))


def _scan(text: bytes, opener: bytes) -> Iterator[bytes]:
    """The parts of a JSON list or object, between its own commas."""
    if text.strip() and text.lstrip()[:1] != opener:
        raise NotAPageError(f"the answer does not start with {opener.decode()}")
    open_brackets: list[bytes] = []
    start = 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in _CLOSER:
            open_brackets.append(_CLOSER[mark])
            if len(open_brackets) == 1:
                start = token.end()
        elif mark in (b"]", b"}"):
            if not open_brackets or open_brackets.pop() != mark:
                break
            if not open_brackets:
                if text[token.end() :].strip():
                    break
                if part := text[start : token.start()].strip():
                    yield part
                return
        elif mark == b"," and len(open_brackets) == 1:
            yield text[start : token.start()].strip()
            start = token.end()
    raise BrokenJsonError("brackets do not close")


def _scan_members(text: bytes) -> Iterator[tuple[str, bytes]]:
    for part in _scan(text, b"{"):
        if name := _NAME.match(part):
            yield _string(name[1]), part[name.end() :]


def _string(quoted: bytes) -> str:
    try:
        return msgspec.json.decode(quoted, type=str)
    except _UNFIT:
        return quoted[1:-1].decode("utf-8", "backslashreplace")


def _struct(paths: list[list[str]]) -> type[msgspec.Struct]:
    names = dict.fromkeys(path[0] for path in paths)
    fields: list[tuple[str, Any, Any]] = []
    for name in names:
        deeper = [path[1:] for path in paths if path[0] == name and len(path) > 1]
        fields.append((name, (_struct(deeper) if deeper else str | int) | None, None))
    return msgspec.defstruct("Head", fields)


def _nothing(_head: object) -> None:
    return None
