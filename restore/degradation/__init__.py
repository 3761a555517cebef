"""Damage done to clean pictures, for training, benchmarks and the demo.

Everything here takes and returns float32 tensors (B, 3, H, W), sRGB-encoded, in [0, 1] unless said
otherwise, works on whole batches on any device, and draws from the `torch.Generator` it is given.
"""
