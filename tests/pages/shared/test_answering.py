"""Answers at an address of a component's own: what is asked there, and what is refused."""

import gc
import json

import pytest
import streamlit as st

from pages.shared import answering
from support.apps import asked


@pytest.fixture(autouse=True)
def session(monkeypatch):
    """A session's state."""
    monkeypatch.setattr(st, "session_state", {})
    return st.session_state


def test_the_latest_function_answers_at_one_address():
    first = answering.offer("pad", lambda question: {"twice": 2 * question})
    assert asked(first, b"3") == (200, {"twice": 6})
    assert answering.offer("plane", lambda _: {}) != first
    assert answering.offer("pad", lambda question: {"thrice": 3 * question}) == first
    assert asked(first, b"3") == (200, {"thrice": 9})


def test_another_session_has_another_address(session):
    first = answering.offer("pad", lambda _: {"who": "first"})
    other = dict(session)  # it is still there
    session.clear()
    second = answering.offer("pad", lambda _: {"who": "second"})
    assert first != second
    assert [asked(one, b"0")[1]["who"] for one in (first, second)] == ["first", "second"]
    assert other


def test_what_is_no_question_of_ours_is_refused():
    def answer(question):
        if question != "ours":
            raise ValueError("another")
        return {}

    address = answering.offer("pad", answer)
    assert asked(address, b'"ours"') == (200, {})
    whole = answering.offer("plane", lambda question: {"half": question / 2})
    assert asked(whole, b"1" + 400 * b"0") == (400, None)  # larger than any float
    for content in (b"", b"{", b'"\xff"', b'"another"', b"[" * 100_000):
        assert asked(address, content) == (400, None)
    long = json.dumps("x" * answering.MOST_BYTES).encode()
    assert asked(address, long) == (413, None)
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):  # as other sites may send
        assert asked(address, b'"ours"', kind) == (415, None)
    assert asked("answers/none", b'"ours"') == (404, None)


def test_it_goes_with_its_session(session):
    address = answering.offer("pad", lambda _: {})
    assert asked(address, b"0") == (200, {})
    session.clear()
    gc.collect()
    assert asked(address, b"0") == (404, None)


def test_a_base_path_is_before_it(monkeypatch):
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": "/lab/"}.get)
    address = answering.offer("pad", lambda _: {})
    assert asked(f"lab/{address}", b"0") == (200, {})
