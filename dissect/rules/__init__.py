"""What is known of a PDU in its place, in: the rules that it breaks, out."""
