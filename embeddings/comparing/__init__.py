"""What ``embeddings.compare`` is made of: matching, splits, and a classifier before and after."""
