"""Running a model: batches, precision, scaling of pixels, threads, downloads of weights."""
