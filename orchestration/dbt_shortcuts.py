"""dbt without the work that it does for each node and that nothing here reads.

Belongs here: parts of dbt-core that are replaced by shorter ones with the same result, each with what it saves. Does
not: the process (dbt_child.py), what dbt is asked to do (dbt_process.py).

dbt is pinned; tests/dbt/test_shortcuts.py makes the same statements with and without them
(decision 0083).
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import dbt.clients.jinja
import dbt.compilation
import dbt.parser.manifest
import dbt.task.runnable
import dbt_common.clients.jinja
import networkx
from dbt.adapters.factory import get_adapter_package_names
from dbt.clients.jinja import MacroGenerator
from dbt.compilation import InjectedCTE, Linker
from dbt.context.manifest import ManifestContext
from dbt.exceptions import PackageNotFoundForMacroError
from dbt.include.global_project import PROJECT_NAME as DBT
from dbt.tracking import track_behavior_change_warn
from dbt_common.clients.jinja import catch_jinja, get_environment
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager

WITH = re.compile(r"(\s|--[^\n]*\n)*with(\s+recursive)?\b", re.IGNORECASE)


def take() -> None:
    """From now on dbt in this process takes the shortcuts."""
    for owner, name, shortcut in SHORTCUTS:
        setattr(owner, name, shortcut)


def keep_manifest() -> None:
    """dbt writes its manifest when it has read the project and again when it has ended, a CPU-s each. What was written
    when the project was parsed says the same; nobody reads what was compiled there."""
    dbt.parser.manifest.write_manifest = dbt.task.runnable.write_manifest = lambda *_, **__: None


class Namespace(dict[str, Any]):
    """The macros that a node can call, by name: dbt's own gives the same, but looks each one up in five places."""

    packages: dict[str, dict[str, MacroGenerator]]
    internal: dict[str, MacroGenerator]

    def get_from_package(self, package: str | None, name: str) -> MacroGenerator | None:
        if package is None:
            return self.get(name)
        if package == DBT:
            return self.internal.get(name)
        if package not in self.packages:
            raise PackageNotFoundForMacroError(package)
        return self.packages[package].get(name)


def _namespace(context: Any) -> Namespace:
    """A context has all 737 macros and is made twice for each node."""
    shared = {"context": context._ctx, "node": getattr(context, "model", None), "stack": context.macro_stack}
    made = {
        package: _generators(macros, shared) for package, macros in context.manifest.get_macros_by_package().items()
    }
    order = get_adapter_package_names(context.config.credentials.type)
    found = Namespace()
    found.packages = {package: macros for package, macros in made.items() if package not in order}
    found.internal = {}
    for package in reversed(order):
        found.internal.update(made.get(package, {}))
    found.update({**found.internal, DBT: found.internal, **found.packages})
    for package in (context.config.project_name, context.search_package):
        found.update(found.packages.get(package, {}))
    return found


def _generators(macros: Mapping[str, Any], shared: dict[str, Any]) -> dict[str, MacroGenerator]:
    made, new = {}, object.__new__
    for name, macro in macros.items():
        made[name] = one = new(MacroGenerator)
        one.__dict__ = {**shared, "macro": macro}
    return made


def _macro(generator: MacroGenerator) -> Any:
    """dbt makes a macro anew for each call."""
    known = generator.__dict__
    if "made" not in known:
        known["made"] = _make_macro(generator)
    return known["made"]


def _template(
    string: Any, ctx: dict[str, Any], node: Any = None, capture_macros: bool = False, native: bool = False
) -> Any:
    """Tests of one kind have one text, and so have hooks."""
    if capture_macros:
        return _make_template(string, ctx, node, capture_macros, native)
    with catch_jinja(node):
        environment = _environment(native=native)
        code = _code(str(string), native)
        return environment.template_class.from_code(environment, code, environment.make_globals(ctx), None)


@cache
def _code(text: str, native: bool) -> Any:
    return _environment(native=native).compile(text)


def _event_made_when_asked(event: BaseEvent, *given: Any, **fields: Any) -> None:
    event.__dict__["given"] = (given, fields)


def _of_event(event: BaseEvent, name: str) -> Any:
    if name != "pb_msg":
        return event.pb_msg.__getattribute__(name)
    given, fields = event.__dict__["given"]
    _make_event(event, *given, **fields)
    return event.__dict__["pb_msg"]


def _fire_if_somebody_listens(
    manager: EventManager, e: BaseEvent, level: EventLevel | None = None, *given: Any, **more: Any
) -> None:
    """Some twenty events of each node are for debugging alone."""
    listening = (*manager.loggers, *(one for one in manager.callbacks if one is not track_behavior_change_warn))
    if (level or e.level_tag()) != EventLevel.DEBUG or any(
        getattr(one, "level", EventLevel.DEBUG) == EventLevel.DEBUG for one in listening
    ):
        _fire_event(manager, e, level, *given, **more)


def _cycles(linker: Linker) -> str | None:
    """dbt looks along every edge for a cycle to name, 0.25 s; whether there is one is known in a tenth of that."""
    return None if networkx.is_directed_acyclic_graph(linker.graph) else _find_cycles(linker)


def _no_summary(linker: Linker, manifest: Any) -> dict[int, dict[str, Any]]:
    """For people who tune dbt: it is made twice, of all nodes, 0.2 s."""
    return {}


def _with_inputs(sql: str, ctes: Sequence[InjectedCTE]) -> str:
    """Of a unit test: its inputs as the first CTEs. dbt parses the whole statement to find where they go, a third of
    the time of unit tests."""
    begins = WITH.match(sql)
    if not ctes or begins is None:
        return _inject(sql, ctes)
    return f"{begins.group()} {', '.join(cte.sql for cte in ctes)}, {sql[begins.end() :]}"


SHORTCUTS: tuple[tuple[Any, str, Any], ...] = (
    (ManifestContext, "_build_namespace", _namespace),
    (MacroGenerator, "get_macro", _macro),
    (dbt.clients.jinja, "get_template", _template),
    (dbt_common.clients.jinja, "get_template", _template),
    (BaseEvent, "__init__", _event_made_when_asked),
    (BaseEvent, "__getattr__", _of_event),
    (EventManager, "fire_event", _fire_if_somebody_listens),
    (dbt.compilation, "inject_ctes_into_sql", _with_inputs),
    (Linker, "find_cycles", _cycles),
    (Linker, "get_graph_summary", _no_summary),
)
OWN = tuple((owner, name, getattr(owner, name)) for owner, name, _ in SHORTCUTS)
"""What dbt has itself in these places."""
_make_event, _fire_event, _make_macro = BaseEvent.__init__, EventManager.fire_event, MacroGenerator.get_macro
_inject, _find_cycles = dbt.compilation.inject_ctes_into_sql, Linker.find_cycles
_environment, _make_template = cache(get_environment), dbt_common.clients.jinja.get_template
