"""The formats of others, one file each."""
