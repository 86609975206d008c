"""Models of PyTorch, where it is installed beside Rosette (extra ``torch``). Never needed."""
