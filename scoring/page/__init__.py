"""`workbench serve`: a page on this machine to score a video and to follow a pose."""
