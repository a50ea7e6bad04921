"""Keras, shared by the families: devices, batches, kernels, callbacks, backup. It imports TensorFlow."""
