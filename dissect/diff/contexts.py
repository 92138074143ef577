"""The negotiations of two associations, in: which presentation context of one stands for which of the other, out."""

from copy import copy

from dissect.diff.fields import Field, stem
from dissect.diff.negotiated import CONTEXT
from dissect.diff.trees import pair_fields


class Contexts:
    """Which presentation context of one association stands for which of the other: IDs are but numbers."""

    def __init__(self, old: list[Field], new: list[Field]) -> None:
        """Take the negotiations of two associations."""
        self._sides = [list_contexts(old), list_contexts(new)]
        ours, theirs = (list(side.values()) for side in self._sides)
        pairs = pair_fields([each for each, _ in ours], [each for each, _ in theirs])
        keys = [list(side) for side in self._sides]
        self._partners = {keys[0][at]: keys[1][place] for at, place in pairs}
        self._lone = [
            {item.key for place, (item, _) in side.items() if place not in paired}
            for side, paired in zip(self._sides, (self._partners, self._partners.values()), strict=True)
        ]

    def trim(self, old: list[Field], new: list[Field]) -> tuple[list[Field], list[Field]]:
        """Leave out of the answers what something else tells.

        That is contexts that one side alone proposes, and the transfer syntax of one that one side alone has accepted.
        """
        if not all(self._sides):
            return old, new
        split = find_split(list_answers(old), list_answers(new))
        return trim_answers(old, self._lone[0], split[0]), trim_answers(new, self._lone[1], split[1])

    def judge(self, old: int, new: int) -> tuple[str, str] | None:
        """Describe two contexts, by their places from 1, if they do not stand for each other and are not alike."""
        if old not in self._sides[0] or new not in self._sides[1] or self._partners.get(old) == new:
            return None
        texts = self._sides[0][old][1], self._sides[1][new][1]
        return texts if texts[0] != texts[1] else None


def list_answers(negotiation: list[Field]) -> list[Field]:
    """Give the presentation contexts that were answered."""
    answers = (item for pdu in negotiation if pdu.mark == "a-associate-ac" for item in pdu.children)
    return [item for item in answers if stem(item.key) == CONTEXT]


def find_split(old: list[Field], new: list[Field]) -> tuple[set[str], set[str]]:
    """Give the keys of the answers, on both sides, of which the results differ."""
    pairs = ((old[at], new[place]) for at, place in pair_fields(old, new))
    split = [(ours, theirs) for ours, theirs in pairs if find_result(ours) != find_result(theirs)]
    return {ours.key for ours, _ in split}, {theirs.key for _, theirs in split}


def trim_answers(negotiation: list[Field], lone: set[str], split: set[str]) -> list[Field]:
    """Leave out the answers to the contexts with the keys `lone`, and the transfer syntax of those in `split`."""
    found = []
    for pdu in negotiation:
        answer = copy(pdu)
        if pdu.mark == "a-associate-ac":
            kept = (item for item in pdu.children if stem(item.key) != CONTEXT or item.value not in lone)
            answer.children = [drop_syntax(item) if item.key in split else item for item in kept]
        found.append(answer)
    return found


def drop_syntax(answer: Field) -> Field:
    """Leave the transfer syntax out of an answer."""
    found = copy(answer)
    found.children = [each for each in answer.children if stem(each.key) != "transfer-syntax"]
    return found


def find_result(item: Field) -> str:
    """Give the result of an answered presentation context."""
    return next((each.value for each in item.children if each.key == "result"), "")


def list_contexts(negotiation: list[Field]) -> dict[int, tuple[Field, str]]:
    """Give the presentation contexts that were proposed by their places from 1, each with what it is in words."""
    accepted = {item.mark: item for item in list_answers(negotiation)}
    found: dict[int, tuple[Field, str]] = {}
    for pdu in negotiation:
        if pdu.mark != "a-associate-rq" or found:
            continue
        for item in pdu.children:
            if stem(item.key) == CONTEXT:
                answer = accepted.get(item.mark)
                syntaxes = (
                    [child for child in answer.children if stem(child.key) == "transfer-syntax"] if answer else []
                )
                words = [item.meaning, *(each.meaning or each.value for each in syntaxes)]
                found[int(item.key.rpartition(".")[2])] = item, ", ".join(words)
    return found
