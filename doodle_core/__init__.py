"""Doodle Lab's core: data, training, evaluation and plots. It never imports Streamlit.

Only `training`, `classifier`, `vae` and what starts them import TensorFlow, so that a page that
shows results stays quick.
"""

import os

from doodle_core.files import DATA

# What an account has set for Keras, as variables or in ~/.keras/keras.json, is for other programs:
# another backend, data format or float type would break trainings, or change their figures without
# a word. Keras and TensorFlow read these once, when they are imported, which is after this.
for _name in [name for name in os.environ if name.startswith("KERAS_")]:
    del os.environ[_name]
for _name in ("TF_USE_LEGACY_KERAS", "TF2_BEHAVIOR"):
    os.environ.pop(_name, None)
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["KERAS_HOME"] = str(DATA / "keras")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's own news of the machine
