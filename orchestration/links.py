"""Links from the UI to what else describes the warehouse: dbt docs and Data Docs.

Belongs here: their addresses as metadata. Does not: the pages (cli/pages.py serves them, quality makes Data Docs).
"""

import os

import dagster as dg

PAGES = "PRODOPS_PAGES"
"""Where the pages are served; ``prodops ui`` sets it. Without it there is nothing to link to."""
DATA_DOCS, DBT_DOCS = "data_docs", "dbt_docs"


def to_pages(node: str) -> dict[str, dg.MetadataValue]:
    """The pages about a node, by dbt's id of it, as metadata of its asset: none where nobody serves them."""
    pages, kind = os.environ.get(PAGES), node.partition(".")[0]
    if not pages:
        return {}
    return {
        "dbt docs": dg.MetadataValue.url(f"{pages}/{DBT_DOCS}/#!/{kind}/{node}"),
        "Data Docs": dg.MetadataValue.url(f"{pages}/{DATA_DOCS}/"),
    }
