"""The grammar of JQL: a query's text becomes a tree of clauses and an order.

    query   = [any] ["ORDER BY" field ["ASC" | "DESC"] {"," …}]
    any     = all {("OR" | "||" | "|") all}
    all     = one {("AND" | "&&" | "&") one}
    one     = ("NOT" | "!") one | "(" any ")" | field operator operand
    operand = value | function "(" [value {"," value}] ")" | "(" operand {"," operand} ")"

Belongs here: how a query is written. Does not: what a field, a value or a function means on this site (jql_fields.py).
After Atlassian's references of JQL's keywords and operators: NOT binds closer than AND, AND closer than OR.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SIGNS = {"&&": "and", "&": "and", "||": "or", "|": "or", "!": "not"}
KEYWORDS = {"and", "or", "not", "in", "is", "was", "changed", "order", "by", "asc", "desc", "empty", "null"}
COMPARING = ("=", "!=", "<=", ">=", "<", ">", "~", "!~")
TOKEN = re.compile(
    r"""\s*(?: "(?P<double>(?:[^"\\]|\\.)*)" | '(?P<single>(?:[^'\\]|\\.)*)'
      | (?P<sign> <= | >= | != | !~ | && | \|\| | [=<>~()!,&|] )
      | (?P<word> cf\[\d+\] | (?:[^\s"'<>=!~(),&|{}*/%+$\#@?;\[\]\\]|\\.)+ ) )""",
    re.X | re.I | re.S,
)
ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.S)
CONTROL = {"n": "\n", "t": "\t", "r": "\r"}


class JqlError(Exception):
    """What Jira answers with 400."""


@dataclass(frozen=True, slots=True)
class Value:
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Empty:
    def __str__(self) -> str:
        return "EMPTY"


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.arguments)})"


@dataclass(frozen=True, slots=True)
class Several:
    operands: tuple[Operand, ...]

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.operands))})"


Operand = Value | Empty | Function | Several


@dataclass(frozen=True, slots=True)
class Clause:
    field: str
    operator: str  # lower case: a sign, in, not in, is, is not
    operand: Operand


@dataclass(frozen=True, slots=True)
class Not:
    node: Node


@dataclass(frozen=True, slots=True)
class All:
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    nodes: tuple[Node, ...]


Node = Clause | Not | All | AnyOf


@dataclass(frozen=True, slots=True)
class Query:
    where: Node
    order: tuple[tuple[str, bool], ...]  # field, descending


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    kind: str  # a keyword or a sign; "word" or "text" (quoted)
    at: int


def parse(jql: str) -> Query:
    return _Parser(jql).query()


def _tokens(jql: str) -> list[Token]:
    found, at, end = [], 0, len(jql.rstrip())
    while at < end:
        match = TOKEN.match(jql, at)
        if match is None:
            at += len(jql[at:]) - len(jql[at:].lstrip())
            raise JqlError(_at(_unreadable(jql[at]), jql, at))
        kind = str(match.lastgroup)
        text = ESCAPED.sub(_unescaped, match[kind]) if kind != "sign" else match[kind]
        if kind == "sign":
            kind = SIGNS.get(text, text)
        elif kind == "word":
            kind = text.lower() if text.lower() in KEYWORDS else "word"
        else:
            kind = "text"
        found.append(Token(text, kind, match.end() - len(match[0].lstrip())))
        at = match.end()
    return found


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else CONTROL.get(match[2], match[2])


def _unreadable(character: str) -> str:
    if character in "\"'":
        return "The quoted string has not been completed."
    return (
        f"The character '{character}' is a reserved JQL character. You must enclose it in a string or use the escape "
        f"'\\u{ord(character):04x}' instead."
    )


def _at(problem: str, jql: str, at: int) -> str:
    line = jql.count("\n", 0, at)
    return f"Error in the JQL Query: {problem} (line {line + 1}, character {at - jql.rfind(chr(10), 0, at)})"


class _Parser:
    """One pass, one token ahead."""

    def __init__(self, jql: str) -> None:
        self.jql, self.tokens, self.at = jql, _tokens(jql), 0

    @property
    def kind(self) -> str:
        return self.tokens[self.at].kind if self.at < len(self.tokens) else "end"

    def take(self, *kinds: str) -> Token | None:
        if self.kind not in kinds:
            return None
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, what: str, *kinds: str) -> Token:
        token = self.take(*kinds)
        if token is None:
            raise self.error(what)
        return token

    def error(self, what: str) -> JqlError:
        if self.at >= len(self.tokens):
            return JqlError(f"Error in the JQL Query: Expecting {what} before the end of the query.")
        token = self.tokens[self.at]
        return JqlError(_at(f"Expecting {what} but got '{token.text}'.", self.jql, token.at))

    def query(self) -> Query:
        where = None if self.kind in ("end", "order") else self.any()
        order = self.order() if self.take("order") else ()
        if self.kind != "end":
            raise self.error("either 'OR' or 'AND'")
        if where is None:
            raise JqlError("Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
        return Query(where, order)

    def order(self) -> tuple[tuple[str, bool], ...]:
        self.expect("'by'", "by")
        found: list[tuple[str, bool]] = []
        while not found or self.take(","):
            name = self.expect("a field name", "word", "text").text
            token = self.take("asc", "desc")
            found.append((name, token is not None and token.kind == "desc"))
        if len(found) > 7:
            raise JqlError("The ORDER BY clause can contain at most 7 fields.")
        return tuple(found)

    def any(self) -> Node:
        nodes = [self.all()]
        while self.take("or"):
            nodes.append(self.all())
        return nodes[0] if len(nodes) == 1 else AnyOf(tuple(nodes))

    def all(self) -> Node:
        nodes = [self.one()]
        while self.take("and"):
            nodes.append(self.one())
        return nodes[0] if len(nodes) == 1 else All(tuple(nodes))

    def one(self) -> Node:
        if self.take("not"):
            return Not(self.one())
        if self.take("("):
            node = self.any()
            self.expect("')'", ")")
            return node
        field = self.expect("a field name", "word", "text").text
        operator = self.operator()
        return Clause(field, operator, self.operand())

    def operator(self) -> str:
        if token := self.take(*COMPARING, "in"):
            return token.kind
        if self.take("is"):
            return "is not" if self.take("not") else "is"
        if self.kind == "not" and self.tokens[self.at].text != "!":
            self.take("not")
            self.expect("'IN'", "in")
            return "not in"
        if token := self.take("was", "changed"):
            raise JqlError(f"The operator '{token.text}' is not supported here: this site searches no history.")
        signs = ", ".join(f"'{sign}'" for sign in COMPARING)
        raise self.error(f"operator, one of {signs}, 'IN', 'NOT IN', 'IS' and 'IS NOT',")

    def operand(self) -> Operand:
        if self.take("("):
            operands = [self.operand()]
            while self.take(","):
                operands.append(self.operand())
            self.expect("')'", ")")
            return Several(tuple(operands))
        if self.take("empty", "null"):
            return Empty()
        token = self.expect("either a value, list or function", "word", "text")
        if not self.take("("):
            return Value(token.text)
        arguments: list[str] = []
        while not self.take(")"):
            if arguments:
                self.expect("',' or ')'", ",")
            arguments.append(self.expect("an argument", "word", "text").text)
        return Function(token.text, tuple(arguments))
