"""The stages of a run, each from the workspace into the workspace."""
