"""The lines of what is open of a tree."""

from dissect.node import Node
from dissect.tui.branches import STEP, Branches


def make_tree(*names: str) -> Node:
    """Make a tree of two levels."""
    top = Node("top", "Top")
    for name in names:
        child = top.add(Node(name, name, parent=top))
        child.add(Node("below", "Below", parent=child))
    return top


def show(top: Node) -> Branches:
    branches = Branches()
    branches.take(top)
    branches.lay_out()
    return branches


def list_paths(branches: Branches) -> list[str]:
    branches.lay_out()
    return [branch.path for branch in branches.lines]


def test_the_top_and_what_leads_are_open_from_the_start() -> None:
    assert list_paths(show(make_tree("pdv.1", "other"))) == ["", "pdv.1", "pdv.1/below", "other"]


def test_what_is_open_stays_open_in_another_tree() -> None:
    branches = show(make_tree("one", "two"))
    branches.set_open(branches.lines[2], opened=True)
    branches.take(make_tree("two", "three"))
    assert list_paths(branches) == ["", "two", "two/below", "three"]
    branches.close_all()
    assert list_paths(branches) == ["", "two", "three"]
    branches.open_below(branches.lines[0].node)
    assert list_paths(branches) == ["", "two", "two/below", "three", "three/below"]


def test_a_node_behind_many_others_has_a_line_once_it_is_opened_to() -> None:
    top = make_tree(*(str(number) for number in range(3 * STEP)))
    branches = show(top)
    assert branches.lines[-1].more == 2 * STEP
    wanted = top.children[2 * STEP].children[0]
    branches.open_above(wanted)
    branches.lay_out()
    assert branches.lines[branches.find_line(branches.find_path(wanted))].node is wanted
    branches.open_above(top.children[STEP])
    branches.lay_out()
    assert branches.find_line(branches.find_path(wanted))
