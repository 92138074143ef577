"""Two captures, or a capture and a snapshot, in: what differs in meaning, out."""
