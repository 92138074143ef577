"""Bytes, in: what the standard makes of them, out: PDUs, items, messages, data elements, and the names of codes."""
