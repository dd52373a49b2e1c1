"""Cutting answers into records: nothing is changed, nothing is dropped, a bad record harms no other."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.records import BrokenJsonError, NotAPageError, Shape, extract_path, split_records

TIMESTAMP = datetime(2026, 10, 15, 6, tzinfo=UTC)
ISSUE = Shape("id", cursor="fields.updated")
GOOD = '{"id":"2","fields":{"updated":"2026-01-01"}}'
BAD = {
    "NaN": "NaN",
    "infinity": "-Infinity",
    "lone surrogate": '"\\ud800"',
    "control character": '"a\x01\x00b"',
    "deep": "[" * 10_000 + "]" * 10_000,
    "deep objects": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "brackets and quotes in text": 'NaN,"t":"]}\\",{["',
    "two commas": "1,,2",
    "bad escape": r'"\x"',
    "leading zero": "007",
}


def landed(body: bytes, charset: str | None = None) -> list[tuple[str, str | None, bytes]]:
    page = split_records(body, "issues", charset)
    rows = [(record.record_id, record.cursor, record.payload) for record in ISSUE.records(page, TIMESTAMP)]
    return [(key, cursor, payload if isinstance(payload, bytes) else b"") for key, cursor, payload in rows]


@pytest.mark.parametrize(
    "value",
    [
        "1.10",
        "9223372036854775808",
        "1e400",
        "-0.0",
        "0.12345678901234567890123456789012345678",
        '"\\u00e9\\u0000"',
        "{ }",
    ],
)
def test_a_record_keeps_its_own_text(value: str) -> None:
    record = f'{{"id":"1", "amount" : {value},"fields":{{"updated":"x"}}}}'
    assert landed(f'{{"issues":[{record} , {GOOD}]}}'.encode())[0] == ("1", "x", record.encode())


@pytest.mark.parametrize("value", BAD.values(), ids=BAD.keys())
def test_a_bad_record_keeps_its_id_and_its_neighbours(value: str) -> None:
    bad = f'{{"id":"1","x":{value},"fields":{{"updated":"u"}}}}'
    rows = landed(f'{{"a":[1],"issues":[{GOOD},{bad},{GOOD}],"nextPageToken":"t"}}'.encode())
    assert rows == [("2", "2026-01-01", GOOD.encode()), ("1", "u", bad.encode()), ("2", "2026-01-01", GOOD.encode())]


@pytest.mark.parametrize(
    "record", ["null", "5", '"text"', "[]", "{}", '{"id":null}', '{"id":""}', '{"id":{}}', '{"ID":"1"}']
)
def test_a_record_without_a_key_lands_under_the_hash_of_its_text(record: str) -> None:
    (key, _, payload), second = landed(f'{{"issues":[{record},{GOOD}]}}'.encode())
    assert key.startswith("unreadable/")
    assert payload == record.encode()
    assert second[0] == "2"
    assert landed(f'{{"issues":[{record}]}}'.encode())[0][0] == key


def test_a_missing_cursor_is_no_reason_not_to_land() -> None:
    for record in (
        '{"id":7}',
        '{"id":"7","fields":null}',
        '{"id":"7","fields":{"updated":[]}}',
        '{"id":"7","fields":3}',
    ):
        assert landed(f'{{"issues":[{record}]}}'.encode()) == [("7", None, record.encode())]


@pytest.mark.parametrize("charset", [None, "utf-8", "iso-8859-1", "no-such-charset"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_utf_is_recognised_whatever_the_header_says(encoding: str, charset: str | None) -> None:
    text = '{"issues":[{"id":"é","fields":{"updated":"日本"}}]}'
    assert [row[:2] for row in landed(text.encode(encoding), charset)] == [("é", "日本")]


def test_a_declared_charset_counts_where_the_bytes_are_not_utf() -> None:
    assert landed('{"issues":[{"id":"é"}]}'.encode("iso-8859-1"), "iso-8859-1")[0][0] == "é"


def test_bytes_that_are_no_text_stay_visible_in_their_record_alone() -> None:
    bad, good = landed(b'{"issues":[{"id":"1","x":"caf\xe9"},{"id":"2","x":"caf\xc3\xa9"}]}')
    assert bad == ("1", None, b'{"id":"1","x":"caf\\xe9"}')
    assert good == ("2", None, '{"id":"2","x":"café"}'.encode())
    with pytest.raises(json.JSONDecodeError):
        json.loads(bad[2])


@pytest.mark.parametrize(
    "body", [b"", b" ", b"{", b'{"issues":[{"id":"1"},{"i', b'{"issues":[{"id":"1"}]', b'{"issues":[]}}']
)
def test_a_text_that_was_cut_off_is_worth_another_try(body: bytes) -> None:
    with pytest.raises(BrokenJsonError):
        split_records(body, "issues")


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b'{"issues":null}', b'{"issues":{}}', b'"text"', b"null", b'{"error":[]}']
)
def test_another_shape_is_not_an_empty_page(body: bytes) -> None:
    with pytest.raises(NotAPageError):
        split_records(body, "issues")


def test_other_members_of_a_page_can_be_read() -> None:
    page = split_records(b'{"issues":[{"id":NaN}],"nextPageToken":"a\\"b","isLast":false,"total":7}', "issues")
    assert [page.member(name) for name in ("nextPageToken", "isLast", "total", "none")] == ['a"b', False, 7, None]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.lists(st.dictionaries(st.text(), json_values, max_size=5), max_size=6), st.booleans(), st.integers(0, 3))
def test_the_scanner_and_the_parser_cut_alike(records: list[dict[str, object]], ascii_only: bool, indent: int) -> None:
    texts = [json.dumps(record, ensure_ascii=ascii_only, indent=indent or None) for record in records]
    clean = f"[{','.join(texts)}]".encode("utf-8", "surrogatepass")
    spoilt = f"[{','.join(['NaN', *texts])}]".encode("utf-8", "surrogatepass")
    assert [bytes(text) for text in split_records(spoilt, None).records][1:] == [
        bytes(text) for text in split_records(clean, None).records
    ]
    assert [bytes(text).decode("utf-8", "surrogatepass") for text in split_records(clean, None).records] == texts


@given(json_values)
def test_a_path_reaches_what_a_parser_finds(value: object) -> None:
    text = json.dumps({"other": value, "fields": {"id": value}, "x": 1}).encode()
    wanted = json.loads(text)["fields"]["id"]
    found = extract_path(text, "fields.id")
    if isinstance(wanted, str) and wanted.isprintable():
        assert found == wanted
    elif isinstance(wanted, int) and not isinstance(wanted, bool):
        assert found == str(wanted)
    elif isinstance(wanted, (bool, dict, list, type(None))):
        assert found is None
