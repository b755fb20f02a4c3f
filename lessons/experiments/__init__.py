"""Measurements with a name: one function for each question, which a lesson calls and prints."""
