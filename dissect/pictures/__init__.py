"""A message that holds pixel data, in: a picture that a terminal can show, out."""
