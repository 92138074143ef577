"""PDUs, nodes, accounts, figures, differences and rules, in: text, CSV, JSON, reports and diagrams, out."""
