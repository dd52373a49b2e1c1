"""The pages of the runbook, as tests hold them against what the software really says.

Belongs here: finding the words that a page shows for an error. Does not: provoking errors; a test that provokes one
anyway calls ``drill``.
"""

import re
from pathlib import Path

PAGES = Path(__file__).parents[1] / "docs" / "runbook"
SHOWN = re.compile(r"^You see:\n```\n(.*?)\n```$", re.M | re.S)


def sections() -> dict[str, tuple[int, str]]:
    """Of each heading below a page's title: the exit code of the page, and its text."""
    found = {}
    for page in sorted(PAGES.glob("[0-9]*.md")):
        for part in page.read_text().split("\n## ")[1:]:
            name, _, text = part.partition("\n")
            found[name] = int(page.name.partition("-")[0]), text
    return found


def drill(name: str, exit_code: int, said: str) -> None:
    """Asserts that an error was reported in the words and with the exit code of its page; ``<...>`` on a page stands
    for what differs from case to case."""
    code, text = sections()[name]
    assert exit_code == code, f"{name} is on the page of {code}"
    shown = SHOWN.search(text)
    assert shown, f"{name}: no words"
    for line in shown[1].splitlines():
        parts = [".*" if part.startswith("<") else re.escape(part) for part in re.split(r"(<[^>]*>)", line)]
        assert re.search(f"^{''.join(parts)}", said, re.M), f"the page says {line}, the software {said}"
