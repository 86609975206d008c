"""The program that trains the embedded model: ``python -m embeddings.backbones.distill --help``.

Knowledge distillation by function matching (Beyer et al. 2021, *Knowledge distillation: a good
teacher is patient and consistent*): teacher and student see the very same crop. The student starts
from the teacher's own weights where their shapes agree, and learns to say from a small image what
the teacher says from a large one.

Crops and what the teacher makes of them are computed once and kept (``crops``); training reads them
again and again (``training``).
"""
