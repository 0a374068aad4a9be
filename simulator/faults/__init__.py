"""What can be wrong with a repetition: put in, and measured."""
