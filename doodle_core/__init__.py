"""Doodle Lab's core: data, training, evaluation and plots. It never imports Streamlit.

Only `training`, `classifier`, `vae` and what starts them import TensorFlow, so that a page that
shows results stays quick.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before TensorFlow: its own news of the machine
