"""Archives: what is whole comes out as it went in, what broke is distinguished from what does harm, and memory stays
bounded."""

import gzip
import io
import random
import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from ingestion import archives
from ingestion.archives import BrokenArchiveError, Caps, RefusedArchiveError, unpack
from ingestion.lines import LONGEST_LINE

LINES = b"".join(b'{"uuid":"%d","text":"%x"}\n' % (n, random.Random(n).getrandbits(200)) for n in range(500))
GZ = gzip.compress(LINES, mtime=0)
NAME = "100001/100001_2026-10-14_7#0.json.gz"


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return sink.getvalue()


def lines(content: bytes, tmp_path: Path, caps: Caps | None = None) -> bytes:
    archive = tmp_path / "export.zip"
    archive.write_bytes(content)
    return b"".join(path.read_bytes() for path in unpack(archive, tmp_path / "lines", caps or Caps()))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_of_any_name_gzipped_or_plain_come_out_as_whole_lines(tmp_path: Path, method: int) -> None:
    content = zipped(
        (NAME, GZ),
        ("folder/", b""),
        ("anything at all", gzip.compress(b'{"no":"newline at the end"}')),
        ("plain.json", b'{"plain":true}\n'),
        ("empty.json", b""),
        ("empty.json.gz", gzip.compress(b"")),
        ("two streams.gz", gzip.compress(b'{"a":1}\n{"b"') + gzip.compress(b":2}\n")),
        method=method,
    )
    rest = b'{"no":"newline at the end"}\n{"plain":true}\n{"a":1}\n{"b":2}\n'
    assert lines(content, tmp_path) == LINES + rest
    assert (tmp_path / "lines").stat().st_mode & 0o077 == 0


def test_parts_hold_whole_members_and_what_lay_there_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "PART_BYTES", 2 * len(LINES))
    assert lines(zipped(*((f"{n}.gz", GZ) for n in range(5))), tmp_path) == 5 * LINES
    assert sorted(path.name for path in (tmp_path / "lines").iterdir()) == ["0.ndjson", "1.ndjson", "2.ndjson"]
    assert lines(zipped(("a.gz", GZ)), tmp_path) == LINES


