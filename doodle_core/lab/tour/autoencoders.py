"""The tests of the report's claims about autoencoders."""

from doodle_core import evaluation
from doodle_core.evaluation import Share, interval, measures, percent
from doodle_core.evaluation.given import GIVEN_LOSS
from doodle_core.lab.tour.evidence import Finding, accuracy_row, finished_runs, names_of
from doodle_core.runs import Run, latents


def elbo(everything: list[Run]) -> Finding:
    """Do fewer latent dimensions cost as much as the report found?"""
    vaes = [run for run in finished_runs(everything, kind="vae") if not run.config.conditional]
    pairs = [
        (flat, deep)
        for flat in vaes
        for deep in vaes
        if flat.config.latent == 2
        and deep.config.latent > 2
        and flat.config.target == deep.config.target
        and not deep.config.adversarial
        and flat.metrics.get("test_pixels") == deep.metrics.get("test_pixels")
    ]
    if not pairs:
        return Finding(
            "open",
            "This needs a 2-D autoencoder and a deeper one on the same drawings: "
            "train vae-2d and vae.",
        )
    flat, deep = pairs[0]
    parts = "{loss:.1f} nats = reconstruction {reconstruction:.1f} + KL {kl:.1f}"
    gap = flat.metrics["loss"] - deep.metrics["loss"]
    words = (
        f"{deep.name}, {deep.config.latent}-D: {parts.format(**deep.metrics)}. {flat.name}, 2-D: "
        f"{parts.format(**flat.metrics)}. The plane costs {gap:+.1f} nats here, "
        f"{GIVEN_LOSS[3] - GIVEN_LOSS[1]:+.1f} in the report. "
    )
    words += "The levels do not compare: " + (
        "these drawings are grey, the report's were binarised."
        if deep.config.target == "grey"
        else "these are other drawings."
    )
    costs = measures.MEASURES["loss"].is_better(deep.metrics["loss"], flat.metrics["loss"])
    return Finding("holds" if costs else "wrong", words, [deep, flat])


def space(everything: list[Run]) -> Finding:
    """Must the clusters overlap? And does one dimension stand for a category?"""
    vaes = [
        run
        for run in finished_runs(everything, kind="vae")
        if run.metrics.get("silhouette") is not None
    ]
    if not vaes:
        return Finding("open", "No autoencoder has finished: train vae-2d.")
    apart = [run for run in vaes if run.config.classifier and not run.config.conditional]
    plain = [run for run in vaes if not run.config.classifier]
    said = [
        f"{run.name} ({_kind(run)}): silhouette {run.metrics['silhouette']:.2f}"
        + (f", linear probe {probe}" if (probe := measures.shown(run.metrics, "probe")) else "")
        for run in (apart + plain)[:3]
    ]
    words = "; ".join(said) + f"; chance {percent(1 / len(names_of(vaes[0])))}. "
    shown = next((run for run in apart + plain if run.config.latent == 2), (apart + plain)[0])
    points = latents.points(shown.path, "test", len(names_of(shown)), shown.config.latent)
    if points is not None:
        most = evaluation.told_apart(points.means, points.labels).max()
        words += (
            f"In {shown.name} the dimension that tells most has {percent(most)} of its variance "
            "between the categories."
        )
    best = max((run.metrics["silhouette"] for run in apart), default=0.0)
    is_apart = best > max((run.metrics["silhouette"] for run in plain), default=0.0)
    return Finding("half" if is_apart else "holds", words, [shown], {"points": points})


def _kind(run: Run) -> str:
    told = ", told the category" if run.config.conditional else ""
    return f"{run.config.latent}-D{', with a classifier' if run.config.classifier else ''}{told}"


JUDGED = {
    "judge_top1": "test drawings",
    "binarised_top1": "binarised",
    "reconstructed_top1": "reconstructions",
    "reconstructed01_top1": "reconstructions, wrong range",
}


def ranges(everything: list[Run]) -> Finding:
    """Did 0.685 measure the reconstructions, or the range they were shown in?"""
    vaes = [
        run
        for run in finished_runs(everything, kind="vae")
        if all(measures.shown(run.metrics, key) for key in JUDGED)
    ]
    if not vaes:
        return Finding(
            "open",
            "No autoencoder was judged: train a classifier, then an autoencoder "
            "on the same categories.",
        )
    run = max(vaes, key=lambda one: (not one.config.conditional, one.metrics["reconstructed_top1"]))
    words = (
        f"The judge {run.metrics.get('judge')} names {interval(run.metrics, 'reconstructed_top1')} "
        f"of {run.name}'s reconstructions rightly in the range that it learned, and "
        f"{interval(run.metrics, 'reconstructed01_top1')} in the report's wrong one."
    )
    is_apart = run.metrics["reconstructed01_top1_high"] < run.metrics["reconstructed_top1_low"]
    n = run.metrics["n"]
    rows = [accuracy_row(name, Share.read(run.metrics, key), n) for key, name in JUDGED.items()]
    return Finding("wrong" if is_apart else "half", words, [run], {"rows": rows})
