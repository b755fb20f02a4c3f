"""One run of a step, line by line, with its numbers and arrows."""
