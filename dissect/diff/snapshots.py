"""An exchange as a text that is pleasant to review and the same from run to run, out; and read again, in.

A line a field, indented as they are nested: its key, its VR (in brackets where the bytes do not say it), its name, and
its value as a JSON string. UIDs of instances stand as roles in `<` and `>`, secrets as asterisks. What begins with `#`
is for people alone.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NoReturn

from dissect.dicom.items import MASK
from dissect.dicom.values import call_uid
from dissect.diff.digests import fingerprint
from dissect.diff.exchange import Exchange, Kind, Talk, find_uids, tell_sender
from dissect.diff.fields import DATA_SET_TYPE, ITEM, Field, has_odd_group, join, stem
from dissect.diff.masks import Masks
from dissect.diff.meanings import DEEPEST
from dissect.diff.negotiated import CONTEXT, identify_item, tie_contexts, weigh_item
from dissect.diff.roles import Names
from dissect.differing import Weight
from dissect.text import UNSAFE, escape

FIRST = "dissect snapshot 1"
"""The first line, with the version of the form."""

INDENT = "  "
SENDER = "sent-by"
LOST = "missing"

QUOTED = r'"(?:[^"\\]|\\.)*"'
LINE = re.compile(
    r"(?P<key>\S+)(?: (?P<vr>[A-Z]{2}|\([A-Z]{2}\)))?(?: (?P<name>.*?))??"
    rf"(?: = (?P<value>{QUOTED}|<[^<>]*>|\*{{8}}|missing))?(?: as (?P<raw>{QUOTED}))?(?:  # (?P<meaning>.*))?"
)
NUMBERED_CONTEXT = re.compile(rf"{CONTEXT}\.[0-9]{{1,9}}")
ELEMENT = re.compile(r"[0-9a-f]{4},[0-9a-f]{4}(?:\.[0-9]+)?")
TALK = re.compile(rf"association (?P<number>[0-9]{{1,9}}) (?P<calling>{QUOTED}) --> (?P<called>{QUOTED})")
OPERATION = re.compile(
    r"operation (?P<name>\S+)(?: by (?P<side>requestor|acceptor))?(?: of (?P<sop_class>\"(?:[^\"\\]|\\.)*\"))?"
    r"(?: in (?P<context>[0-9]{1,9}))?(?:  # .*)?"
)

MOST_LEVELS = DEEPEST + 10
"""No line is indented by more: elements begin a few levels below an association."""


class SnapshotError(Exception):
    """A text that is no snapshot: one sentence that says where and why."""


def write_snapshot(exchange: Exchange, masks: Masks) -> Iterator[str]:
    """Give the lines of a snapshot; what is masked is left out, and the masks are named, for when it is compared."""
    names = Names()
    yield f"{FIRST}\n"
    for selector in masks.ignored:
        yield f"ignore {selector.text}\n"
    for talk in exchange.talks:
        yield f"\nassociation {talk.number} {quote(talk.calling)} --> {quote(talk.called)}\n"
        for pdu in exchange.read_negotiation(talk):
            yield from write_field(pdu, talk.path, 1, names, masks)
        for operation in range(talk.first, talk.stop):
            yield from write_operation(exchange, talk, operation, names, masks)


def write_operation(exchange: Exchange, talk: Talk, operation: int, names: Names, masks: Masks) -> Iterator[str]:
    """Give the lines of an operation."""
    kind, context = exchange.kind(operation), exchange.contexts[operation]
    line = f"{INDENT}operation {kind.name}" + (f" by {kind.side}" if kind.side else "")
    if kind.sop_class:
        line += f" of {quote(kind.sop_class)}"
    line += f" in {context}" if context else ""
    name = call_uid(kind.sop_class)
    yield line + (f"  # {escape(name)}\n" if name != kind.sop_class else "\n")
    messages = list(exchange.read_messages(operation))
    for message in messages:
        for part in message.children:
            if part.key == "data-set":
                names.learn(part.children)
    for message in messages:
        yield from write_field(message, talk.path, 2, names, masks)


def write_field(field: Field, path: str, depth: int, names: Names, masks: Masks) -> Iterator[str]:
    """Give the lines of a field and of those below it."""
    path = join(path, field.key)
    if masks.find(field, path):
        return
    words = [field.key or SENDER]
    if field.vr:
        words.append(field.vr if field.explicit else f"({field.vr})")
    if field.tag.startswith("(") and field.tag != ITEM:
        words.append(escape(field.name))
    if (value := tell_value(field, names)) is not None:
        words += ["=", value]
    if field.raw not in (None, field.value):
        words += ["as", quote(field.raw or "")]
    meaning = f"  # {escape(field.meaning)}" if field.meaning and field.kind != "secret" else ""
    yield f"{INDENT * depth}{' '.join(words)}{meaning}\n"
    if field.mark == "item":
        names.learn(field.children)
    for child in field.children:
        yield from write_field(child, path, depth + 1, names, masks)


def tell_value(field: Field, names: Names) -> str | None:
    """Give a field's value as it stands in a snapshot, None for a group that has none."""
    if field.kind == "secret":
        return MASK
    if field.kind == "lost":
        return LOST
    if field.kind == "uid":
        return f"<{names.name(field)}>"
    if field.kind == "group" and field.value in ("", field.key):
        return None
    return quote(field.value)


