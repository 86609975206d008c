"""The drawings of the demo data set: one module per family of things."""
