"""Datasets: manifest, tables, splits and the formats of others."""
