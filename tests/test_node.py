import pytest

from dissect.node import DECIMAL, HEX, MEANING, MEANING_DECIMAL, MEANING_HEX, Node


def make_family() -> Node:
    """Make a root with two children, the first of which has two of its own."""
    root = Node("", "Root")
    first = root.add(Node("first", "First"))
    first.add(Node("a", "A"))
    first.add(Node("b", "B"))
    root.add(Node("second", "Second"))
    return root


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (DECIMAL, "26"),
        (HEX, "0x1a"),
        (MEANING, "Twenty-six"),
        (MEANING_HEX, "Twenty-six (0x1a)"),
        (MEANING_DECIMAL, "Twenty-six (26)"),
    ],
)
def test_the_text_is_made_of_value_and_meaning_as_the_form_says(form: str, text: str) -> None:
    assert Node("key", "Name", value=26, meaning="Twenty-six", form=form).text == text


def test_a_node_without_a_value_has_no_text() -> None:
    assert Node("key", "Name", meaning="Nothing", form=MEANING).text == ""


def test_a_text_that_is_given_comes_before_the_form() -> None:
    assert Node("key", "Name", value=26, text="some").text == "some"


def test_braces_in_a_value_and_in_a_meaning_are_text_like_any_other() -> None:
    assert Node("key", "Name", value="{value.__class__}", meaning="{0}", form="{value} {meaning}").text == (
        "{value.__class__} {0}"
    )


def test_value_and_text_are_loaded_when_one_of_them_is_asked_for_and_only_once() -> None:
    loaded = []

    def load(node: Node) -> None:
        loaded.append(node)
        node.value, node.text = 7, "seven"

    node = Node("key", "Name")
    node.load = load
    assert loaded == []
    assert (node.text, node.value, node.text) == ("seven", 7, "seven")
    assert loaded == [node]


def test_the_children_are_made_when_they_are_asked_for_and_only_once() -> None:
    expanded = []

    def expand(node: Node) -> list[Node]:
        expanded.append(node)
        return [Node("child", "Child", parent=node)]

    node = Node("key", "Name")
    node.expand = expand
    assert expanded == []
    assert node.children is node.children
    assert expanded == [node]
    assert [child.path for child in node.children] == ["key/child"]


def test_children_can_be_added_while_they_are_made() -> None:
    def expand(node: Node) -> list[Node]:
        node.add(Node("one", "One"))
        node.add(Node("two", "Two"))
        return node.children

    node = Node("key", "Name")
    node.expand = expand
    assert [child.key for child in node.children] == ["one", "two"]


def test_a_path_leads_from_below_the_root_to_the_node() -> None:
    assert [node.path for _, node in make_family().walk()] == ["", "first", "first/a", "first/b", "second"]


def test_a_path_below_a_node_begins_with_the_key_of_its_child() -> None:
    root = make_family()
    first = root.children[0]
    assert [node.path_below(root) for _, node in root.walk()] == ["", "first", "first/a", "first/b", "second"]
    assert [node.path_below(first) for _, node in first.walk()] == ["", "a", "b"]


def test_a_walk_gives_parents_before_children_with_their_depths() -> None:
    assert [(depth, node.name) for depth, node in make_family().walk()] == [
        (0, "Root"),
        (1, "First"),
        (2, "A"),
        (2, "B"),
        (1, "Second"),
    ]


def test_a_child_is_found_by_its_key() -> None:
    root = make_family()
    assert root.child("second") is root.children[1]
    assert root.child("a") is None


def test_no_depth_of_nodes_exhausts_the_stack() -> None:
    root = node = Node("", "Root")
    for _ in range(20_000):
        node = node.add(Node("x", "X"))
    assert sum(1 for _ in root.walk()) == 20_001
    assert len(node.path) == 2 * 20_000 - 1
