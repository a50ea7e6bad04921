"""The stops of the tour, in the report's order."""

from doodle_core.evaluation import percent
from doodle_core.evaluation.given import GIVEN, GIVEN_LOSS, GIVEN_NAMED, GIVEN_NORM, GIVEN_PERSON
from doodle_core.lab.tour import autoencoders, classifiers, transfer
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
                "wrong": "Upside down, fewer canoes are taken for moons.",
                "open": "That more canoes are taken for moons upside down is not shown.",
            },
        ),
        Stop(
            "turns",
            "Turns and shifts",
            "Drawings that are turned and shifted a little were tried along with flips, and dropped.",
            "1.1",
            classifiers.turns,
            {
                "holds": "Turned, shifted and scaled drawings do harm here, too.",
                "wrong": "Turned, shifted and scaled drawings help.",
                "open": "That they help or do harm is not shown.",
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
                "holds": "Ours is surely no more than a point below the report's figure.",
                "wrong": "Ours is surely more than a point below the report's figure, and learned "
                "from as many drawings.",
                "open": "That ours reaches the report's figure is not shown, nor that it could not.",
            },
        ),
        Stop(
            "convolution",
            "Convolution",
            f"It takes three convolutions and three dense layers, {trainable:,} parameters.",
            "2.2",
            classifiers.convolution,
            {
                "holds": "With less than half the parameters, and all else alike, a network is "
                "surely worse.",
                "wrong": "A network with less than half the parameters does better.",
                "open": "That a network with less than half the parameters does as well is not shown.",
            },
        ),
        Stop(
            "table",
            "Table 1",
            f"Its table 1 gives accuracies: {percent(given['VGG19'])} for VGG19 on one scale with "
            f"{percent(given['best from scratch'])} for the best network from scratch.",
            "2.1",
            transfer.table,
            {
                "holds": "Both measures come to the same here.",
                "wrong": "These are two measures: by top-1, the one that counts, a base so trained "
                "has less.",
                "open": "These are two measures, though here they lie too close to tell apart.",
            },
        ),
        Stop(
            "question",
            "Pre-trained or hand-made",
            f"A network trained on photographs, VGG19 with {percent(given['VGG19'])}, is better "
            f"than those made by hand, with {percent(given['best from scratch'])} at best.",
            "2.1",
            transfer.question,
            {
                "holds": "By top-1, on the same drawings, the one trained on photographs is better.",
                "wrong": "By top-1, on the same drawings, the one made by hand is better.",
                "open": "By top-1, on the same drawings, neither is shown to be better throughout.",
            },
        ),
        Stop(
            "tuning",
            "Fine-tuning",
            "Fine-tuning the base after its head had little effect.",
            "2.1",
            transfer.tuning,
            {
                "holds": "It has little effect here, too: less than a point.",
                "wrong": "Done properly it helps: in the report nothing was tuned.",
                "open": "That it helps beyond as many more epochs of the head is not shown here.",
            },
        ),
        Stop(
            "norm",
            "Batch norm",
            f"MobileNetV2 learns its training drawings, {percent(GIVEN_NORM[0])}, better than "
            f"it carries over to others: {percent(GIVEN_NORM[1])} in validation.",
            "2.1",
            transfer.norm,
            {
                "holds": "So it does, trained as the report did it.",
                "wrong": "It carries over better than it learned here.",
                "open": "That it carries over less is not shown.",
            },
        ),
        Stop(
            "choice",
            "Choosing settings",
            "Sweeps over batch size, rate, width, depth and dropout lead to a best network with "
            f"{percent(given['best from scratch'])}, on the drawings that chose it.",
            "2.2",
            classifiers.choice,
            {
                "holds": "Choosing adds less than a tenth of a point to the figure of the chosen one "
                "here.",
                "wrong": "The chosen one is flattered by the drawings that chose it.",
                "open": "That choosing adds more, or less, than a tenth of a point is not shown.",
            },
        ),
        Stop(
            "errors",
            "What is confused",
            "Cups are taken for eyeglasses, penguins for moons, moons for eyeglasses.",
            "2.3",
            classifiers.errors,
            {
                "holds": "All three are surely the most frequent errors of their category here.",
                "wrong": "At least one of them is surely not the most frequent error of its category.",
                "open": "So few errors do not show which is the most frequent one.",
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
                "wrong": "Here fewer latent dimensions cost nothing.",
                "open": "What fewer latent dimensions cost is not shown.",
            },
        ),
        Stop(
            "space",
            "The latent space",
            "The categories overlap in the latent space, and no dimension stands for one.",
            "2.4",
            autoencoders.space,
            {
                "holds": "They overlap in a plain autoencoder here, too.",
                "wrong": "They lie apart here, or a dimension stands for some.",
                "open": "Whether they overlap is not shown.",
            },
        ),
        Stop(
            "ranges",
            "Named by a network",
            f"A network names {percent(GIVEN_NAMED)} of the reconstructions rightly.",
            "2.4",
            autoencoders.ranges,
            {
                "holds": "The range makes no difference here.",
                "wrong": "In the range that the judge learned more are named rightly: the figure "
                "judged the range, too.",
                "open": "That more are named rightly in the range that the judge learned is not "
                "shown.",
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
                "holds": "The best network is surely no more than a point below the person.",
                "wrong": "The best network is surely more than a point below the person.",
                "open": "So few drawings do not show whether it comes within a point of the person.",
            },
        ),
    )


STOPS = _claims()
