"""Each fault of an archive makes it wrong in the way its name says, and in no other."""

from __future__ import annotations

import gzip
import io
import json
import stat
import zipfile
import zlib
from typing import Any

import pytest
import requests

from sandbox.faults import RAW
from sandbox.faults.archives import GARBLED
from tests.sandbox.conftest import Serve
from tests.sandbox.test_amplitude import ask, export, lines, members

WINDOW = ("20260112T00", "20260131T23")


def one(serve: Serve, fault: str, **options: Any) -> requests.Response:
    answer = export(serve(faults=[{"fault": fault, "path": "export", **options}]), *WINDOW)
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len(answer.content)
    return answer


def opened(answer: requests.Response) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(answer.content))


def test_check_sums_that_are_wrong(serve: Serve) -> None:
    bundle = opened(one(serve, "broken_crc"))
    assert bundle.testzip() is None
    with pytest.raises(gzip.BadGzipFile, match="CRC"):
        gzip.decompress(bundle.read(bundle.namelist()[0]))
    broken = opened(one(serve, "broken_zip_crc"))
    with pytest.raises((zipfile.BadZipFile, zlib.error)):
        broken.read(broken.namelist()[0])
    assert gzip.decompress(broken.read(broken.namelist()[1]))


def test_what_breaks_off(serve: Serve) -> None:
    bundle = opened(one(serve, "truncated_gz", member=1))
    assert bundle.testzip() is None
    with pytest.raises(EOFError):
        gzip.decompress(bundle.read(bundle.namelist()[1]))
    with pytest.raises(zipfile.BadZipFile):
        opened(one(serve, "truncated_zip"))


@pytest.mark.parametrize("fault", ["zip_bomb", "plain_bomb"])
def test_bombs_are_small_until_they_are_opened(serve: Serve, fault: str) -> None:
    answer = one(serve, fault, size=5_000_000)
    bundle = opened(answer)
    data = bundle.read(bundle.namelist()[-1])
    inflated = gzip.decompress(data) if fault == "zip_bomb" else data
    assert len(answer.content) < 100_000
    assert len(inflated) == 5_000_000
    assert len(inflated) > 200 * bundle.infolist()[-1].compress_size


def test_members_that_should_not_be_there(serve: Serve) -> None:
    for name in ("../x", "/etc/x"):
        assert opened(one(serve, "member_named", name=name)).namelist()[-1] == name
    link = opened(one(serve, "symlink_member")).infolist()[-1]
    assert stat.S_ISLNK(link.external_attr >> 16)
    nested = opened(one(serve, "nested_zip"))
    assert zipfile.is_zipfile(io.BytesIO(nested.read(nested.namelist()[-1])))
    twice = opened(one(serve, "nested_gz"))
    assert gzip.decompress(gzip.decompress(twice.read(twice.namelist()[-1]))) == b"{}\n"
    secret = opened(one(serve, "encrypted_member"))
    with pytest.raises(RuntimeError, match="encrypted"):
        secret.read(secret.namelist()[-1])
    assert len(opened(one(serve, "many_members", how_many=500)).namelist()) > 500


def test_lines_with_other_keys_and_values(serve: Serve) -> None:
    plain = lines(export(serve(), *WINDOW))
    unknown = lines(one(serve, "unknown_keys", how_many=2))
    assert [line | {"new key 0": "0", "new key 1": "1"} for line in plain] == unknown
    named = lines(one(serve, "dynamic_names", how_many=300))
    new = {name for line in named for name in line["event_properties"] if name.startswith("made ")}
    assert len(new) == min(300, 20 * len(plain))
    dropped = lines(one(serve, "drop_line_field", field="uuid", line=1))
    assert ["uuid" in line for line in dropped] == [number != 1 for number in range(len(plain))]
    long = lines(one(serve, "oversized_line", size=300_000, line=2))
    assert [len(json.dumps(line)) > 300_000 for line in long] == [number == 2 for number in range(len(plain))]


@pytest.mark.parametrize("raw", ["2^63", "NaN", "lone surrogate", "NUL", "deep", "emoji"])
def test_any_json_text_reaches_a_line_as_it_is(serve: Serve, raw: str) -> None:
    bundle = opened(one(serve, "plant_line", field="event_properties.odd", raw=raw))
    texts = [gzip.decompress(bundle.read(name)) for name in bundle.namelist()]
    assert b"".join(texts).count(f'"odd":{RAW[raw]}'.encode()) == 1


def test_lines_that_are_no_events_come_beside_those_that_are(serve: Serve) -> None:
    bundle = opened(one(serve, "garbled_lines"))
    *good, bad = [gzip.decompress(bundle.read(name)) for name in bundle.namelist()]
    assert bad.count(b"\n") == len(GARBLED)
    assert b"\xff\xfe" in bad
    assert sum(map(len, (text.splitlines() for text in good))) == len(lines(export(serve(), *WINDOW)))


def test_answers_that_are_no_archive_stay_as_they_are(serve: Serve) -> None:
    rules = [{"fault": fault, "count": "always"} for fault in ("truncated_zip", "broken_zip_crc", "zip_bomb")]
    client = serve(faults=rules)
    assert ask(client, "/api/2/events/list").json() == ask(serve(), "/api/2/events/list").json()
    assert export(client, "20250101T00", "20250101T05").status_code == 404
    assert members(export(serve(), *WINDOW))
