"""From a scene to pixels and video files."""
