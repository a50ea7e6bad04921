"""Doodle Lab: `streamlit run dashboard.py`. Which pages there are is in `pages/registry.py`.

Streamlit imports this file for the server, `app`, and then runs it in that for each click.
"""

if __name__ == "__main__":
    from pages.shared.frame import show

    show()
else:
    import streamlit as st
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from streamlit.runtime.pages_manager import PagesManager

    from pages.shared import answering

    # Until a server has run this file once, Streamlit takes a folder called pages/ for one of its
    # older kind and runs the page that a deep link names on its own, without this file.
    PagesManager.uses_pages_directory = False
    # Streamlit asks for the name that leads to it at its websocket alone.
    hosts = st.get_option("server.allowedHosts") or ["*"]
    trusted = Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)
    app = st.App(__file__, middleware=[trusted], routes=answering.routes())
