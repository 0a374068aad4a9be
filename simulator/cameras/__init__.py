"""Cameras and where they stand."""
