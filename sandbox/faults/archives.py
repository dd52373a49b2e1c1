"""Faults inside an export: a zip that holds what it should not, members that are broken, lines that are no events.

Belongs here: what a loader meets after it has all bytes of an archive. An answer that is no archive stays as it is.
"""

from __future__ import annotations

import gzip
import io
import json
import stat
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from sandbox.faults.answers import MARK, RAW
from sandbox.faults.kinds import after
from sandbox.transport import Call, Reply

Members = list[tuple[zipfile.ZipInfo, bytes]]
# Lines that are no events; the last is not even text.
GARBLED = ("not JSON", "{", '"text"', "[1, 2]", "null", "{}", '{"uuid": 5}', "[" * 10_000, "\ufeff{}", "\udcff\udcfe")


def is_archive(given: Reply) -> bool:
    return given.headers.get("content-type") == "application/zip"


def repacked(given: Reply, change: Callable[[Members], object], flags: int = 0) -> Reply:
    """The archive with its members changed; `flags` goes to the directory's entry of the last one."""
    if not is_archive(given):
        return given
    with zipfile.ZipFile(io.BytesIO(given.body)) as bundle:
        members = [(entry, bundle.read(entry)) for entry in bundle.infolist()]
    change(members)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bundle:
        for entry, data in members:
            bundle.writestr(entry, data)
        bundle.filelist[-1].flag_bits |= flags
    given.body = out.getvalue()
    return given


def added(given: Reply, name: str, data: bytes, mode: int = 0, flags: int = 0) -> Reply:
    """One more member, after all others."""
    entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = mode << 16
    return repacked(given, lambda members: members.append((entry, data)), flags)


def packed_lines(*lines: bytes) -> bytes:
    return gzip.compress(b"".join(line + b"\n" for line in lines), 1, mtime=0)


# -- broken


@after
def broken_crc(given: Reply, call: Call, member: int = 0) -> Reply:
    """The check sum at the end of a gz member is not that of its content."""

    def spoil(members: Members) -> None:
        entry, data = members[member]
        members[member] = (entry, data[:-8] + bytes(255 - byte for byte in data[-8:-4]) + data[-4:])

    return repacked(given, spoil)


@after
def broken_zip_crc(given: Reply, call: Call) -> Reply:
    """A bit of the first member turned on the way: the zip's own check sum shows it."""
    if is_archive(given):
        with zipfile.ZipFile(io.BytesIO(given.body)) as bundle:
            first = bundle.infolist()[0]
        place = first.header_offset + 30 + len(first.filename.encode()) + first.compress_size // 2
        given.body = given.body[:place] + bytes([given.body[place] ^ 0x10]) + given.body[place + 1 :]
    return given


@after
def truncated_gz(given: Reply, call: Call, member: int = 0, share: float = 0.5) -> Reply:
    """A gz member breaks off in a zip that is whole."""

    def cut_off(members: Members) -> None:
        entry, data = members[member]
        members[member] = (entry, data[: int(len(data) * share)])

    return repacked(given, cut_off)


@after
def truncated_zip(given: Reply, call: Call, share: float = 0.5) -> Reply:
    """The archive breaks off, and its length says so: no error on the way."""
    if is_archive(given):
        given.body = given.body[: int(len(given.body) * share)]
    return given


# -- hostile


@after
def zip_bomb(given: Reply, call: Call, size: int = 50_000_000) -> Reply:
    """A gz member that inflates to a thousand times its size."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    part = b" " * 1_000_000
    data = b"".join(packer.compress(part) for _ in range(size // len(part))) + packer.flush()
    return added(given, "100001/100001_2026-01-01_0#9.json.gz", data)


@after
def plain_bomb(given: Reply, call: Call, size: int = 50_000_000) -> Reply:
    """A member without gz that the zip itself has shrunk a thousand times."""
    return added(given, "100001/100001_2026-01-01_0#9.json", b" " * size)


@after
def many_members(given: Reply, call: Call, how_many: int = 10_001) -> Reply:
    """More members than any hour has parts, all of them empty."""

    def fill(members: Members) -> None:
        members += [(zipfile.ZipInfo(f"100001/{number}.json.gz"), packed_lines()) for number in range(how_many)]

    return repacked(given, fill)


@after
def member_named(given: Reply, call: Call, name: str = "../x") -> Reply:
    """A member whose name leads out of the folder: upwards, or from the root."""
    return added(given, name, packed_lines(b"{}"))


@after
def symlink_member(given: Reply, call: Call, to: str = "/etc/passwd") -> Reply:
    """A member that is a link to somewhere else."""
    return added(given, "100001/link.json.gz", to.encode(), mode=stat.S_IFLNK | 0o777)


@after
def nested_zip(given: Reply, call: Call, name: str = "100001/more.zip") -> Reply:
    """A member that is an archive again, by its name or under the name of a gz."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as inner:
        inner.writestr("100001/100001_2026-01-01_0#0.json.gz", packed_lines(b"{}"))
    return added(given, name, out.getvalue())


