"""Two trees of fields, in: what differs between them, out."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from dissect.dicom.items import MASK
from dissect.dicom.statuses import classify_status
from dissect.diff.alignment import Alignment
from dissect.diff.differences import Change, Contradiction, Difference, Place
from dissect.diff.digests import fingerprint
from dissect.diff.fields import STATUS, Field, join, read_status
from dissect.diff.masks import Masks
from dissect.diff.relation import Partners, Relation
from dissect.differing import Profile, Weight
from dissect.masking import is_private

Wanted = Mapping[Partners, tuple[Contradiction, ...]]
"""Pairs of UIDs that are looked for, each with what it contradicts."""


@dataclass(frozen=True, slots=True)
class Trees:
    """A field of the old exchange and one of the new one, or one of the two, with their paths."""

    old: Field | None
    new: Field | None
    old_path: str
    new_path: str
    holder: "Trees | None" = None
    """What holds them."""

    def below(self, old: Field | None, new: Field | None) -> "Trees":
        """Give what is below them; the path of what lacks stays that of what it lacks in."""
        ours = join(self.old_path, old.key) if old is not None else self.old_path
        theirs = join(self.new_path, new.key) if new is not None else self.new_path
        return Trees(old, new, ours, theirs, self)

    def places(self) -> tuple[Place, Place]:
        """Give where they are; of what lacks, where what it lacks in is."""
        holder = self.holder
        old = self.old or (holder.old if holder is not None else None)
        new = self.new or (holder.new if holder is not None else None)
        frames = [tuple(each.frames()) if each is not None else () for each in (old, new)]
        return Place(self.old_path, frames[0]), Place(self.new_path, frames[1])


class TreeComparer:
    """Compares fields by rules, and notes which UID stands for which."""

    def __init__(self, masks: Masks, profile: Profile = "default", *, left_out: Iterable[str] = ()) -> None:
        """Start with an empty relation of UIDs; `left_out` are masks of which a snapshot holds nothing."""
        self._left_out = frozenset(left_out)
        self.masks = masks
        self.relation = Relation()
        self.hidden: Counter[str] = Counter()
        """How many differences each mask hid."""
        self.place = 0
        """The number of what is compared, for the relation of UIDs."""
        self._profile = profile
        self._wanted: Wanted | None = None
        """The pairs of UIDs that are looked for, where nothing else is."""

    def compare(self, trees: Trees) -> list[Difference]:
        """Give what differs."""
        found: list[Difference] = []
        self._walk(trees, False, found)
        return found

    @contextmanager
    def search(self, wanted: Wanted) -> Iterator[None]:
        """Meanwhile look for pairs of UIDs, and take none down."""
        self._wanted = wanted
        try:
            yield
        finally:
            self._wanted = None

    def _walk(self, trees: Trees, chosen: bool, found: list[Difference]) -> None:
        """Compare two fields that stand for each other, or tell of one that stands alone."""
        old, new = trees.old, trees.new
        if mask := self._find_mask(trees):
            hidden: list[Difference] = []
            self._compare(trees, True, hidden)
            left_out = mask in self._left_out and (old is None or new is None)
            if self._wanted is None and not left_out:
                self.hidden[mask] += len(hidden)
            return
        if not chosen:
            chosen = any(each is not None and self.masks.chooses(each, path)
                         for each, path in ((old, trees.old_path), (new, trees.new_path)))  # fmt: skip
        self._compare(trees, chosen, found)

    def _find_mask(self, trees: Trees) -> str:
        if not self.masks.ignored:
            return ""
        mask = self.masks.find(trees.old, trees.old_path) if trees.old is not None else ""
        return mask or (self.masks.find(trees.new, trees.new_path) if trees.new is not None else "")

    def _compare(self, trees: Trees, chosen: bool, found: list[Difference]) -> None:
        old, new = trees.old, trees.new
        if old is None or new is None:
            self._tell_lone(trees, chosen, found)
            return
        if "lost" in (old.kind, new.kind):
            return
        if chosen and old.vr != new.vr and old.explicit and new.explicit:
            found.append(self.make(trees, "changed", "change", f"VR of {old.name}", (old.vr, new.vr)))
        if old.kind == "group" and new.kind == "group":
            self._compare_children(trees, chosen, found)
        elif chosen:
            self._compare_values(trees, old, new, found)

    def _compare_values(self, trees: Trees, old: Field, new: Field, found: list[Difference]) -> None:
        if "uid" in (old.kind, new.kind) and self._relate(trees, old, new, found):
            return
        ours, theirs = old.value, new.value
        if "group" in (old.kind, new.kind):
            ours, theirs = old.describe(), new.describe()
        elif "secret" in (old.kind, new.kind):
            if not differ_in_bytes(old, new):
                return
        elif ours == theirs or is_same_raw(old, new):
            return
        weight: Weight = "break" if tells_other_class(old, new) else new.weight
        if self._profile == "structure" and weight != "break" and old.kind == new.kind and old.tag != STATUS:
            return
        if "secret" in (old.kind, new.kind):
            ours = theirs = MASK
        name = min(old.name, new.name)
        found.append(self.make(trees, "changed", weight, name, (ours, theirs), (old.meaning, new.meaning)))

    def _relate(self, trees: Trees, old: Field, new: Field, found: list[Difference]) -> bool:
        """Note which UIDs stand for which; False where they cannot stand for each other."""
        ours, theirs = old.value.split("\\"), new.value.split("\\")
        if old.kind != new.kind or len(ours) != len(theirs) or self._profile == "strict":
            return old.value == new.value
        for pair in zip(ours, theirs, strict=True):
            if self._wanted is None:
                self.relation.add(pair, self.place)
            elif pair in self._wanted:
                told = self.make(trees, "uid-relation", "change", new.name, pair, partners=self._wanted[pair])
                found.append(told)
        return True

    def _tell_lone(self, trees: Trees, chosen: bool, found: list[Difference]) -> None:
        """Tell of a field that has no partner."""
        field = trees.old or trees.new
        assert field is not None
        path = trees.old_path if trees.old is not None else trees.new_path
        if field.kind == "lost" or not (chosen or self._holds_chosen(field, path)):
            return
        text = MASK if field.kind == "secret" else field.describe()
        change: Change = "removed" if trees.new is None else "added"
        values = (text, None) if trees.new is None else (None, text)
        meanings = (field.meaning, "") if trees.new is None else ("", field.meaning)
        found.append(self.make(trees, change, field.weight, field.name, values, meanings))

    def _holds_chosen(self, field: Field, path: str) -> bool:
        """Tell whether below a field is one that is chosen."""
        return any(self.masks.chooses(each, at) for child in field.children for at, each in child.walk(path))

    def _compare_children(self, trees: Trees, chosen: bool, found: list[Difference]) -> None:
        """Compare what is below two fields."""
        assert trees.old is not None
        assert trees.new is not None
        ours, theirs = trees.old.children, trees.new.children
        if trees.old.order == "items":
            pairs = self._pair_items(trees, chosen)
        elif [child.mark for child in ours] == [child.mark for child in theirs]:
            pairs = [(at, at) for at in range(len(ours))]
        else:
            pairs = pair_fields(ours, theirs)
        for old, new in merge(pairs, len(ours), len(theirs)):
            self._walk(trees.below(ours[old] if old >= 0 else None, theirs[new] if new >= 0 else None), chosen, found)
        by_new = sorted(pairs, key=lambda pair: pair[1])
        if trees.old.order == "note" and by_new != sorted(pairs):
            orders = tell_orders([ours[at] for at, _ in sorted(pairs)], [ours[at] for at, _ in by_new])
            found.append(self.make(trees, "changed", "note", f"Order in {trees.old.name}", orders))

    def _pair_items(self, trees: Trees, chosen: bool) -> list[tuple[int, int]]:
        """Pair the items of sequences: those in which nothing differs, then the others by their places."""
        assert trees.old is not None
        assert trees.new is not None
        old = [self.sign(item, join(trees.old_path, item.key), chosen) for item in trees.old.children]
        new = [self.sign(item, join(trees.new_path, item.key), chosen) for item in trees.new.children]
        alignment = Alignment(len(old), len(new))
        alignment.match((old.__getitem__, new.__getitem__), ordered=True)
        marks = [[item.mark for item in each.children] for each in (trees.old, trees.new)]
        alignment.match((marks[0].__getitem__, marks[1].__getitem__), ordered=True)
        return alignment.pairs

    def sign(self, field: Field, path: str, chosen: bool = False) -> int:
        """Make a number that two fields share in which nothing differs but UIDs and what is not compared."""
        return fingerprint(self._list_texts(field, path, chosen))

    def _list_texts(self, field: Field, path: str, chosen: bool) -> Iterator[str]:
        if self.masks.ignored and self.masks.find(field, path):
            return
        chosen = chosen or self.masks.chooses(field, path)
        if field.kind == "group":
            yield f"{field.mark}("
            for child in field.children:
                yield from self._list_texts(child, join(path, child.key), chosen)
            yield ")"
        elif chosen:
            told = field.kind == "uid" or (self._profile == "structure" and field.tag != STATUS)
            yield field.mark
            yield "" if told else field.value if field.raw is None else field.raw

    def weigh(self, weight: Weight) -> Weight:
        """Give how much a difference matters: where all is compared strictly, none is only a note."""
        return "change" if self._profile == "strict" and weight == "note" else weight

    def make(
        self,
        trees: Trees,
        change: Change,
        weight: Weight,
        name: str,
        values: tuple[str | None, str | None],
        meanings: tuple[str, str] = ("", ""),
        *,
        partners: tuple[Contradiction, ...] = (),
    ) -> Difference:
        """Make the record of a difference."""
        nodes = [each.node for each in (trees.old, trees.new) if each is not None and each.node is not None]
        private = any(map(is_private, nodes))
        return Difference(change, self.weigh(weight), name, *values, *trees.places(), meanings, private, partners)


def differ_in_bytes(old: Field, new: Field) -> bool:
    """Tell whether two fields have other bytes, as far as that can be known: a snapshot holds no secrets."""
    spans = [each.node.span for each in (old, new) if each.node is not None and each.node.span is not None]
    return len(spans) == 2 and spans[0].read() != spans[1].read()


def is_same_raw(old: Field, new: Field) -> bool:
    """Tell whether private or unknown elements have the same bytes, where a side does not write the VR."""
    return old.raw is not None and old.raw == new.raw and not (old.explicit and new.explicit)


def tells_other_class(old: Field, new: Field) -> bool:
    """Tell whether two statuses are of different classes (PS3.7 Annex C)."""
    if old.tag != STATUS or new.tag != STATUS:
        return False
    statuses = (read_status(each) for each in (old, new))
    ours, theirs = ("no status" if status is None else classify_status(status) for status in statuses)
    return ours != theirs


def pair_fields(old: Sequence[Field], new: Sequence[Field]) -> list[tuple[int, int]]:
    """Pair fields by what they are known by, wherever they stand."""
    alignment = Alignment(len(old), len(new))
    alignment.match((lambda at: old[at].mark, lambda at: new[at].mark), ordered=False)
    alignment.match((make_kin(old, "old"), make_kin(new, "new")), ordered=False)
    return alignment.pairs


def make_kin(fields: Sequence[Field], side: str) -> Callable[[int], object]:
    """Make what gives fields the name of their kin; those without any are like nothing else."""
    return lambda at: fields[at].kin or (side, at)


def merge(pairs: Iterable[tuple[int, int]], old: int, new: int) -> Iterator[tuple[int, int]]:
    """Give pairs in the order of the old sequence, and between them what stands alone, with -1 beside."""
    partners = dict(pairs)
    lone = iter(sorted(set(range(new)) - set(partners.values())))
    waiting = next(lone, new)
    for at in range(old):
        partner = partners.get(at, -1)
        while waiting < partner:
            yield -1, waiting
            waiting = next(lone, new)
        yield at, partner
    while waiting < new:
        yield -1, waiting
        waiting = next(lone, new)


def tell_orders(old: list[Field], new: list[Field]) -> tuple[str, str]:
    """Name the same fields in two orders, as far as these differ."""
    while old[0] is new[0]:
        old, new = old[1:], new[1:]
    while old[-1] is new[-1]:
        old, new = old[:-1], new[:-1]
    texts = [", ".join(field.meaning or field.value or field.name for field in fields) for fields in (old, new)]
    return texts[0], texts[1]
