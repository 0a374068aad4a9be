"""From a motion to a clip: body, faults, cameras, pictures and truth."""
