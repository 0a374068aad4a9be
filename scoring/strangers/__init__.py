"""Scorers that other people run: a predictions file, a command, an address."""
