"""What a file of a pack carries, so that it can be proven alone: the pack as it was made, with the tags of all figures.

Belongs here: how a file holds it beside what people see. Does not: what is in a pack (page.py), the proof (proof/).

Office files keep it as a custom XML part, which PowerPoint and Excel leave as it is when somebody edits what they show.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import TypeVar

import msgspec
from defusedxml import ElementTree

from ingestion.errors import ProdopsError
from serving.board.page import Pack

PART = "customXml/item1.xml"
OWNERS = {"ppt/_rels/presentation.xml.rels", "xl/_rels/workbook.xml.rels"}
"""What refers to the part, in a presentation and in a workbook."""
SPACE = "urn:prodops:board-pack"
REFERENCE = (
    '<Relationship Id="pack" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXml" '
    f'Target="../{PART}"/></Relationships>'
)
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time of each part of an Office file: the same content is the same bytes."""
Content = TypeVar("Content", bound=msgspec.Struct)


class VerifyError(ProdopsError):
    """A file can't be verified: names it, says why and what to do."""


class Carried(msgspec.Struct, frozen=True, omit_defaults=True):
    """``places``: by slot the cell of a workbook."""

    pack: Pack
    places: Mapping[str, str] = {}


class _Sealed(msgspec.Struct, frozen=True):
    sha256: str
    content: msgspec.Raw


def sealed(content: msgspec.Struct, indent: int | None = None) -> str:
    """A structure as JSON that shows whether somebody edited it. It may stand in XML and HTML as it is, whatever names
    hold."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(msgspec.to_builtins(content), separators=separators, indent=indent)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return msgspec.json.encode(_Sealed(hashlib.sha256(text.encode()).hexdigest(), msgspec.Raw(text.encode()))).decode()


def opened(text: str | bytes, kind: type[Content], name: str) -> Content:
    """What ``sealed`` made. Raises ``VerifyError`` where it was edited or is nothing of the kind."""
    try:
        found = msgspec.json.decode(text, type=_Sealed)
        if hashlib.sha256(found.content).hexdigest() != found.sha256:
            raise VerifyError(f"{name}: its tags were edited after prodops made them; make the pack again: prodops board")
        return msgspec.json.decode(found.content, type=kind)
    except msgspec.DecodeError as error:
        raise VerifyError(
            f"{name}: its tags can't be read ({error}): they were edited, or another version of prodops made them; make the "
            "pack again with prodops board, or verify it with the version that made it"
        ) from None


def carry(document: bytes, carried: Carried) -> bytes:
    """An Office file with what it carries."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(file, "w") as new:
        parts = {name: old.read(name) for name in old.namelist()}
        (owner,) = parts.keys() & OWNERS
        parts[owner] = parts[owner].replace(b"</Relationships>", REFERENCE.encode())
        parts[PART] = f'<pack xmlns="{SPACE}">{sealed(carried)}</pack>'.encode()
        for name, content in parts.items():
            new.writestr(zipfile.ZipInfo(name, LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def carried_by(document: zipfile.ZipFile, name: str) -> Carried:
    """What an Office file carries. Raises ``VerifyError`` where it is nothing."""
    for part in document.namelist():
        if part.startswith("customXml/") and part.endswith(".xml"):
            root = ElementTree.fromstring(document.read(part))
            if root.tag == f"{{{SPACE}}}pack":
                return opened(root.text or "", Carried, name)
    raise VerifyError(
        f"{name} has no tags: prodops did not make it, or the program that saved it last dropped them; verify the file as "
        "prodops board made it"
    )
