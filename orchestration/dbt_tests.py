"""dbt's tests as people read them in Dagster: a short name, and in words what red means and what to do next.

Belongs here: name and words of a test, made of its kind, its arguments and its description. Does not: which asset it is
shown on (manifest.py), what red means of a single test (dbt_project).

dbt's names are one list for the whole project, so that it names a test after its model and all of its arguments, up to
276 characters. In Dagster a name is one of its asset.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingestion import sql

OF_A_COLUMN = ("unique", "not_null", "accepted_values", "relationships")
"""Kinds of which a model has one for each column."""
PEOPLE = " with restricted/people.duckdb attached as restricted"
"""Where what is restricted lies: its models read the rest, too."""


def name_of(test: Mapping[str, Any]) -> str:
    """As yml or its file names it; else its kind, as ``unique_grain``, with its column, as ``not_null_customer_id``."""
    generic, name = test.get("test_metadata"), str(test["fqn"][-1])
    if generic is None or not name.startswith(f"{generic['name']}_"):
        return name
    kind = str(generic["name"])
    return f"{kind}_{generic['kwargs']['column_name']}" if kind in OF_A_COLUMN else kind


def words_of(test: Mapping[str, Any], tested: Mapping[str, Any], manifest: Mapping[str, Any]) -> str:
    """What red means, who looks at what next. ``tested``: the model that the test is shown on."""
    statement, people = _statement(test, tested, manifest), PEOPLE if tested["database"] == "restricted" else ""
    means = " ".join((test["description"] or test["config"]["meta"].get("description", "")).split())
    return f"{means} Next: {owner_of(tested, manifest)} runs {statement} in warehouse.duckdb{people}."


def owner_of(model: Mapping[str, Any], manifest: Mapping[str, Any]) -> str:
    """The name of the owner of a model's group."""
    return str(manifest["groups"][f"group.prodops.{model['config']['group']}"]["owner"]["name"])


def _statement(test: Mapping[str, Any], tested: Mapping[str, Any], manifest: Mapping[str, Any]) -> str:
    """What gives the rows that are wrong: a query, or where in the home the one lies that dbt ran."""
    generic = test.get("test_metadata") or {"name": None, "kwargs": {}}
    given, table = generic["kwargs"], _table(tested)
    column = given.get("column_name")
    match generic["name"]:
        case "unique_grain" | "unique":
            columns = ", ".join(given.get("columns", [column]))
            return f"`select {columns}, count(*) from {table} group by all having count(*) > 1`"
        case "not_null":
            return f"`from {table} where {column} is null`"
        case "accepted_values":
            values = ", ".join(sql.text(value) for value in given["values"])
            return f"`select {column}, count(*) from {table} where {column} not in ({values}) group by all`"
        case "relationships":
            (known,) = (manifest["nodes"][one] for one in test["depends_on"]["nodes"] if one != tested["unique_id"])
            on = f"mine.{column} = known.{given['field']} where mine.{column} is not null"
            return f"`select mine.* from {table} as mine anti join {_table(known)} as known on {on}`"
        case "holds" if "{{" not in given["condition"]:
            return f"`from {table} where not coalesce({given['condition']}, false)`"
        case kind:
            place = Path("dbt/compiled/prodops", test["original_file_path"])
            return f"what is in `{place / test['path'] if kind else place}`"


def _table(model: Mapping[str, Any]) -> str:
    database = "restricted." if model["database"] == "restricted" else ""
    return f"{database}{model['schema']}.{model['alias']}"
