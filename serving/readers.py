"""Who, beside its owner, may read what is published: groups of the operating system.

Belongs here: the setting that names them, and what each of them is given. Does not: which rows a file holds
(audiences.py), the restricted zone, which is for its owner alone whatever is set (ingestion/home.py).

``PRODOPS_PUBLISHED_GROUP=analysts`` gives that group everything that is for everyone in the company, the files of
portfolios too. A file that few may see stays its owner's, unless the setting names a group for it:
``analysts, revenue_owners=finance``. Folders get 0750, files 0640; the home, through which the way leads, 0710: what
lies beside the published folder is neither listed nor opened.
"""

import grp
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from ingestion.errors import SettingsError

SETTING = "PRODOPS_PUBLISHED_GROUP"
COMPANY = "company"
"""The audience of a mart whose yml names none: everyone in the company."""
OWNERS = "audiences/owners"
"""Where in a snapshot files lie that few may see, each named as its audience."""


def groups() -> Mapping[str, int]:
    """Group ids by audience; empty where nothing is set. Raises ``SettingsError``, also for a group that this user may
    not give files to."""
    setting = os.environ.get(SETTING, "").strip()
    if not setting:
        return {}
    found: dict[str, int] = {}
    for part in setting.split(","):
        audience, is_named, name = part.rpartition("=")
        audience = audience.strip() if is_named else COMPANY
        found[audience] = _id_of(name.strip(), setting)
    if COMPANY not in found:
        raise SettingsError(f"{SETTING}={setting}", "name first the group that may read what is for everyone")
    return found


def refuse_closed(home: Path) -> None:
    """Raises ``SettingsError`` where the groups could not come as far as the home, or the home can't be given them."""
    given = groups()
    if not given:
        return
    let_in(home, given)
    for folder in home.resolve().parents:
        found = folder.stat()
        if not found.st_mode & 0o001 and not (found.st_gid == given[COMPANY] and found.st_mode & 0o010):
            hint = f"the group can't pass through {folder}; run: chmod o+x {folder} (it will list nothing)"
            raise SettingsError(f"{SETTING}={os.environ[SETTING]}", hint)


def let_in(home: Path, given: Mapping[str, int]) -> None:
    """The home as a way to what is published; for its owner alone where no group is given."""
    _give(home, given.get(COMPANY), 0o710 if given else 0o700)


def share(paths: Iterable[Path], given: Mapping[str, int]) -> None:
    """Lets the groups read folders and files, each what is for it."""
    for path in paths if given else ():
        if path.is_dir():
            _give(path, given[COMPANY], 0o750)
        elif not path.parent.match(OWNERS):
            _give(path, given[COMPANY], 0o640)
        elif path.stem in given:
            _give(path, given[path.stem], 0o640)


def _id_of(name: str, setting: str) -> int:
    try:
        found = grp.getgrnam(name).gr_gid
    except KeyError:
        hint = f"there is no group {name!r} on this machine; run: groupadd {name or 'NAME'}, or name another"
        raise SettingsError(f"{SETTING}={setting}", hint) from None
    if os.geteuid() and found not in (os.getegid(), *os.getgroups()):
        hint = f"this user is not in the group {name} and may give it nothing; run: usermod -aG {name} USER"
        raise SettingsError(f"{SETTING}={setting}", f"{hint}, and log in again")
    return found


def _give(path: Path, group: int | None, mode: int) -> None:
    if group is not None and path.stat().st_gid != group:
        os.chown(path, -1, group)
    path.chmod(mode)
