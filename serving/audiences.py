"""Which rows of which marts each audience is given.

Belongs here: what the file of a portfolio holds, and that of people who alone may see a mart. Does not: writing files
(publish.py).

A file is whole: it has the dimensions that its marts are joined to. A portfolio's has its own rows and no other's,
and of the products its own; those of customers are for the owners of revenue alone.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from urllib.parse import quote

from ingestion import sql

DIMENSION = "dim_"
PRODUCTS = "dim_product"


def file_of(portfolio: str) -> str:
    return f"audiences/{quote(portfolio, safe='')}.duckdb"


def portfolios(tables: Mapping[str, Set[str]], place: str) -> str | None:
    """The query for all that have a row in a table in the schema ``place``; None where no table is by portfolio."""
    by = [table for table, columns in tables.items() if "portfolio_id" in columns]
    union = " union ".join(f"select portfolio_id from {place}.{sql.name(table)}" for table in by)
    return f"select distinct portfolio_id from ({union}) where portfolio_id is not null order by 1" if by else None


def of_portfolio(portfolio: str, tables: Mapping[str, Set[str]], place: str) -> dict[str, str]:
    """By table the query for a portfolio's rows. The tables, with their columns, are those of the company."""
    return dict(_of_portfolio(portfolio, tables, place))


def _of_portfolio(portfolio: str, tables: Mapping[str, Set[str]], place: str) -> Iterator[tuple[str, str]]:
    own = f"portfolio_id = {sql.text(portfolio)}"
    for table, columns in tables.items():
        query = f"select * from {place}.{sql.name(table)}"
        if "portfolio_id" in columns:
            yield table, f"{query} where {own}"
        elif table.startswith(DIMENSION) and "product_id" in columns and PRODUCTS in tables:
            yield table, f"{query} where product_id in (select product_id from {place}.{PRODUCTS} where {own})"
        elif table.startswith(DIMENSION) and "product_id" not in columns:
            yield table, query


def of_owners(own: Mapping[str, str], tables: Sequence[str], place: str) -> dict[str, str]:
    """By table the query for those who alone may see some marts: ``own`` are the queries for these, beside them are the
    dimensions of the company's tables."""
    dimensions = {table: f"select * from {place}.{sql.name(table)}" for table in tables if table.startswith(DIMENSION)}
    return dict(sorted({**dimensions, **own}.items()))
