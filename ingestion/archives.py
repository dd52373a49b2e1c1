"""Archives as vendors send them, made into plain lines on disk.

Belongs here: reading zip and gzip in bounded memory, telling what broke, refusing what does harm. Does not: how an
archive comes (http.py), what a line means.

Nothing is unpacked under a name that the archive chose. A reader of gzip gives millions of good bytes before it meets a
cut, so lines count only when every checksum and length of every member is right: a caller uses all files or none.
"""

import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from io import FileIO
from itertools import chain
from pathlib import Path
from typing import Any

from ingestion.lines import LONGEST_LINE, LineFile

BLOCK = 2**20
PART_BYTES = 64 * 2**20
MAX_STREAMS = 1000
"""Of one gzip member: streams may follow one another, but empty ones of 20 bytes would cost time without end."""
GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
ENCRYPTED = 0x1 | 0x40 | 0x2000
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
    OverflowError,
)
"""What zipfile raises on bytes that are no archive."""


class BrokenArchiveError(Exception):
    """Cut off or garbled on its way: worth another try, of the whole."""


class RefusedArchiveError(Exception):
    """It would do harm, and would again."""


@dataclass(frozen=True, slots=True)
class Caps:
    """What an archive may hold at most. Bytes are counted as they come: headers say what they like."""

    members: int = 10_000
    directory: int = 16 * 2**20
    ratio: int = 200
    slack: int = LONGEST_LINE
    """Inflated bytes that need no explanation: the longest line may be one letter, again and again."""
    inflated: int = 32 * 2**30