@after
def nested_gz(given: Reply, call: Call) -> Reply:
    """A gz member whose content is gz once more."""
    return added(given, "100001/twice.json.gz", gzip.compress(packed_lines(b"{}"), mtime=0))


@after
def encrypted_member(given: Reply, call: Call) -> Reply:
    """A member that says it is encrypted."""
    return added(given, "100001/secret.json.gz", packed_lines(b"{}"), flags=1)


# -- lines


def relined(given: Reply, change: Callable[[int, bytes], bytes]) -> Reply:
    """Every line of the archive as `change` makes it of its number and text."""

    def rewrite(members: Members) -> None:
        number = 0
        for place, (entry, data) in enumerate(members):
            lines = gzip.decompress(data).splitlines()
            members[place] = (entry, packed_lines(*(change(number + n, line) for n, line in enumerate(lines))))
            number += len(lines)

    return repacked(given, rewrite)


def with_text(line: bytes, field: str, raw: str) -> bytes:
    """The line with any JSON text in a field; `a.b` is b in the object a."""
    document = json.loads(line)
    owner = document
    *way, last = field.split(".")
    for step in way:
        owner = owner[step]
    owner[last] = MARK
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace(f'"{MARK}"', raw).encode()


@after
def plant_line(given: Reply, call: Call, field: str, raw: str, line: int | str = 0) -> Reply:
    """Puts any JSON text (or one of RAW by name) into a field of one line, or of `all`; the field may be new."""
    text = RAW.get(raw, raw)
    return relined(given, lambda number, old: with_text(old, field, text) if line in ("all", number) else old)


@after
def drop_line_field(given: Reply, call: Call, field: str, line: int | str = 0) -> Reply:
    """Takes a key out of one line, or of `all`."""

    def without(number: int, old: bytes) -> bytes:
        if line not in ("all", number):
            return old
        document: dict[str, Any] = json.loads(old)
        document.pop(field, None)
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()

    return relined(given, without)


@after
def unknown_keys(given: Reply, call: Call, how_many: int = 3) -> Reply:
    """Every line has some keys that nobody has seen before."""
    more = b"".join(b',"new key %d":"%d"' % (number, number) for number in range(how_many))
    return relined(given, lambda number, old: old[:-1] + more + b"}")


@after
def dynamic_names(given: Reply, call: Call, how_many: int = 3_000, field: str = "event_properties") -> Reply:
    """Names made by a program, ever new ones: that many different ones over all lines, and no line has many."""
    each = 20

    def named(number: int, old: bytes) -> bytes:
        names = {f"made {(number * each + n) % how_many}": n for n in range(each)}
        return with_text(old, field, json.dumps(json.loads(old)[field] | names, ensure_ascii=False))

    return relined(given, named)


@after
def oversized_line(given: Reply, call: Call, size: int = 20_000_000, line: int = 0) -> Reply:
    """One line with a very long text."""
    return plant_line(given, call, "event_properties.note", '"' + "x" * size + '"', line)


@after
def garbled_lines(given: Reply, call: Call, lines: tuple[str, ...] = GARBLED) -> Reply:
    """More lines, which are no events."""
    own = packed_lines(*(line.encode("utf-8", "surrogateescape") for line in lines))
    return added(given, "100001/100001_2026-01-01_0#8.json.gz", own)
