"""Digests to people: what went wrong, what is right again, what is still open.

Belongs here: what a digest says and how it is sent, to an incoming webhook in Slack's format and by e-mail. Does not:
what is wrong (orchestration/problems.py), how often anybody is written to (orchestration/cadence.py).

A digest is sent where the set of problems changed, and not again for as long as it stays. It names sources, checks,
marts and periods and what to do next; no figure, no record, no secret, and no address that it is sent to.
"""

import os
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import urlsplit

import requests

from ingestion.errors import ProdopsError, SettingsError, refuse
from ingestion.http import LOOPBACK

WEBHOOK = "PRODOPS_ALERT_WEBHOOK"
EMAIL = "PRODOPS_ALERT_EMAIL"
SMTP = "PRODOPS_ALERT_SMTP"
USER = "PRODOPS_ALERT_SMTP_USER"
PASSWORD = "PRODOPS_ALERT_SMTP_PASSWORD"
SETTINGS = (WEBHOOK, EMAIL, SMTP, USER, PASSWORD)

SECONDS = 15.0
"""How long a channel may take."""
TLS_FROM_THE_START = 465
SHOWN = 20
"""Lines of a digest; the rest is a number."""
LONGEST = 300

Known = Mapping[str, str]
"""Problems: what each is called, the same for as long as it lasts, and a line about it."""


class AlertError(ProdopsError):
    """A digest could not be sent."""

    may_pass = True


@dataclass(frozen=True, slots=True)
class Channel:
    """Where digests go. ``send`` gets a subject and lines; it raises ``AlertError``, which names no address."""

    name: str
    send: Callable[[str, Sequence[str]], None]


@dataclass(frozen=True, slots=True)
class Digest:
    """What changed since the last one."""

    subject: str
    lines: tuple[str, ...]


def digest(whose: str, before: Known, now: Known) -> Digest | None:
    """What to send where ``before`` was sent last; None where nothing changed. A problem whose words changed is no
    new one: a count in them would send one digest after the other."""
    new = [line for key, line in now.items() if key not in before]
    solved = [line for key, line in before.items() if key not in now]
    still = [line for key, line in now.items() if key in before]
    if not new and not solved:
        return None
    counts = {"new": len(new), "solved": len(solved), "still open": len(still)}
    subject = f"prodops {whose}: " + ", ".join(f"{number} {what}" for what, number in counts.items() if number)
    lines = [f"{what}: {_cut(line)}" for what, some in zip(counts, (new, solved, still), strict=True) for line in some]
    more = [f"and {len(lines) - SHOWN} more: prodops doctor lists all"] if lines[SHOWN:] else []
    return Digest(subject, (*lines[:SHOWN], *more))


def channels() -> list[Channel]:
    """The channels that are set up. Raises ``SettingsError``, or ``Mistakes`` for several."""
    refuse(mistakes())
    webhook, people, server = (_value(name) for name in (WEBHOOK, EMAIL, SMTP))
    found = []
    if webhook:
        found.append(Channel("webhook", lambda subject, lines: post(webhook, subject, lines)))
    if people:
        host, _, port = server.partition(":")
        mail = Mail(host, int(port), tuple(_addresses(people)), _value(USER), _value(PASSWORD))
        found.append(Channel("e-mail", mail.send))
    return found


def mistakes() -> Iterator[SettingsError]:
    """What is wrong with the settings, without what they hold."""
    url = urlsplit(_value(WEBHOOK))
    if _value(WEBHOOK) and not (url.hostname and (url.scheme == "https" or url.hostname in LOOPBACK)):
        yield SettingsError(WEBHOOK, "give the address of an incoming webhook, which begins with https://")
    if _value(EMAIL) and not all(_is_address(one) for one in _addresses(_value(EMAIL))):
        yield SettingsError(EMAIL, "give addresses like data-team@example.com, between commas")
    host, _, port = _value(SMTP).partition(":")
    if _value(SMTP) and not (host and port.isdigit()):
        yield SettingsError(SMTP, "give host and port of the mail server like smtp.example.com:587")
    if _value(EMAIL) and not _value(SMTP):
        yield SettingsError(SMTP, f"missing; {EMAIL} needs the mail server's host and port, like smtp.example.com:587")
    if bool(_value(USER)) != bool(_value(PASSWORD)):
        yield SettingsError(PASSWORD if _value(USER) else USER, "missing; a mail server takes both or none")


def post(url: str, subject: str, lines: Sequence[str]) -> None:
    """To an incoming webhook in Slack's format, which others take too."""
    text = "\n".join([f"*{_escaped(subject)}*", *(f"• {_escaped(line)}" for line in lines)])
    try:
        with requests.Session() as session:
            session.trust_env = urlsplit(url).hostname not in LOOPBACK
            status = session.post(url, json={"text": text}, timeout=SECONDS, allow_redirects=False).status_code
    except requests.RequestException as error:
        status, problem = None, type(error).__name__  # its own words hold the address, which is a secret
    if status is None:
        raise AlertError(f"the webhook can't be reached ({problem}); check {WEBHOOK} and the network")
    if not 200 <= status < 300:
        raise AlertError(f"the webhook answered {status}; check {WEBHOOK}")


@dataclass(frozen=True, slots=True, repr=False)
class Mail:
    """A mail server, and to whom it is to send."""

    host: str
    port: int
    people: tuple[str, ...]
    user: str
    password: str

    def send(self, subject: str, lines: Sequence[str]) -> None:
        """One message to all. Nothing goes over a network in the clear."""
        try:
            with self._connected() as server:
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(self.message(subject, lines))
        except (smtplib.SMTPException, OSError) as error:
            code = f" {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
            problem = f"{type(error).__name__}{code}"
        else:
            return
        raise AlertError(f"the mail server did not take the message ({problem}); check {SMTP}, {USER} and {EMAIL}")

    def message(self, subject: str, lines: Sequence[str]) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = subject
        message["From"] = self.user if _is_address(self.user) else self.people[0]
        message["To"] = ", ".join(self.people)
        message.set_content("\n".join(f"- {line}" for line in lines) + "\n")
        return message

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.port == TLS_FROM_THE_START:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        if self.host not in LOOPBACK:
            server.starttls(context=context)
        return server


def _value(name: str) -> str:
    return os.environ.get(name, "").strip()


def _addresses(people: str) -> list[str]:
    return [one.strip() for one in people.split(",") if one.strip()]


def _is_address(text: str) -> bool:
    name, _, host = text.partition("@")
    return bool(name and host) and text.isprintable() and not set(text) & set(' <>",;')


def _cut(line: str) -> str:
    words = " ".join(line.split())
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"


def _escaped(line: str) -> str:
    """As Slack asks for it."""
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
