"""The classifiers: networks, fit, score. It imports TensorFlow."""
