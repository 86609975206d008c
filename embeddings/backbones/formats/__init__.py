"""One loader per format of model file, each with `load` and `describe`."""