def damaged(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def wrong_length(content: bytes) -> bytes:
    return content[:-4] + struct.pack("<I", len(LINES) + 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a whole zip"),
        (b"<html>log in</html>", "not a whole zip"),
        (zipped((NAME, GZ))[:-30], "not a whole zip"),
        (zipped((NAME, GZ))[10:], "is cut off or its checksum is wrong"),
        (zipped((NAME, GZ[:-9])), "gzip that is cut off"),
        (zipped((NAME, GZ[:200])), "gzip that is cut off"),
        (zipped((NAME, GZ[:1])), "neither gzip nor .json"),
        (zipped((NAME, b"")), "neither gzip nor .json"),
        (zipped((NAME, damaged(GZ, len(GZ) - 6))), "garbled gzip or its checksum"),
        (zipped((NAME, wrong_length(GZ))), "garbled gzip or its checksum"),
        (zipped((NAME, damaged(GZ, len(GZ) // 2))), "garbled gzip or its checksum"),
        (zipped((NAME, GZ + b"more")), "garbled gzip or its checksum"),
        (damaged(zipped((NAME, GZ), method=zipfile.ZIP_STORED), 2000), "checksum is wrong"),
        (damaged(zipped(("plain.json", LINES), method=zipfile.ZIP_STORED), 2000), "checksum is wrong"),
        (zipped(("notes.txt", b"hello")), "neither gzip nor .json"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_broke_on_the_way_is_worth_another_try(tmp_path: Path, content: bytes, words: str) -> None:
    """Faults 11 and 36: an archive cut short, a truncated gzip member, a wrong checksum or length of zip or gzip."""
    with pytest.raises(BrokenArchiveError, match=words):
        lines(content, tmp_path)


def member(name: str, mode: int = 0, flags: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.flag_bits = flags
    return info


def encrypted() -> bytes:
    content = bytearray(zipped((NAME, GZ)))
    for at in (content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8):
        content[at] |= 1
    return bytes(content)


def overlapping() -> bytes:
    """Two entries of the directory for one and the same content."""
    content = zipped((NAME, GZ), method=zipfile.ZIP_STORED)
    start, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    entry = content[start:end]
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 2, 2, 2 * len(entry), start, 0)
    return content[:start] + entry * 2 + tail


BOMB = gzip.compress(bytes(50 * 2**20), mtime=0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (zipped(("../x", GZ)), r"'\.\./x' has a name that leads out"),
        (zipped(("a/../../x.json", LINES)), "leads out"),
        (zipped(("a\\..\\x", GZ)), "leads out"),
        (zipped(("/etc/passwd", GZ)), "'/etc/passwd' has an absolute name"),
        (zipped(("\\\\host\\x", GZ)), "absolute"),
        (zipped(("C:\\x", GZ)), "absolute"),
        (zipped((member("link", stat.S_IFLNK | 0o777), b"/etc/passwd")), "'link' is a link or a device"),
        (zipped((member("pipe", stat.S_IFIFO), b"")), "a link or a device"),
        (zipped(("inner.zip", zipped((NAME, GZ)))), "'inner.zip' is an archive in an archive"),
        (zipped((NAME, gzip.compress(GZ))), "archive in an archive"),
        (zipped((NAME, gzip.compress(zipped((NAME, GZ))))), "archive in an archive"),
        (zipped((NAME, gzip.compress(zipped()))), "archive in an archive"),
        (encrypted(), "is encrypted"),
        (overlapping(), "lie over one another"),
        (zipped((NAME, GZ), method=zipfile.ZIP_LZMA), "packed in a way"),
        (zipped((NAME, BOMB), method=zipfile.ZIP_STORED), "inflates to more than 200 times its size"),
        (zipped((NAME, BOMB)), "inflates to more than"),
        (zipped(("zeros.json", bytes(50 * 2**20))), "inflates to more than 200 times its size"),
        (zipped(*((f"{n}.gz", gzip.compress(bytes(2**20))) for n in range(50))), "it inflates to more than"),
        (zipped((NAME, gzip.compress(b"") * 2000 + GZ)), "more than 1000 gzip streams"),
        (zipped(*((f"{n}.json", b"") for n in range(10_001))), "more than 10000 members"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_harm_is_refused_by_name(tmp_path: Path, content: bytes, words: str) -> None:
    """Fault 37: a bomb, a slip, a link, a nested archive; nothing is ever written but below the folder of lines."""
    with pytest.raises(RefusedArchiveError, match=words):
        lines(content, tmp_path)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.parent.name for path in written} <= {tmp_path.name, "lines"}
    assert sum(path.stat().st_size for path in written) < 210 * len(content) + LONGEST_LINE


def test_a_header_that_lies_about_lengths_hides_no_bomb(tmp_path: Path) -> None:
    content = bytearray(zipped(("zeros.json", bytes(50 * 2**20))))
    place = content.index(b"PK\x01\x02") + 20
    content[place : place + 4] = struct.pack("<I", 2**31)
    with pytest.raises(RefusedArchiveError, match="lie over one another"):
        lines(bytes(content), tmp_path)


def test_a_list_of_members_without_end_is_not_read(tmp_path: Path) -> None:
    members = [zipfile.ZipInfo(f"{number}.json") for number in range(20)]
    for one in members:
        one.comment = b"x" * 60_000
    with pytest.raises(RefusedArchiveError, match="list of its members is longer than 1 MB"):
        lines(zipped(*((one, b"") for one in members)), tmp_path, Caps(directory=2**20))


def test_bytes_are_capped_as_they_come(tmp_path: Path) -> None:
    with pytest.raises(RefusedArchiveError, match="inflates to more than"):
        lines(zipped(*((f"{n}.gz", GZ) for n in range(5))), tmp_path, Caps(inflated=4 * len(LINES)))


def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    """Fault 34: a row of 20 MB, of which every letter is the same, and many megabytes beside it."""
    row = b"x" * 20_000_000
    content = zipped(("row.gz", gzip.compress(row, 1)), *((f"{n}.gz", GZ) for n in range(400)))
    (tmp_path / "export.zip").write_bytes(content)
    tracemalloc.start()
    unpack(tmp_path / "export.zip", tmp_path / "lines")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * 2**20
    assert sum(path.stat().st_size for path in (tmp_path / "lines").iterdir()) == len(row) + 1 + 400 * len(LINES)


def test_any_damage_is_named_and_never_gives_other_lines(tmp_path: Path) -> None:
    plain = b"".join(LINES.splitlines(keepends=True)[:9])
    whole = zipped((NAME, GZ), ("plain.json", plain), ("b.gz", gzip.compress(plain)))
    assert lines(whole, tmp_path) == LINES + plain + plain
    chance = random.Random(7)
    reported = 0
    for _ in range(1500):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        cut = chance.randrange(len(content)) if chance.random() < 0.2 else len(content)
        try:
            assert lines(bytes(content[:cut]), tmp_path) == LINES + plain + plain
        except (BrokenArchiveError, RefusedArchiveError):
            reported += 1
    assert reported > 1000
