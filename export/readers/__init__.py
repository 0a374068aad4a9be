"""What others labelled, one file a format, for `export.importing`."""
