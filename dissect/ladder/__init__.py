"""PDUs in order, in: a ladder diagram, who said what to whom, an event a message, out."""
