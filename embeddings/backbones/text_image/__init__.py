"""Text-image pairs: an image encoder and a text encoder that embed into one space, as CLIP's do."""
