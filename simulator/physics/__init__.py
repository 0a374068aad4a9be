"""Masses, forces and plausibility of a performance."""
