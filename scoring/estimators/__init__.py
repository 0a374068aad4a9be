"""Where poses come from: one file a source."""
