"""Pages as they are read, chunks as they land.

Belongs here: asking for pages early, cutting what they bring into loads. Does not: how a vendor pages (its api.py).
"""

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

from ingestion.landing import Record
from ingestion.records import Chunk

T = TypeVar("T")


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def prefetch(pages: Iterator[T], depth: int = 16) -> Generator[T, None, None]:
    """The same pages, asked for while those before them are processed, at most ``depth`` ahead.

    An error of a page is raised in its turn, after the pages before it.
    """
    end = object()
    asker = ThreadPoolExecutor(1)  # one, because each page says where the next one is
    try:
        coming = deque(asker.submit(next, pages, end) for _ in range(depth))
        while (page := coming.popleft().result()) is not end:
            coming.append(asker.submit(next, pages, end))
            yield cast(T, page)
    finally:
        asker.shutdown(cancel_futures=True)


def chunked(pages: Iterable[Iterable[Record]]) -> Iterator[tuple[list[Record], bool]]:
    """The records of the pages in chunks that are worth a load each, and whether the chunk is the last one.

    A page is never split. The last chunk always comes, empty if need be: the cursor moves with it.
    """
    chunk = Chunk()
    for page in pages:
        chunk.add(page)
        if chunk.is_full:
            yield chunk.take(), False
    yield chunk.take(), True
