"""Readers of motion files, one file a format."""
