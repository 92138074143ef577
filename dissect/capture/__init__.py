"""Capture files, in: the TCP segments in their frames, out. The only modules that open captures."""
