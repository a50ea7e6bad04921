"""Doodle Lab's core: data, training, evaluation and plots. It never imports Streamlit.

Only `networks` and `training` import TensorFlow, so that a page that shows results stays quick.
"""
