"""Office files whose bytes are the same for the same content.

Belongs here: the times that libraries write into them. Does not: content.
"""

import io
import re
import zipfile
from datetime import datetime

FIRST = (1980, 1, 1, 0, 0, 0)
"""The first day of zip files."""
PROPERTIES = "docProps/core.xml"
TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
WORKBOOK = ".xlsx"


def settled(file: bytes, at: datetime) -> bytes:
    """A PPTX or XLSX, and workbooks in it, as if written at a time, which is UTC."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == PROPERTIES:
                content = TIMES.sub(rb"\g<1>" + f"{at:%Y-%m-%dT%H:%M:%SZ}".encode(), content)
            elif name.endswith(WORKBOOK):
                content = settled(content, at)
            info = zipfile.ZipInfo(name, FIRST)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, content)
    return made.getvalue()
