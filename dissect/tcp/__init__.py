"""TCP segments, in: connections of two byte streams, and what happened to them on their way, out."""
