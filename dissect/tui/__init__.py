"""The tree, in: screens of a terminal, out."""
