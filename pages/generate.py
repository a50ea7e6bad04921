"""Generate: what a trained autoencoder draws, from a point, along a way, by chance, or again."""

import numpy as np
import streamlit as st

from doodle_core import evaluation, latents, plots, runs
from pages import parts
from pages.components.gallery import gallery
from pages.components.plane import answer, plane
from pages.components.strips import pairs, strips

SIDE = 20  # drawings along each side of the plane, as in the report's figure 11
DOTS = 1_500  # latent means shown over it, at most
DIRECTIONS = 6  # principal directions with a slider
REACH, STEPS = 3.0, 9  # of a strip along one, in standard deviations
OFFERED = 8  # drawings to choose from at each end of a way
PAIRS = 24  # reconstructions shown at once
FROM_PRIOR, IN_TURN = "none: the prior", "each in turn"

st.title("Generate")
st.caption("What a trained autoencoder draws: from a point, along a way, by chance, or once more.")
left, right = st.columns(2)
with left:
    run = parts.pick_run("Autoencoder", vae=True)
names, latent = run.config.data.categories, run.config.latent
conditional = run.config.conditional


# --- the networks --------------------------------------------------------------------------------


def find_judges():
    """The finished classifiers that know this run's categories; the one that judged it first."""
    found = [
        one for one in runs.all_runs()
        if one.state == "finished" and not one.is_vae and not one.notes.get("hidden")
        and parts.has_weights(one) and set(one.config.data.categories) == set(names)
    ]  # fmt: skip
    asked = run.metrics.get("judge")
    return sorted(found, key=lambda one: (one.name != asked, -one.metrics.get("val_top1", 0)))


@st.cache_resource(max_entries=3, show_spinner=False)
def load(path, when):
    from doodle_core import generation  # TensorFlow, once a server

    generation.keep_warm()
    found = runs.load(path)
    return generation.load_quick(found.path, found.config)


@st.cache_resource(max_entries=3, show_spinner=False)
def load_judge(path, when, categories):
    from doodle_core import generation

    judge = generation.load_judge(runs.load(path), categories)
    judge.probabilities(np.zeros((1, 28, 28), np.uint8))  # the first answer takes long
    return judge


judges = {one.name: one for one in find_judges()}
with right:
    chosen = st.selectbox(
        "Classifier that names the drawings", [*judges, "none"], key=f"judge of {run.name}"
    )
kind = f"{latent}-D{', conditional' if conditional else ''}"
st.markdown(
    f"**{kind}**, {parts.figure(run)} on {run.metrics['n']:,} test drawings. "
    f"Drawings: {parts.data_words(run)}"
)
parts.links(run, here="generate")
files = [run.path / f"{name}.keras" for name in ("encoder", "decoder")]
if missing := [file.name for file in files if not file.is_file()]:
    st.info(
        f"This run has no weights here ({' and '.join(missing)} missing), so it cannot draw; its "
        "figures are on the other pages.",
        icon=":material/hide_source:",
    )
    st.stop()
stamps = tuple(parts.stamp(file) for file in files)
judge = None
with parts.told(), st.spinner("Loading TensorFlow, once"):
    generator = load(str(run.path), stamps)
    from doodle_core import generation
if chosen != "none":
    try:
        path = judges[chosen].path
        judge = load_judge(str(path), parts.stamp(path / "best.keras"), names)
    except (OSError, ValueError) as error:
        st.warning(f"{parts.plain(chosen)} cannot judge: {parts.plain(error)}")
if judge is not None:
    words = f"Generated drawings are named by **{parts.plain(chosen)}**"
    if chosen == run.metrics.get("judge") and run.metrics.get("judge_saw"):
        words += ", which learned from some of this run's test drawings"
    badge = parts.practice_badge(judges[chosen])
    views = judges[chosen].config.test_views
    once = " Each is shown once, without the turned views of its scores." if views else ""
    st.caption(f"{words}: the likeliest category and its probability.{once}{badge}")
