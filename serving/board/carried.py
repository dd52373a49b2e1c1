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
SEAL = ',"sha256":"'
Form = TypeVar("Form", bound=Pack)


class VerifyError(ProdopsError):
    """A file can't be verified: names it, says why and what to do."""


class Carried(Pack, frozen=True, omit_defaults=True, kw_only=True):
    """``places``: by slot the cell of a workbook."""

    places: Mapping[str, str] = {}


def sealed(pack: Pack, indent: int | None = None) -> str:
    """A pack as JSON that ends with the SHA-256 of what stands before, so that an edit shows. It may stand in XML and
    HTML as it is, whatever names hold."""
    text = json.dumps(msgspec.to_builtins(pack), separators=(",", ":") if indent is None else None, indent=indent)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    text = text.removesuffix("}")
    return f'{text}{SEAL}{hashlib.sha256(text.encode()).hexdigest()}"}}'


def opened(text: str, kind: type[Form], name: str) -> tuple[Form, bool]:
    """What ``sealed`` made, and whether it still is as it was made. Raises ``VerifyError`` where it is nothing of the
    kind."""
    content, _, seal = text.strip().rpartition(SEAL)
    try:
        found = msgspec.json.decode(f"{content}}}", type=kind)
    except msgspec.DecodeError as error:
        raise VerifyError(
            f"{name}: its tags can't be read ({error}); verify it with the version of prodops that made it, or make "
            "the pack again: prodops board"
        ) from None
    return found, seal == f'{hashlib.sha256(content.encode()).hexdigest()}"}}'


def carry(document: bytes, pack: Pack, places: Mapping[str, str] | None = None) -> bytes:
    """An Office file with the pack in it."""
    carried = Carried(**msgspec.structs.asdict(pack), places=places or {})
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(file, "w") as new:
        parts = {name: old.read(name) for name in old.namelist()}
        (owner,) = parts.keys() & OWNERS
        parts[owner] = parts[owner].replace(b"</Relationships>", REFERENCE.encode())
        parts[PART] = f'<pack xmlns="{SPACE}">{sealed(carried)}</pack>'.encode()
        for name, content in parts.items():
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)  # of the first day of zip files
    return file.getvalue()


def carried_by(document: zipfile.ZipFile, name: str) -> tuple[Carried, bool]:
    """What an Office file carries, and whether it is as it was made. Raises ``VerifyError`` where it is nothing."""
    for part in document.namelist():
        if part.startswith("customXml/") and part.endswith(".xml"):
            root = ElementTree.fromstring(document.read(part))
            if root.tag == f"{{{SPACE}}}pack":
                return opened(root.text or "", Carried, name)
    raise VerifyError(
        f"{name} has no tags: prodops did not make it, or the program that saved it last dropped them; verify the file "
        "as prodops board made it"
    )
