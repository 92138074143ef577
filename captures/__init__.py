"""Recorded exchanges, and the script that records them."""
