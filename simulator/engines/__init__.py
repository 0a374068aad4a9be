"""Where work runs: on this machine's cores, or on a Ray cluster."""