def quote(text: str) -> str:
    """Write a text as a JSON string, in which nothing can hide."""
    return UNSAFE.sub(escape_json, json.dumps(text, ensure_ascii=False))


def escape_json(match: re.Match[str]) -> str:
    """Write a character as JSON's escape."""
    return json.dumps(match[0])[1:-1]


class Snapshot(Exchange):
    """What was said, read from a snapshot."""

    def __init__(self, name: str, text: str) -> None:
        """Read a snapshot; raise SnapshotError where it is none."""
        super().__init__()
        self.name = name
        self._operations: list[list[Field]] = []
        self._said: list[list[int]] = []
        self._negotiations: defaultdict[int, list[Field]] = defaultdict(list)
        self._lines = text.splitlines()
        self._at = 1
        self._read()

    def _read(self) -> None:
        if not self._lines or self._lines[0].strip() != FIRST:
            raise SnapshotError(f"{self.name}: its first line is not {FIRST!r}")
        levels: list[tuple[int, list[Field]]] = []
        for line in self._lines[1:]:
            self._at += 1
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            depth = (len(line) - len(line.lstrip(" "))) // len(INDENT)
            if depth == 0:
                self._take_head(text)
                levels = [(0, self._negotiations[self.talks[-1].number])] if self.talks else []
                continue
            if not self.talks:
                self._refuse("a field that is in no association")
            if depth > MOST_LEVELS:
                self._refuse("indented more deeply than any field is")
            if depth == 1 and text.split()[0] == "operation":
                self._take_operation(text)
                levels = [(1, self._operations[-1])]
                continue
            while levels and levels[-1][0] >= depth:
                levels.pop()
            if not levels:
                self._refuse("indented otherwise than what comes before")
            field = self._take_field(text)
            levels[-1][1].append(field)
            levels.append((depth, field.children))
        self._finish()

    def _refuse(self, why: str) -> NoReturn:
        raise SnapshotError(f"{self.name}: line {self._at}: {why}")

    def _take_head(self, text: str) -> None:
        """Take a line that is not indented: a mask, or the beginning of an association."""
        if text.startswith("ignore "):
            self.ignored = (*self.ignored, text.removeprefix("ignore "))
            return
        found = TALK.fullmatch(text)
        if found is None:
            self._refuse("neither an association nor a field")
        talk = Talk(int(found["number"]), self._unquote(found["called"]), self._unquote(found["calling"]))
        talk.first = talk.stop = len(self.kinds)
        self.talks.append(talk)

    def _take_operation(self, text: str) -> None:
        """Take the line that begins an operation."""
        found = OPERATION.fullmatch(text)
        if found is None:
            self._refuse("not an operation")
        sop_class = self._unquote(found["sop_class"] or '""')
        self.kinds.append(self.number_kind(Kind(found["name"], sop_class, found["side"] or "")))
        self.contexts.append(int(found["context"] or 0))
        self._operations.append([])
        self.talks[-1].stop = len(self.kinds)

    def _unquote(self, text: str) -> str:
        try:
            found = json.loads(text)
        except ValueError:
            self._refuse(f"{text} is no JSON string")
        assert isinstance(found, str)
        return found

    def _take_field(self, text: str) -> Field:
        """Take the line of a field."""
        found = LINE.fullmatch(text)
        if found is None:
            self._refuse("not a field")
        key, value = found["key"], found["value"]
        if stem(key) == CONTEXT and not NUMBERED_CONTEXT.fullmatch(key):
            self._refuse("a presentation context without a number")
        if key == SENDER:
            return tell_sender(self._unquote(value or '""'), Field("", ""))
        field = Field(key, found["name"] or name_key(key), meaning=found["meaning"] or "")
        field.vr, field.explicit = (found["vr"] or "").strip("()"), not (found["vr"] or "(").startswith("(")
        if ELEMENT.fullmatch(key):
            field.tag = f"({key[:9]})"
        elif stem(key) == "item":
            field.tag, field.mark = ITEM, "item"
        if field.tag == DATA_SET_TYPE:
            field.weight = "note"
        self._take_value(field, value)
        if field.kind == "value" and (field.vr == "UN" or has_odd_group(field.tag)):
            field.raw = self._unquote(found["raw"]) if found["raw"] else field.value
        return field

    def _take_value(self, field: Field, value: str | None) -> None:
        """Take the value that stands in a field's line."""
        if value is None:
            field.order = "items" if field.vr == "SQ" else ""
        elif value == MASK:
            field.kind = "secret"
        elif value == LOST:
            field.kind = "lost"
        elif value.startswith("<"):
            field.kind, field.value = "uid", value[1:-1]
        else:
            field.kind = "group" if stem(field.key) == CONTEXT else "value"
            field.value = self._unquote(value)

    def _finish(self) -> None:
        """Say of each field what it is known by, now that all below it are there."""
        for talk in self.talks:
            pdus = self._negotiations[talk.number]
            talk.digest = fingerprint(text for pdu in pdus for text in list_texts(pdu))
            for pdu in pdus:
                identify_below(pdu, weigh_item(pdu.key.removesuffix("/body"), "change"))
                pdu.mark, pdu.kin = stem(pdu.key.removesuffix("/body")), ""
                pdu.name = pdu.mark.upper()
            tie_contexts(pdus, lambda item: item.value or item.key)
            proposed = (item for pdu in pdus for item in pdu.children if pdu.mark == "a-associate-rq" and item.kin)
            kins = [item.kin.partition(" ")[2] for item in proposed if stem(item.key) == CONTEXT]
            talk.syntaxes = tuple(sorted({*kins} - {""}))
        for messages in self._operations:
            for message in messages:
                message.mark, message.name = stem(message.key), stem(message.key).upper()
            self._said.append([fingerprint(list_texts(message)) for message in messages])
            self.digests.append(fingerprint(map(str, self._said[-1])))

    def read_negotiation(self, talk: Talk) -> list[Field]:
        """Give the PDUs of an association that carry no messages."""
        return self._negotiations[talk.number]

    def digest_messages(self, operation: int) -> list[int]:
        """Give for each message of an operation a number."""
        return self._said[operation]

    def read_message(self, operation: int, place: int) -> Field:
        """Give a message of an operation."""
        return self._operations[operation][place]

    def list_uids(self, operation: int, place: int) -> Iterator[str]:
        """Give the roles of the instances that a message of an operation names."""
        return find_uids(self._operations[operation][place])

    def name_operation(self, operation: int) -> str:
        """Give the last component of the path of an operation's first message."""
        messages = self._operations[operation]
        return messages[0].key if messages else "message.0"


def name_key(key: str) -> str:
    """Make a name of a key that says what it is."""
    return stem(key.rpartition("/")[0] or key).replace("-", " ").title()


def identify_below(item: Field, weight: Weight) -> None:
    """Say what an item and all below it are known by, and how much they matter."""
    for child in item.children:
        if child.mark != "sender":
            identify_below(child, weigh_item(child.key, weight))
        else:
            child.weight = weight
    item.weight = weight
    identify_item(item)


def list_texts(field: Field) -> Iterator[str]:
    """Give all that a field and those below it say, in a snapshot."""
    yield "snapshot"
    for path, each in field.walk():
        yield from (path, each.kind, each.value, each.vr)
