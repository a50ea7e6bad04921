"""The stops of the tour, in the report's order."""

from doodle_core.evaluation import percent
from doodle_core.evaluation.given import GIVEN, GIVEN_LOSS, GIVEN_NAMED, GIVEN_NORM, GIVEN_PERSON
from doodle_core.lab.tour import autoencoders, classifiers
from doodle_core.lab.tour.evidence import Stop


def _claims() -> tuple[Stop, ...]:
    """The stops, in the report's order; its figures come from `report`."""
    given = {row["model"]: row.get("top1", row.get("binary_accuracy")) for row in GIVEN}
    trainable = next(row["trainable"] for row in GIVEN if row["model"] == "base network")
    right, n = GIVEN_PERSON
    loss = GIVEN_LOSS
    return (
        Stop(
            "drawings",
            "The drawings",
            "Drawings of 28 x 28 pixels, 10,000 a category, are learned from as they are: a flipped "
            "canoe can become a moon.",
            "1.1",
            classifiers.drawings,
            {
                "holds": "Upside down, more canoes are taken for moons.",
                "half": "Flips do make moons of canoes, but small turns and shifts help.",
                "wrong": "Upside down, no more canoes are taken for moons.",
            },
        ),
        Stop(
            "scratch",
            "A network from scratch",
            f"The base network, trained for 20 epochs, names {percent(given['base network'])} of "
            "the test drawings rightly.",
            "2.2",
            classifiers.scratch,
            {
                "holds": "Our interval reaches the report's figure.",
                "wrong": "Ours stays below the report's figure.",
            },
        ),
        Stop(
            "convolution",
            "Convolution",
            f"It takes three convolutions and three dense layers, {trainable:,} parameters.",
            "2.2",
            classifiers.convolution,
            {
                "holds": "No smaller network here is surely better.",
                "half": "They do it, but a network with less than half the parameters does better.",
            },
        ),
        Stop(
            "table",
            "Table 1",
            f"VGG19, trained on photographs, reaches {percent(given['VGG19'])}: more than the "
            f"{percent(given['best from scratch'])} of the best network from scratch.",
            "2.1",
            classifiers.table,
            {
                "wrong": "These are two measures: by top-1, the one that counts, a base so trained "
                "has less.",
                "half": "These are two measures, though here they lie close together.",
            },
        ),
        Stop(
            "tuning",
            "Fine-tuning",
            "Fine-tuning the base after its head had little effect.",
            "2.1",
            classifiers.tuning,
            {
                "wrong": "Done properly it helps: in the report nothing was tuned.",
                "half": "Done properly it is not surely better here.",
            },
        ),
        Stop(
            "norm",
            "Batch norm",
            f"MobileNetV2 learns its training drawings, {percent(GIVEN_NORM[0])}, better than "
            f"it carries over to others: {percent(GIVEN_NORM[1])} in validation.",
            "2.1",
            classifiers.norm,
            {
                "wrong": "The gap comes of batch norm's two statistics: with one kind it is gone.",
                "half": "With one kind of statistics it is not surely better here.",
            },
        ),
        Stop(
            "choice",
            "Choosing settings",
            "Sweeps over batch size, rate, width, depth and dropout lead to a best network with "
            f"{percent(given['best from scratch'])}.",
            "2.2",
            classifiers.choice,
            {
                "holds": "Choosing by the test part flattered nothing here.",
                "half": "They lead to good networks, but the best was chosen by the drawings that "
                "judged it.",
            },
        ),
        Stop(
            "errors",
            "What is confused",
            "Cups are taken for eyeglasses, penguins for moons, moons for eyeglasses.",
            "2.3",
            classifiers.errors,
            {
                "holds": "All three are the most frequent errors of their category here.",
                "half": "Not all three are the most frequent errors of their category here.",
                "wrong": "None of them is the most frequent error of its category here.",
            },
        ),
        Stop(
            "elbo",
            "Autoencoders",
            f"With 14 latent dimensions the loss is {loss[1]} nats a drawing, with 2 it is "
            f"{loss[3]}.",
            "2.4",
            autoencoders.elbo,
            {
                "holds": "Fewer latent dimensions cost here, too.",
                "wrong": "Here the plane costs nothing.",
            },
        ),
        Stop(
            "space",
            "The latent space",
            "The categories overlap in the latent space, and no dimension stands for one.",
            "2.4",
            autoencoders.space,
            {
                "holds": "They overlap here, too.",
                "half": "They overlap in a plain autoencoder; a classifier on the latent mean, "
                "trained jointly, pulls them apart.",
            },
        ),
        Stop(
            "ranges",
            "Named by a network",
            f"A network names {percent(GIVEN_NAMED)} of the reconstructions rightly.",
            "2.4",
            autoencoders.ranges,
            {
                "wrong": "In the range that the judge learned more are named rightly: the figure "
                "judged the range, too.",
                "half": "The range makes no sure difference here.",
            },
        ),
        Stop(
            "people",
            "People and machines",
            f"A person names {right} of {n} test drawings, {percent(right / n)}; the networks come "
            "near.",
            "3",
            classifiers.people,
            {
                "holds": "The best network lies within the person's interval.",
                "wrong": "The best network lies outside the person's interval.",
            },
        ),
    )


STOPS = _claims()
