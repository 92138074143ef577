"""PDUs, nodes and figures, in: text, CSV and JSON, out."""
