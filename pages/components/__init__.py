"""What the pages show that Streamlit has no element for: thin wrappers around the files in `web/`.

    gallery.py   grids of drawings that can be clicked, and one of them large
    plane.py     a decoded latent plane with a pointer, and what is under it
    strips.py    generated drawings in rows, and beside the drawings that they are of
    canvas.py    a canvas to draw on, and what networks say of the drawing
    space.py     where a drawing is in a latent space
    scatter.py   a cloud of drawings, in 3-D or 2-D
    trial.py     one drawing after the other, each to be named
    svg.py       a button that saves a chart

    assets.py    joins a component's files
    wire.py      drawings on their way to the browser, clicks on their way back

`web/NAME/NAME.js`, `.css` and `.html` are a component's own files, `web/shared/` has what several
share. Arithmetic has modules of its own there, which need no browser: tests/web tests them.

Drawings and names travel to the browser as data, never as markup: pixels as base64, painted on
canvases; captions, titles and facts as the text of elements.
"""
