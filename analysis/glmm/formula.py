"""Formulas of mixed models, in the notation of lme4 (Bates et al. 2015, section 2.1).

    correct ~ condition * phase + (1 | participant) + (1 + condition || item)

A grammar of sums and products; nothing is evaluated:

    formula  = outcome "~" sum
    outcome  = variable | "cbind(" column "," column ")"
    sum      = ["-"] item {("+" | "-") item}
    item     = product | "(" sum ("|" | "||") group ")"
    product  = power {("*" | "/") power},  power = atom {":" atom}
    atom     = "0" | "1" | variable | "(" sum ")"
    variable = column | "log(" column ")"
    group    = path {"/" path},  path = column {":" column}
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from analysis.errors import FormulaError

# A product of variables; the empty product is the intercept.
Term = tuple[str, ...]

_NAME = r"[^\W\d][\w.]*"
_TOKEN = re.compile(rf"\s*(?:(`[^`]+`|{_NAME})|(\d+\.?\d*)|(\|\||[~+\-*/:|(),])|(\S))")
_FOREIGN = 4  # the last group of the pattern


@dataclass(frozen=True)
class RandomPart:
    """Random effects of one grouping factor, such as `(1 + condition | item)`.

    Attributes
    ----------
    terms
        What varies between the groups; the empty term is the intercept.
    group
        Columns whose combinations are the groups.
    is_correlated
        False after `||`: every column of the design has a variance and no covariance.
    """

    terms: tuple[Term, ...]
    group: tuple[str, ...]
    is_correlated: bool

    def __str__(self) -> str:
        bar = "|" if self.is_correlated else "||"
        return f"({_sum_text(self.terms)} {bar} {':'.join(map(_written, self.group))})"


@dataclass(frozen=True)
class Formula:
    """A model as declared.

    Attributes
    ----------
    outcome
        One variable, or the two columns of `cbind(successes, failures)`.
    terms
        Fixed terms: the intercept first where there is one, then by number of variables.
    random
        In the order written; `(1 | a/b)` is already `(1 | a)` and `(1 | a:b)`.
    """

    outcome: tuple[str, ...]
    terms: tuple[Term, ...]
    random: tuple[RandomPart, ...]

    def __str__(self) -> str:
        outcome = ", ".join(map(_written, self.outcome))
        if len(self.outcome) > 1:
            outcome = f"cbind({outcome})"
        return f"{outcome} ~ {' + '.join([_sum_text(self.terms), *map(str, self.random)])}"

    def without(self, term: Term) -> "Formula":
        """Return the formula without one fixed term.

        Raises
        ------
        FormulaError
            When the formula has no such term.
        """
        kept = tuple(own for own in self.terms if set(own) != set(term))
        if len(kept) == len(self.terms):
            raise FormulaError(f"{self} has no term {':'.join(term) or '1'}.")
        return Formula(self.outcome, kept, self.random)

    def names_of_groups(self) -> list[str]:
        """Return the columns that only group: their cells are names, even where they are digits."""
        terms = [*self.terms, *(term for part in self.random for term in part.terms)]
        measured = {column_of(variable) for term in terms for variable in term}
        groups = (column for part in self.random for column in part.group)
        return [column for column in dict.fromkeys(groups) if column not in measured]


def column_of(variable: str) -> str:
    """Return the column that a variable reads: `rt` of `log(rt)`."""
    return variable[4:-1] if variable.startswith("log(") else variable


def parse_formula(text: str) -> Formula:
    """Read a formula.

    Parameters
    ----------
    text
        Such as `correct ~ condition + (1 | participant) + (1 | item)`.

    Raises
    ------
    FormulaError
        When it can't be read. The message quotes the place.
    """
    return _Parser(text).formula()


def _written(variable: str) -> str:
    """Return a variable as a formula can read it again."""
    column = column_of(variable)
    written = column if re.fullmatch(_NAME, column) else f"`{column}`"
    return written if variable == column else f"log({written})"


def _sum_text(terms: Iterable[Term]) -> str:
    names = [":".join(map(_written, term)) if term else "1" for term in terms]
    return " + ".join(names if () in terms else ["0", *names])


def _ordered(terms: Iterable[Term]) -> tuple[Term, ...]:
    return tuple(sorted(terms, key=len))


def _cross(left: list[Term], right: list[Term]) -> list[Term]:
    return _unique(tuple(dict.fromkeys((*ours, *theirs))) for ours in left for theirs in right)


def _unique(terms: Iterable[Term]) -> list[Term]:
    seen: dict[frozenset[str], Term] = {}
    for term in terms:
        seen.setdefault(frozenset(term), term)
    return list(seen.values())


@dataclass
class _Sum:
    """A sum while it is read: `intercept` is None until 0 or 1 is said."""

    terms: list[Term]
    random: list[RandomPart]
    intercept: bool | None = None

    def complete(self) -> tuple[Term, ...]:
        own = [term for term in self.terms if term]
        return _ordered([*([] if self.intercept is False else [()]), *own])


class _Parser:
    """Recursive descent; every method reads what the grammar's rule of its name says."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, int]] = []
        self.at = 0
        for match in _TOKEN.finditer(text):
            kind = match.lastindex or 0
            if kind == _FOREIGN:
                what = f"{match.group(kind)!r} has no meaning in a formula"
                raise self.error(what, match.start(kind))
            self.tokens.append((match.group(kind), match.start(kind)))

    def error(self, what: str, place: int | None = None) -> FormulaError:
        if place is None:
            place = self.tokens[self.at][1] if self.at < len(self.tokens) else len(self.text)
        rest = self.text[place:].strip()
        where = f"at “{rest[:24]}{'…' if len(rest) > 24 else ''}”" if rest else "at its end"
        return FormulaError(f"Formula “{self.text.strip()}”, {where}: {what}.")

    def peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        if self.peek() not in wanted:
            return ""
        self.at += 1
        return self.tokens[self.at - 1][0]

    def expect(self, wanted: str, why: str) -> None:
        if not self.take(wanted):
            raise self.error(f"{wanted!r} is missing {why}")

    def formula(self) -> Formula:
        outcome = self.outcome()
        self.expect("~", "after the outcome; write: outcome ~ terms + (1 | group)")
        whole = self.sum(is_fixed=True)
        if self.peek():
            raise self.error("the formula should end here; is a '+' missing?")
        terms = whole.complete()
        used = {column_of(variable) for term in terms for variable in term}
        for name in outcome:
            if column_of(name) in used:
                raise self.error(f"{name} is the outcome and can't predict itself", 0)
        return Formula(outcome, terms, tuple(whole.random))

    def outcome(self) -> tuple[str, ...]:
        if self.peek() != "cbind":
            return (self.variable("an outcome"),)
        self.at += 1
        self.expect("(", "after cbind")
        successes = self.column("the column of successes")
        self.expect(",", "between the columns of successes and failures")
        failures = self.column("the column of failures")
        self.expect(")", "after the two columns of cbind")
        return (successes, failures)

    def sum(self, *, is_fixed: bool) -> _Sum:
        found = _Sum([], [])
        sign = self.take("-", "+") or "+"
        while True:
            self.item(found, is_fixed=is_fixed, is_added=sign == "+")
            sign = self.take("+", "-")
            if not sign:
                return found

    def item(self, found: _Sum, *, is_fixed: bool, is_added: bool) -> None:
        if self.peek() in ("0", "1"):
            follows = self.tokens[self.at + 1][0] if self.at + 1 < len(self.tokens) else ""
            if follows in ("*", ":", "/"):
                raise self.error("0 and 1 stand for the intercept and multiply nothing")
            found.intercept = (self.take("0", "1") == "1") == is_added
            return
        start = self.at
        if is_fixed and self.take("("):
            inner = self.sum(is_fixed=False)
            if self.peek() in ("|", "||"):
                if not is_added:
                    raise self.error("a random part can't be subtracted", self.tokens[start][1])
                found.random += self.random_part(inner)
                return
            self.at = start
        terms = self.product()
        if is_added:
            found.terms = _unique([*found.terms, *terms])
        else:
            dropped = {frozenset(term) for term in terms}
            found.terms = [term for term in found.terms if frozenset(term) not in dropped]

    def random_part(self, inner: _Sum) -> list[RandomPart]:
        place = self.tokens[self.at][1]
        is_correlated = self.take("|", "||") == "|"
        groups = self.group()
        self.expect(")", "to close the random part")
        terms = inner.complete()
        if not terms:
            raise self.error("nothing varies in a random part without terms", place)
        return [RandomPart(terms, group, is_correlated) for group in groups]

    def group(self) -> list[tuple[str, ...]]:
        groups: list[tuple[str, ...]] = []
        while True:
            path = [self.column("a grouping column")]
            while self.take(":"):
                path.append(self.column("a grouping column"))
            groups.append(tuple(dict.fromkeys((*(groups[-1] if groups else ()), *path))))
            if not self.take("/"):
                return groups

    def product(self) -> list[Term]:
        terms = self.power()
        while sign := self.take("*", "/"):
            right = self.power()
            if sign == "*":
                terms = _unique([*terms, *right, *_cross(terms, right)])
            else:
                everything: Term = tuple(dict.fromkeys(name for term in terms for name in term))
                terms = _unique([*terms, *_cross([everything], right)])
        return terms

    def power(self) -> list[Term]:
        terms = self.atom()
        while self.take(":"):
            terms = _cross(terms, self.atom())
        return terms

    def atom(self) -> list[Term]:
        if not self.take("("):
            return [(self.variable("a term"),)]
        inner = self.sum(is_fixed=False)
        if inner.intercept is not None:
            raise self.error("0 and 1 belong outside of products")
        self.expect(")", "to close the parenthesis")
        return inner.terms

    def variable(self, what: str) -> str:
        name = self.column(what)
        if not self.take("("):
            return name
        if name != "log":
            self.at -= 2
            raise self.error(f"{name}(…) is not offered; compute it as a column of the table")
        inside = self.column("a column")
        self.expect(")", "after the column of log")
        return f"log({inside})"

    def column(self, what: str) -> str:
        token = self.peek()
        if not re.match(r"[^\W\d]|`", token):
            raise self.error(f"{what} is missing")
        self.at += 1
        return token.strip("`")
