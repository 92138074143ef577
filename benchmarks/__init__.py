"""How fast the program is, and how small, beside tshark on the same captures: `python -m benchmarks`."""
