"""Metrics, one task a file: conventions, `validate`, the metrics, `evaluate` for all of them."""
