"""What the pages' terms mean, a sentence each: shown on hover wherever a term stands."""

import re

import streamlit as st

TERMS = {
    # what a classifier's figures are
    "top-1": "The share of drawings whose likeliest category is the true one.",
    "top-3": "The share of drawings whose true category is among the three likeliest.",
    "validation": "Top-1 on the validation part, by which epochs and settings are chosen.",
    "val accuracy": "Top-1 on the validation part, of the best epoch by validation loss.",
    "val loss": "Loss on the validation part, of the best epoch: a classifier's cross-entropy, or "
    "an autoencoder's negative ELBO, in nats per drawing.",
    "test top-1 (95 %), or loss": "On the test part, by the best epoch's weights. A classifier's "
    "top-1 with its Wilson interval, or an autoencoder's negative ELBO.",
    "95 % interval": "Wilson's interval of a share, in percent: of 100 test parts of this size "
    "about 95 give one that holds the true share.",
    "chance": "What naming a category at random scores: one in the number of categories.",
    "largest category": "What always naming the most frequent category scores.",
    "precision": "Of the drawings called so, the share that are.",
    "recall": "Of the drawings that are so, the share called so.",
    "macro recall": "The mean of the categories' recalls: rare categories count as much as others.",
    "F1": "The harmonic mean of precision and recall.",
    "cross-entropy": "Minus the logarithm of the probability that the true category was given, in "
    "nats; naming at random among C categories costs ln C.",
    "binary accuracy": "The share of the C outputs of each drawing on the right side of 0.5; "
    "answering nothing scores (C - 1) / C. The interval counts drawings, not outputs, since the "
    "outputs of one drawing err together.",
    "confusion matrix": "A row is a true category, a column what the network said; right answers "
    "lie on the diagonal.",
    "ECE": "Expected calibration error: how far apart the network's top probability and the share "
    "it gets right are, in the mean over 15 bins (Guo et al. 2017).",
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
    "parameters": "Numbers that the network learned.",
    "trainable": "Parameters that the last stage of the training changed.",
    "frozen": "Parameters of the base that stayed as they were.",
    "seconds": "Of training, on the machine that trained it.",
    "curves": "The loss or accuracy after each epoch. Validation drawings are not learned from, so "
    "where their curve turns while training's goes on, the network learns by heart.",
    "learning curve": "Top-1 against the number of training drawings, on the same test drawings.",
    "importance": "How much of the trials' differences each setting explains (PED-ANOVA, "
    "Watanabe et al. 2023); shares add up to 1.",
    "pruning": "Trials that do worse than others at the same epoch are ended early.",
    # inside a network
    "logits": "A network's last outputs, before softmax makes probabilities of them.",
    "Grad-CAM": "A convolution's maps, each weighed by how much it moves the category's logit, "
    "added up: where it saw what speaks for the category (Selvaraju et al. 2017).",
    "integrated gradients": "What each pixel adds to a category's logit, on the way from an empty "
    "ground to the drawing (Sundararajan et al. 2017).",
    "activations": "What a layer puts out for one drawing, a map for each of its filters.",
    "filters": "The small kernels of weights that a convolution slides over the drawing.",
    # autoencoders
    "ELBO": "Evidence lower bound: what a variational autoencoder raises. Its negative is the "
    "loss, reconstruction and KL together, in nats per drawing (Kingma and Welling 2014).",
    "loss": "The negative ELBO: reconstruction and KL together, in nats per drawing.",
    "reconstruction": "Binary cross-entropy between a drawing and what the decoder makes of its "
    "latent, added up over the 784 pixels, in nats.",
    "KL": "Kullback-Leibler divergence of the encoder's answer from the prior, a standard normal "
    "distribution, in nats: what the latent says of the drawing.",
    "IWAE": "Importance-weighted bound on the likelihood: tighter than the ELBO, from several "
    "samples a drawing (Burda et al. 2016), in nats.",
    "nats": "A unit of information: natural logarithms. One nat is 1.44 bits.",
    "latent": "The few numbers that the encoder makes of a drawing; here, how many.",
    "latent space": "The space of the encoder's answers, in which the decoder draws any point.",
    "dimensions in use": "Latent dimensions whose means vary by more than 0.01 over the drawings; "
    "the decoder can learn nothing from the others.",
    "linear probe": "Logistic regression on the latent means: how rightly it names test drawings.",
    "silhouette": "How far apart the categories' points lie, from -1 to 1: at 1 each is a clump, "
    "at 0 they overlap (Rousseeuw 1987).",
    "explained variance": "The share of the latent means' variance that lies along each principal "
    "direction (PCA).",
    "reconstructions named rightly": "By a classifier, the judge: the share of reconstructions "
    "that it still takes for the drawing's category.",
    # people
    "named rightly": "The share of drawings given their true category, with its Wilson interval.",
    "recognised": "The share of generated drawings that the person could tell.",
    "time": "From a drawing's appearing to its answer; of several drawings the median's.",
    "only the person": "Drawings that the person got right and this network wrong.",
    "only the network": "Drawings that this network got right and the person wrong.",
}


def explained(says):
    """A sentence as it is; a term, or several with commas between, by what it means."""
    return (
        " ".join(TERMS[one] for one in says.split(", ")) if says.split(", ")[0] in TERMS else says
    )


def columns(names, formats=None, labels=None):
    """`column_config` of a table: its columns that are terms say what they are.

    Args:
        names: of the table's columns; "recall (95 %)" is looked up as "recall", if it is no term
            as it is. formats: {name: format}, of numbers. labels: {name: what is shown of it}.

    Returns:
        {name: st.column_config...} of the columns that have any of these.
    """
    found = {}
    for name in names:
        label = (labels or {}).get(name)
        text = TERMS.get(label or name) or TERMS.get(re.sub(r" \(.*", "", label or name))
        if name in (formats or {}):
            number = st.column_config.NumberColumn
            found[name] = number(label, format=formats[name], help=text)
        elif text or label:
            found[name] = st.column_config.Column(label, help=text)
    return found
