"""Variational autoencoders: networks, fit, score. It imports TensorFlow."""