def unpack(archive: Path, folder: Path, caps: Caps = Caps()) -> list[Path]:
    """The lines of all members of a zip, gzipped or plain, in files below ``folder``, which is made anew.

    Raises ``BrokenArchiveError`` and ``RefusedArchiveError``; what was written until then is worth nothing.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    size = archive.stat().st_size
    most = min(caps.inflated, caps.slack + caps.ratio * size)
    with _Frugal(archive, caps) as file, _opened(file) as opened, _Parts(folder, most) as parts:
        members = opened.infolist()
        _inspect(members, size, caps)
        for member in members:
            if not member.is_dir():
                parts.add(_lines(opened, member, caps))
    return parts.paths


class _Frugal(FileIO):
    """A file of which nothing large is read at once: zipfile takes the list of members whole, as long as it claims."""

    def __init__(self, path: Path, caps: Caps) -> None:
        super().__init__(path)
        self._most = max(caps.directory, BLOCK)

    def read(self, size: int | None = -1) -> Any:
        if size is not None and size > self._most:
            raise RefusedArchiveError(f"the list of its members is longer than {self._most / 2**20:g} MB")
        return super().read(-1 if size is None else size)


class _Parts:
    """Files of lines, each of whole members, so that several can be read side by side."""

    def __init__(self, folder: Path, most: int) -> None:
        self.paths: list[Path] = []
        self._folder, self._most = folder, most
        self._opened = ExitStack()
        self._file: LineFile | None = None
        self._size = self._total = 0

    def __enter__(self) -> "_Parts":
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def add(self, texts: Iterable[bytes]) -> None:
        if self._file is None or self._size >= PART_BYTES:
            self._opened.close()
            self.paths.append(self._folder / f"{len(self.paths)}.ndjson")
            self._file, self._size = self._opened.enter_context(LineFile(self.paths[-1])), 0
        for text in texts:
            self._size += len(text)
            self._total += len(text)
            if self._total > self._most:
                raise RefusedArchiveError(f"it inflates to more than {self._most / 2**20:.0f} MB")
            self._file.write(text)
        self._file.end()


class _Ratio:
    """Ends what grows beyond all measure."""

    def __init__(self, name: str, caps: Caps) -> None:
        self._name, self._caps = name, caps
        self.packed = self.unpacked = 0

    def check(self) -> None:
        if self.unpacked > self._caps.slack + self._caps.ratio * self.packed:
            raise RefusedArchiveError(f"member {self._name} inflates to more than {self._caps.ratio} times its size")


def _opened(file: FileIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except _UNREADABLE:
        raise BrokenArchiveError("it is not a whole zip") from None


def _inspect(members: list[zipfile.ZipInfo], size: int, caps: Caps) -> None:
    """Looks at what is claimed of each member before any is read."""
    if len(members) > caps.members:
        raise RefusedArchiveError(f"it has more than {caps.members} members")
    if sum(member.compress_size for member in members) > size:
        raise RefusedArchiveError("its members lie over one another")
    for member in members:
        # as it stands in the archive: zipfile has cleaned the other one already
        name = member.orig_filename
        parts = re.split(r"[/\\]", name)
        kind = stat.S_IFMT(member.external_attr >> 16)
        if not parts[0] or re.match("[A-Za-z]:", name):
            raise RefusedArchiveError(f"member {_shown(name)} has an absolute name")
        if ".." in parts or "\0" in name:
            raise RefusedArchiveError(f"member {_shown(name)} has a name that leads out of the archive")
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise RefusedArchiveError(f"member {_shown(name)} is a link or a device, not a file")
        if member.flag_bits & ENCRYPTED:
            raise RefusedArchiveError(f"member {_shown(name)} is encrypted")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise RefusedArchiveError(f"member {_shown(name)} is packed in a way this loader does not read")


def _lines(opened: zipfile.ZipFile, member: zipfile.ZipInfo, caps: Caps) -> Iterator[bytes]:
    """The text of a member, whose ending says no more than its first bytes do."""
    name = _shown(member.orig_filename)
    blocks = _blocks(opened, member, name, caps)
    first = next(blocks, b"")
    packed = first.startswith(GZIP_MAGIC)
    texts = _inflated(first, blocks, name, caps) if packed else chain([first], blocks)
    start = next(texts, b"")
    if start.startswith((*ZIP_MAGICS, GZIP_MAGIC)):
        raise RefusedArchiveError(f"member {name} is an archive in an archive")
    if not packed and not member.orig_filename.endswith((".json", ".csv")):
        raise BrokenArchiveError(f"member {name} is neither gzip nor .json nor .csv")
    yield from chain([start], texts)


def _blocks(opened: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, caps: Caps) -> Iterator[bytes]:
    """What the zip holds under a name; zipfile compares the checksum at the end."""
    ratio = _Ratio(name, caps)
    ratio.packed = member.compress_size
    try:
        with opened.open(member) as source:
            while block := source.read(BLOCK):
                ratio.unpacked += len(block)
                ratio.check()
                yield block
    except _UNREADABLE:
        raise BrokenArchiveError(f"member {name} is cut off or its checksum is wrong") from None
    if ratio.unpacked != member.file_size:
        raise BrokenArchiveError(f"member {name} is not as long as it says")


def _inflated(first: bytes, blocks: Iterator[bytes], name: str, caps: Caps) -> Iterator[bytes]:
    """zlib itself compares checksum and length at the end of each gzip stream."""
    ratio = _Ratio(name, caps)
    inflater = zlib.decompressobj(wbits=31)
    streams = 1
    for block in chain([first], blocks):
        ratio.packed += len(block)
        while block:
            if inflater.eof:
                inflater, streams = zlib.decompressobj(wbits=31), streams + 1
            if streams > MAX_STREAMS:
                raise RefusedArchiveError(f"member {name} has more than {MAX_STREAMS} gzip streams")
            try:
                text = inflater.decompress(block, BLOCK)
            except zlib.error:
                raise BrokenArchiveError(f"member {name} is garbled gzip or its checksum is wrong") from None
            block = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            ratio.unpacked += len(text)
            ratio.check()
            if text:
                yield text
    if not inflater.eof:
        raise BrokenArchiveError(f"member {name} is gzip that is cut off")


def _shown(name: str) -> str:
    return repr(name[:60])
