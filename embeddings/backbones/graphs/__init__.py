"""Graphs of models, and the search in them for the penultimate layer."""
