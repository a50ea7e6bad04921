"""A trained network answers, without TensorFlow."""
