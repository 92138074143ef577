"""The tree and the PDUs, in: text and JSON, out."""
