"""Findings and decisions for other tools: one module per format."""
