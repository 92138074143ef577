"""The text of a filter, in: its tree of tests, out."""

import re

from dissect.query.expressions import (
    Expression,
    Group,
    Literal,
    Not,
    Operand,
    QueryError,
    Range,
    Reference,
    Scope,
    Slice,
    Step,
    Test,
    Word,
    take_literal,
)

STEP = re.compile(r"[A-Za-z_][\w-]*|\([0-9A-Fa-fxX]{4},\s*[0-9A-Fa-fxX]{4}\)")
INNER = re.compile(r"\w[\w-]*|" + STEP.pattern)
"""A component of a name: the first one, and those behind it."""
INDEX = re.compile(r"\[(\*|\d{1,9})\](?=\.)")
SUFFIX = re.compile(r":(raw|name|vr|len)\b")
CUT = re.compile(r"\[(-?\d{1,9})?(:|-(?=\d))?(-?\d{1,9})?\]")
WORD = re.compile(r"-?\.\d+|-?\w(?:[\w/^+\\*-]|\.(?!\.)|:(?=[\w:/\s)},]|$))*|::[0-9a-f:./]*")
QUOTED = re.compile(r'(r?)"((?:[^"\\]|\\.)*)"|(r?)\'((?:[^\'\\]|\\.)*)\'', re.DOTALL)
FUNCTION = re.compile(r"(len|count|lower|upper)\s*\(")
SCOPE = re.compile(r"(assoc|msg|op|item)\s*\(")
RELATION = re.compile(r"===|!==|==|!=|<=|>=|<|>|~|(?:eq|ne|lt|le|gt|ge|contains|matches|startswith|in)\b")
ALIASES = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "~": "matches"}
BLANK = re.compile(r"\s*")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}

DEEPEST = 100
"""How deep brackets and `not` may nest."""

HINTS = [
    (re.compile(pattern), hint)
    for pattern, hint in (
        (r"\)", "a bracket is closed that was not opened"),
        (r"=", "write == to compare"),
        (r"&", "there are no operations on bits; name the values: in {1, 3}"),
        (r"[-+*/%]", "there is no arithmetic"),
        (r"\(", "there is no such function; there are len, count, lower, upper, and around tests item, msg, op, assoc"),
        (r",", "a tag stands in brackets: (0010,0020); several values: in {1, 2}"),
        (r"\[|\.", "an item is counted from 0, as in Seq[0].Keyword; a slice is [first:count], [first-last] or [one]"),
        (r"(?i:like|has|include)", "write contains, startswith or matches"),
    )
]
"""What was meant, where behind a test stands what cannot stand there."""

QUOTES = ("'", '"')
NO_VALUE = "expected a value or the name of a field"
QUANTIFIED = "write == where one of several values may be equal, === where all must be"


def parse(text: str) -> Expression:
    """Read a filter.

    Raises
    ------
    QueryError
        Where it is none.

    """
    parser = Parser(text)
    found = parser.pull_or()
    if parser.at < len(text):
        hints = (hint for pattern, hint in HINTS if pattern.match(text, parser.at))
        quantified = re.search(r"(?:^|\W)(any|all)\s+$", text[: parser.at])
        hint = QUANTIFIED if quantified else next(hints, "expected and, or, or the end")
        raise parser.blame(hint)
    return found