elif not judges:
    st.caption(
        "No finished classifier with weights knows exactly these categories, so drawings come "
        "without a name. Train one on the same categories and it names them here."
    )


# --- what the sections share ---------------------------------------------------------------------


def named(drawings):
    """(N, C) probabilities, or None without a judge."""
    return None if judge is None or not len(drawings) else judge.probabilities(drawings)


def verdicts(said):
    """Each drawing's likeliest category, in words: [text], from `named`."""
    return [f"{name} {parts.percent(share)}" for ((name, share),) in
            (evaluation.top(row, names, 1) for row in said)]  # fmt: skip


def show_answer(drawing, title, sub, key, n=0):
    """One generated drawing, large, with its three likeliest names."""
    said = named(drawing[None])
    bars = [] if said is None else evaluation.top(said[0], names)
    answer(drawing, title, sub, bars, key, n)


def told_category(key):
    """What a conditional VAE is told: a label, or None for the others."""
    if not conditional:
        return None
    name = st.selectbox(
        "Category", names, key=key, width=320, help="A conditional VAE draws what it is told."
    )
    return names.index(name)


def labels_of(label, n):
    """The labels that n drawings of one category need, or None."""
    return None if label is None else np.full(n, label)


def note():
    """What saved arrays say of themselves."""
    return ", ".join(filter(None, (f"generated by {run.name}", parts.practice_note(run))))


def save(what, drawings, across, gif=None, **arrays):
    """Buttons that save drawings as PNG (and GIF) and arrays as .npz, made when they are asked for.

    Args:
        what: str, for the files' names. drawings: (N, 28, 28) uint8. across: int, drawings a row
            of the PNG. gif: bytes, or None.
    """
    mark = "-practice-data" if run.is_practice else ""
    name = f"{run.name}-{what}-generated{mark}"

    def png():
        return generation.png(drawings, across)

    def npz():
        return generation.npz(drawings=drawings, categories=np.array(names), note=note(), **arrays)

    kinds = [("PNG", "png", "image/png", png), (".npz", "npz", "application/octet-stream", npz)]
    if gif is not None:
        kinds.insert(1, ("GIF", "gif", "image/gif", gif))
    with st.container(horizontal=True):
        for label, ending, mime, content in kinds:
            st.download_button(
                f"Save {label}", content, f"{name}.{ending}", mime, key=f"save {what} {ending}",
                on_click="ignore", icon=":material/download:",
            )  # fmt: skip


@st.cache_resource(max_entries=4, show_spinner="Drawing practice data")
def practice_set(categories):
    return latents.practice_set(categories)


def known_drawings():
    """Drawings to begin with: (drawings, labels, what they are); of none, stops with a sentence."""
    found = parts.test_drawings(run, instead="Practice drawings of its categories stand in.")
    if found is not None:
        with parts.told():
            return found, np.asarray(runs.test_part(run.path, len(names))[0]), "test"
    found, labels = practice_set(names)
    if not len(labels):
        st.info("This program cannot draw any of this run's categories.", icon=":material/info:")
        st.stop()
    st.markdown(":violet-badge[:material/smart_toy: practice data] drawn by this program; not real")
    return found, labels, "practice"


# --- plane ---------------------------------------------------------------------------------------


@st.cache_data(max_entries=16, show_spinner=False)
def decoded_plane(path, when, reach, label):
    return load(path, when).plane(SIDE, reach, label)


def go_to_directions():
    st.session_state["generate section"] = "Directions"


