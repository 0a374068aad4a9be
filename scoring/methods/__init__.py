"""How poses are judged: one method a file."""
