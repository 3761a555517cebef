"""Pretrained weights and their cards; imported as `restore.weights`, read by `restore.zoo`."""