def latent_means(label):
    """Where the run's drawings lie: (points, labels) of a category, or of all; None without."""
    with parts.told():
        for which in ("test", "practice"):
            found = latents.points(run.path, which, len(names), latent)
            if found is not None:
                keep = np.arange(len(found)) if label is None else found.labels == label
                points, labels = found.means[keep], found.labels[keep]
                every = -(-len(points) // DOTS)
                return points[::every], labels[::every], which
    return None


@st.fragment
def show_plane():
    if latent != 2:
        st.info(
            f"Only a 2-D latent space is a plane that can be decoded as a whole; this run's has "
            f"{latent} dimension{'s' * (latent > 1)}. The sliders lead through its principal "
            "directions instead.",
            icon=":material/grid_off:",
        )
        if st.button("Open the sliders", icon=":material/tune:", on_click=go_to_directions):
            st.rerun(scope="app")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reach = st.segmented_control(
            "Reach", [3.0, 4.0], default=3.0, required=True, key="reach",
            format_func=lambda one: f"\u2212{one:.0f} to {one:.0f}",
        )  # fmt: skip
        label = told_category("category of the plane")
        with_dots = st.toggle("Where drawings lie", key="dots", help="Their latent means.")
    drawings = decoded_plane(str(run.path), stamps, reach, label)
    found = latent_means(label) if with_dots else None
    points, labels, which = found or (None, None, "")
    colors = plots.category_colors(names)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        x, y, n = plane(drawings, reach, f"plane {run.name}", points, labels, colors)
        if which == "practice":
            st.caption("The dots are practice drawings: the run came without its test drawings.")
    with right:
        drawing = generator.decode([[x, y]], labels_of(label, 1))[0]
        title = "Generated" if label is None else f"Generated {names[label]}"
        place = f"at ({x:+.2f}, {y:+.2f})".replace("-", "\u2212")
        show_answer(drawing, title, place, f"answer {run.name}", n)
        st.caption("Save the grid:")
        ticks = np.linspace(-reach, reach, SIDE)
        save("plane", drawings, SIDE, x=ticks, y=ticks[::-1])
        st.caption("Save this drawing:")
        save("point", drawing[None], 1, latents=np.array([[x, y]]))


# --- directions ----------------------------------------------------------------------------------


@st.cache_data(max_entries=16, show_spinner=False)
def decoded_strips(path, when, n, label):
    found = latents.directions(path, latent)
    points = generation.along(found, n, REACH, STEPS)
    return points, load(path, when).decode(points, labels_of(label, len(points)))


def reset(count):
    for row in range(count):
        st.session_state[f"amount {row} {run.name}"] = 0.0


@st.fragment
def show_directions():
    with parts.told():
        found = latents.directions(run.path, latent)
    count = min(DIRECTIONS, latent)
    label = told_category("category of the directions")
    show_sliders(found, count, label)
    st.subheader("Along each direction")
    st.caption(
        "From the mean of the test drawings' latent means, so many standard deviations one way and "
        "the other; all other directions stay at the mean."
    )
    points, drawings = decoded_strips(str(run.path), stamps, count, label)
    ticks = [f"{tick:+.4g}".replace("-", "\u2212") for tick in np.linspace(-REACH, REACH, STEPS)]
    ticks[STEPS // 2] = "0"
    rows = [f"{row + 1}\n{parts.percent(found.shares[row])}" for row in range(count)]
    strips(drawings, rows, ticks, f"strips {run.name}")
    save("directions", drawings, STEPS, latents=points)


@st.fragment  # of its own: the strips below need not wait for a slider
def show_sliders(found, count, label):
    left, right = st.columns(2, gap="medium")
    with left:
        amounts = [
            st.slider(
                f"Direction {row + 1} \u00b7 {parts.percent(found.shares[row])} of the variance",
                -REACH, REACH, 0.0, 0.1, key=f"amount {row} {run.name}", format="%+.1f sd",
            )
            for row in range(count)
        ]  # fmt: skip
        st.button("Reset", icon=":material/restart_alt:", on_click=reset, args=(count,))
    point = found.at(amounts)
    drawing = generator.decode(point[None], labels_of(label, 1))[0]
    moved = [f"{amount:+.1f} sd along {row + 1}" for row, amount in enumerate(amounts) if amount]
    title = "Generated" if label is None else f"Generated {names[label]}"
    with right:
        where = ", ".join(moved).replace("-", "\u2212") or "the mean of the test drawings"
        show_answer(drawing, title, where, f"moved {run.name}")
        save("point", drawing[None], 1, latents=point[None])


# --- between -------------------------------------------------------------------------------------


def choose_end(title, default, known):
    """One end of the way: (latent point, label) of a drawing that is chosen from a gallery."""
    drawings, labels, _ = known
    present = [name for label, name in enumerate(names) if label in labels]
    category = st.selectbox(title, present, index=min(default, len(present) - 1))
    places = np.flatnonzero(labels == names.index(category))
    shown = parts.page_of(places, OFFERED, f"page {title} {category}", words="to choose from")
    key = f"end {title} {run.name}"
    clicked = gallery(drawings[shown], size=56, key=f"ends {title} {run.name}")
    if clicked is not None:
        st.session_state[key] = int(shown[clicked])
    place = st.session_state.get(key)
    place = place if place in shown else shown[0]
    gallery(drawings[[place]], [f"chosen: {category}"], size=112, key=f"chosen {title} {run.name}")
    label = int(labels[place])
    mean, _ = generator.encode(drawings[[place]], labels_of(label, 1))
    return mean[0], label


def sample_end(title, default):
    """One end of the way: (latent point, label) of a generated drawing."""
    columns = st.columns(2)
    label = None
    if conditional:
        label = names.index(
            columns[0].selectbox(title, names, index=min(default, len(names) - 1))
        )
    seed = columns[1].number_input(f"{title}, seed", 0, 100_000, default + 1)
    points, drawings = generator.sample(1, label, seed)
    gallery(drawings, size=112, key=f"sampled {title} {run.name}")
    return points[0], label


@st.fragment
def show_between():
    source = st.segmented_control(
        "Between two", ["drawings", "samples"], default="drawings", required=True,
        format_func={"drawings": "Drawings", "samples": "Samples of the prior"}.get,
    )  # fmt: skip
    known = known_drawings() if source == "drawings" else None
    columns = st.columns(2, gap="medium")
    ends = []
    for column, title, default in zip(columns, ("From", "To"), (0, 1)):
        with column:
            ends.append(
                choose_end(title, default, known) if known else sample_end(title, default)
            )
    (start, label), (end, _) = ends
    show_way(start, end, label, known is not None)


@st.fragment  # of its own: the drawings to choose from need not wait for a slider
def show_way(start, end, label, are_drawings):
    told = None
    with st.container(horizontal=True):
        steps = st.slider("Steps", 3, 24, 12, key="steps", width=320)
        if conditional:
            told = names.index(st.selectbox(
                "Category on the way", names, index=label, width=320,
                help="This VAE is conditional: its decoder is told one category on the whole way.",
            ))  # fmt: skip
    drawings = generator.between(start, end, steps, told)
    said = named(drawings)
    captions = [f"{step + 1}" for step in range(steps)]
    if said is not None:
        captions = [f"{step}\n{words}" for step, words in zip(captions, verdicts(said))]
    left, right = st.columns([1, 3], gap="medium")
    with left:
        st.markdown("**Animation**, there and back")
        gif = generation.gif(drawings)
        st.image(gif, width=224)
    with right:
        st.markdown("**Generated drawings on the way**")
        gallery(drawings, captions, size=56, key=f"way {run.name}")
        if are_drawings:
            st.caption(
                "Both ends are the drawings' latent means, encoded with their true categories; the "
                "decoder is told the category on the way."
                if conditional
                else "Both ends are reconstructions: the drawings' latent means, decoded."
            )
    save("between", drawings, steps, gif, start=start, end=end)


# --- samples -------------------------------------------------------------------------------------


@st.fragment
def show_samples():
    columns = st.columns(4)
    kinds = [IN_TURN, *names] if conditional else [FROM_PRIOR, IN_TURN, *names]
    asked = columns[0].selectbox("Category", kinds, key=f"asked of {run.name}")
    n = columns[1].slider("Number", 1, 64, 24, key="number")
    scale = columns[2].slider(
        "Spread", 0.1, 1.5, 1.0, 0.05, key="spread",
        help="The standard deviation drawn with (temperature): below 1 keeps to the middle.",
    )  # fmt: skip
    seed = columns[3].number_input("Seed", 0, 100_000, 0, key="seed")
    labels = None
    if asked == IN_TURN:
        labels = np.arange(n) % len(names)
    elif asked != FROM_PRIOR:
        labels = np.full(n, names.index(asked))
    with parts.told():
        if labels is None:
            points, drawings = generator.sample(n, seed=seed, scale=scale)
        else:
            points, drawings = generation.asked(generator, run.path, labels, seed, scale)
    said = named(drawings)
    tones, captions, summary = None, None, ""
    if said is not None:
        captions = verdicts(said)
        if labels is not None:
            right = said.argmax(axis=1) == labels
            tones = ["right" if one else "wrong" for one in right]
            summary = f" {right.sum()} of {n} are named as asked."
            if asked == IN_TURN:
                captions = [f"asked: {names[at]}\n{text}" for at, text in zip(labels, captions)]
    elif labels is not None:
        captions = [f"asked: {names[label]}" for label in labels]
    how = "from the prior, a standard normal distribution"
    if labels is not None:
        how = "from the prior, the decoder told the category"
        if not conditional:
            how = (
                "from the category's own region: a normal distribution fitted to the latent "
                "points of its training drawings (Ghosh et al. 2020)"
            )
    st.markdown(f"**{n} generated drawings**, {how}.{summary}")
    gallery(drawings, captions, tones, size=84, key=f"samples {run.name}")
    arrays = {"latents": points} | ({} if labels is None else {"asked": labels})
    save("samples", drawings, min(8, n), **arrays | ({} if said is None else {"named": said}))


# --- reconstructions -----------------------------------------------------------------------------


@st.fragment
def show_reconstructions():
    drawings, labels, kind = known_drawings()
    columns = st.columns(3)
    present = [name for label, name in enumerate(names) if label in labels]
    category = columns[0].selectbox("True category", ["any", *present], key="of")
    places = np.arange(len(labels))
    if category != "any":
        places = np.flatnonzero(labels == names.index(category))
    with columns[1]:
        shown = parts.page_of(places, PAIRS, f"pairs {category}", words=f"{len(places):,} drawings")
    drawings, labels = drawings[shown], labels[shown]
    means, _ = generator.encode(drawings, labels)
    redrawn = generator.decode(means, labels)
    captions = [text for label in labels for text in (f"true: {names[label]}", "generated")]
    tones, arrays, summary = [], {}, ""
    both = np.stack([drawings, redrawn], axis=1).reshape(-1, 28, 28)
    said = named(both)
    if said is not None:
        captions = [f"{text}\n{verdict}" for text, verdict in zip(captions, verdicts(said))]
        right = (said.argmax(axis=1) == np.repeat(labels, 2)).reshape(-1, 2)
        tones = ["right" if one else "wrong" for one in right.reshape(-1)]
        first, second = right.sum(axis=0)
        summary = f" Named rightly: {first} of {len(shown)} drawings, {second} reconstructions."
        arrays = {"named": said.reshape(len(shown), 2, -1)}
    words = ", told its true category" if conditional else ""
    st.markdown(
        f"**{kind.capitalize()} drawing and its reconstruction** from the latent mean{words}."
        + summary
    )
    pairs(drawings, redrawn, captions, tones, f"pairs {run.name}")
    save(
        "reconstructions", both, 8, reconstructions=redrawn, latents=means, labels=labels, **arrays
    )


# --- the sections: only the chosen one is computed -----------------------------------------------

SECTIONS = {
    "Plane": show_plane,
    "Directions": show_directions,
    "Between": show_between,
    "Samples": show_samples,
    "Reconstructions": show_reconstructions,
}
section = st.segmented_control(
    "Section", list(SECTIONS), default="Plane" if latent == 2 else "Directions", required=True,
    key="generate section", label_visibility="collapsed",
)  # fmt: skip
SECTIONS[section]()
