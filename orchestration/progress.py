"""What a run says while it goes, for those who listen.

Belongs here: the Dagster logger through which steps reach the command line. Does not: how it looks (cli/show.py).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import dagster as dg


class Listener(Protocol):
    """What follows a run; one that has nothing to show inherits both methods."""

    def begin(self, step: str, number: int, of: int) -> None:
        """A step begins, the ``number``-th of the steps of its run."""

    def say(self, step: str, text: str) -> None:
        """A step says something."""


_listeners: list[Listener] = []


class _Handler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        meta = getattr(record, "dagster_meta", {})
        step, text = meta.get("step_key"), meta.get("orig_message")
        if step and text and record.levelno == logging.INFO and meta.get("dagster_event") is None:
            say(step, text)


def begin(step: str, number: int, of: int) -> None:
    for listener in _listeners:
        listener.begin(step, number, of)


def say(step: str, text: str) -> None:
    """To those who listen and to nobody else: Dagster keeps whatever is logged, 3 ms a line."""
    for listener in _listeners:
        listener.say(step, text)


@dg.logger(description="Passes what steps say to the command line that started the run.")
def progress(context: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.Logger("prodops.progress", level=logging.INFO)
    logger.addHandler(_Handler())
    return logger


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
