"""A button that saves a chart."""

from pages.components.assets import component

_svg = component("svg")


def save_svg(name: str, key: str) -> None:
    """A button that saves the Vega-Lite chart of its container, which must be drawn as SVG.

    Streamlit's own button over such a chart saves PNG only.

    Args:
        name: of the file.
        key: of the element.
    """
    _svg(data={"name": name}, key=key)
