"""What the pages' terms mean, a sentence each: shown on hover wherever a term stands."""

import re
from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from doodle_core.evaluation import measures

OTHERS = {
    # what figures say
    "test top-1 (95 %), or loss": "On the test part, by the best epoch's weights. A classifier's "
    "top-1 with its Wilson interval, or an autoencoder's negative ELBO.",
    "95 % interval": "Wilson's interval of a share, in percent: of 100 test parts of this size "
    "about 95 give one that holds the true share.",
    "cross-entropy": "Minus the logarithm of the probability that the true category was given, in "
    "nats; naming at random among C categories costs ln C.",
    "confusion matrix": "A row is a true category, a column what the network said; right answers "
    "lie on the diagonal.",
    "calibration": "Whether the network is right as often as it is sure.",
    "temperature": "A number that the logits are divided by before softmax: above 1 the network "
    "is less sure, below 1 more. No answer changes (Guo et al. 2017).",
    "suspected label errors": "Drawings whose given category the network finds unlikely, counted "
    "by confident learning (Northcutt et al. 2021).",
    "McNemar's test": "Whether two that answered the same drawings err equally often: an exact "
    "binomial test on the drawings that one alone gets right (McNemar 1947).",
    "p": "McNemar's test, exact: how probable so uneven a split is if both erred equally often. "
    "Below 0.05 it is hard to put down to chance; of many such tests some are so by chance.",
    # what a training is
    "epoch": "One pass through the training drawings.",
    "best epoch": "The one with the lowest validation loss: its weights are kept and scored.",
    "epochs trained": "How many it was trained for; early stopping may end it before those asked.",
    "batch size": "Drawings a step of the optimizer sees.",
    "learning rate": "How far a step of the optimizer goes; a schedule's highest.",
    "trainable": "Parameters that the last stage of the training changed.",
    "frozen": "Parameters of the base that stayed as they were.",
    "curves": "The loss or accuracy after each epoch. Validation drawings are not learned from, so "
    "where their curve turns while training's goes on, the network learns by heart.",
    "learning curve": "Top-1 against the number of training drawings, on the same test drawings.",
    "importance": "How much of the trials' differences each setting explains: of a grid by its sums of "
    "squares (Fisher 1925), else by PED-ANOVA (Watanabe et al. 2023); shares add up to 1.",
    "pruning": "Trials that do worse than others at the same epoch are ended early.",
    # inside a network
    "logits": "A network's last outputs, before softmax makes probabilities of them.",
    "Grad-CAM": "A convolution's maps, each weighed by how much it moves the category's logit, "
    "added up: where it saw what speaks for the category (Selvaraju et al. 2017).",
    "integrated gradients": "What each pixel adds to a category's logit, on the way from an empty "
    "ground to the drawing (Sundararajan et al. 2017).",
    "occlusion": "What a category's logit loses where a part of the drawing is covered (Zeiler and "
    "Fergus 2014).",
    "activations": "What a layer puts out for one drawing, a map for each of its filters.",
    "filters": "The small kernels of weights that a convolution slides over the drawing.",
    # autoencoders
    "ELBO": "Evidence lower bound: what a variational autoencoder raises. Its negative is the "
    "loss, reconstruction and KL together, in nats per drawing (Kingma and Welling 2014).",
    "nats": "A unit of information: natural logarithms. One nat is 1.44 bits.",
    "latent": "The few numbers that the encoder makes of a drawing; here, how many.",
    "latent space": "The space of the encoder's answers, in which the decoder draws any point.",
    "explained variance": "The share of the latent means' variance that lies along each principal "
    "direction (PCA).",
    # people
    "time": "From a drawing's appearing to its answer; of several drawings the median's.",
    "only the person": "Drawings that the person got right and this network wrong.",
    "only the network": "Drawings that this network got right and the person wrong.",
}
"""Terms that are no measures."""
TERMS = ChainMap(OTHERS, measures.WORDS)
"""{term: what it means}; a measure's words are its own."""


def explained(says: str) -> str:
    """A sentence as it is; a term, or several with commas between, by what it means."""
    return (
        " ".join(TERMS[one] for one in says.split(", ")) if says.split(", ")[0] in TERMS else says
    )


def columns(
    names: Iterable[Any],
    formats: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """`column_config` of a table: its columns that are terms say what they are.

    Args:
        names: of the table's columns; "recall (95 %)" is looked up as "recall", if it is no term
            as it is. formats: {name: format}, of numbers. labels: {name: what is shown of it}.

    Returns:
        {name: st.column_config...} of the columns that have any of these.
    """
    found, formats = {}, formats or {}
    for name in names:
        label = (labels or {}).get(name)
        text = TERMS.get(label or name) or TERMS.get(re.sub(r" \(.*", "", label or name))
        if name in formats:
            number = st.column_config.NumberColumn
            found[name] = number(label, format=formats[name], help=text)
        elif text or label:
            found[name] = st.column_config.Column(label, help=text)
    return found