class Parser:
    """The text of a filter, which is read from left to right."""

    def __init__(self, text: str) -> None:
        """Begin before the first word."""
        self._text = text
        self._depth = 0
        self.at = 0
        self._skip()

    def blame(self, text: str, at: int | None = None) -> QueryError:
        """Make an error that points at a place."""
        return QueryError((self.at if at is None else at) + 1, text)

    def _skip(self) -> None:
        match = BLANK.match(self._text, self.at)
        self.at = match.end() if match else self.at

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Pass what matches here, and the blanks behind it."""
        match = pattern.match(self._text, self.at)
        if match is not None:
            self.at = match.end()
            self._skip()
        return match

    def _take_sign(self, *signs: str) -> bool:
        """Pass one of several words or signs."""
        for sign in signs:
            end = self.at + len(sign)
            if self._text.startswith(sign, self.at) and not (sign.isalpha() and self._text[end : end + 1].isalnum()):
                self.at = end
                self._skip()
                return True
        return False

    def pull_or(self) -> Expression:
        """Read alternatives."""
        parts = [self.pull_and()]
        while self._take_sign("or", "||"):
            parts.append(self.pull_and())
        return parts[0] if len(parts) == 1 else Group("or", tuple(parts))

    def pull_and(self) -> Expression:
        """Read what must all hold."""
        parts = [self.pull_not()]
        while self._take_sign("and", "&&"):
            parts.append(self.pull_not())
        return parts[0] if len(parts) == 1 else Group("and", tuple(parts))

    def pull_not(self) -> Expression:
        """Read a negation, a bracket, a scope or a test."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise self.blame(f"brackets and not nest more than {DEEPEST} deep")
        found = self._pull_not()
        self._depth -= 1
        return found

    def _pull_not(self) -> Expression:
        if not self._text.startswith("!=", self.at) and self._take_sign("not", "!"):
            return Not(self.pull_not())
        scope = self._take(SCOPE)
        if scope is not None:
            return Scope(scope[1], self._pull_bracketed(scope.start()))
        start = self.at
        if STEP.match(self._text, start) is None and self._take_sign("("):
            return self._pull_bracketed(start)
        return self._pull_test()

    def _pull_bracketed(self, start: int) -> Expression:
        """Read an expression up to the closing bracket."""
        inner = self.pull_or()
        if not self._take_sign(")"):
            raise self.blame("this bracket is not closed", start)
        return inner

    def _pull_test(self) -> Test:
        left = self._pull_operand()
        match = self._take(RELATION)
        if match is None:
            return Test(left)
        operator = ALIASES.get(match[0], match[0])
        if operator == "in":
            return Test(left, operator, self._pull_set())
        return Test(left, operator, (self._pull_operand(),))

    def _pull_set(self) -> tuple[Operand | Range, ...]:
        """Read values and ranges in braces."""
        if not self._take_sign("{"):
            raise self.blame("expected a set of values such as {1, 4..6}")
        found: list[Operand | Range] = []
        while not found or self._take_sign(","):
            low = take_literal(self._pull_operand())
            found.append(Range(low, take_literal(self._pull_operand())) if self._take_sign("..") else low)
        if not self._take_sign("}"):
            raise self.blame("expected a comma or a closing brace of this set")
        return tuple(found)

    def _pull_operand(self) -> Operand:
        """Read a field, a value, or a function of a field."""
        start = self.at
        quoted = self._take(QUOTED)
        if quoted is not None:
            return Literal(read_quoted(quoted), True, start + 1)
        function = self._take(FUNCTION)
        if function is not None:
            inner = self.pull_reference()
            if inner is None or not self._take_sign(")"):
                raise self.blame(f"{function[1]}( ) takes one field")
            return Reference(inner.steps, start + 1, function[1], inner.suffix, inner.cut)
        reference = self.pull_reference()
        end, self.at = self.at, start
        word = self._take(WORD)
        if word is None and reference is None:
            raise self.blame(
                "this quotation mark is not closed" if self._text[start : start + 1] in QUOTES else NO_VALUE
            )
        if reference is not None and (word is None or word.end() < len(self._text[:end].rstrip())):
            self.at = end
            return reference
        assert word is not None
        return Word(reference if self.at == end else None, Literal(word[0], False, start + 1))

    def pull_reference(self) -> Reference | None:
        """Read a field's name, or a path, with a suffix or a slice behind it; None where there is none."""
        start, at, steps = self.at, self.at, list[Step]()
        while (match := (INNER if steps else STEP).match(self._text, at)) is not None:
            column, at = at + 1, match.end()
            index = INDEX.match(self._text, at)
            item = None
            if index is not None:
                at = index.end()
                item = None if index[1] == "*" else int(index[1])
            steps.append(Step(match[0].replace(" ", ""), column, item))
            if self._text[at : at + 1] != "." or INNER.match(self._text, at + 1) is None:
                break
            at += 1
        if not steps:
            return None
        suffix = SUFFIX.match(self._text, at)
        at = suffix.end() if suffix else at
        cut = CUT.match(self._text, at)
        self.at = cut.end() if cut else at
        self._skip()
        return Reference(tuple(steps), start + 1, "", suffix[1] if suffix else "", read_cut(cut, at) if cut else None)


def read_cut(match: re.Match[str], at: int) -> Slice:
    """Read a slice as Wireshark has it: `[first:count]`, `[first-last]`, `[one]`."""
    first, sign, second = match[1], match[2], match[3]
    if first is None and second is None:
        raise QueryError(at + 1, "a slice is [first:count], [first-last] or [one]")
    low = int(first) if first is not None else 0
    if not sign:
        return (low, low + 1 or None)
    if second is None:
        return (low, None)
    stop = low + int(second) if sign == ":" else int(second) + 1
    if sign == ":" and low < 0 <= stop:
        return (low, None)
    return (low, stop)


def read_quoted(match: re.Match[str]) -> str:
    r"""Give what stands between quotation marks; a raw string `r"..."` keeps its backslashes."""
    raw, text = (match[1], match[2]) if match[2] is not None else (match[3], match[4])
    return text if raw else re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), text, flags=re.DOTALL)
