"""Scorers of exercise: what they see, how they judge, and how they are evaluated."""
