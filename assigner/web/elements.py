"""Elements of the page: plain HTML and SVG, each changed in place, so that focus stays where it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from nicegui.element import Element
from nicegui.elements.html import Html
from nicegui.elements.mixins.text_element import TextElement

__all__ = [
    "clicked",
    "filled",
    "focus_on",
    "html",
    "pressed",
    "set_attributes",
    "set_text",
    "tag",
    "told_of",
    "unfolded",
]


def tag(name: str, text: str | None = None, /, classes: str = "", **attributes: Any) -> Element:
    """An element; text is text, never markup. Attributes are written with ``_`` for ``-``; None leaves one out."""
    made = Element(name) if text is None else TextElement(tag=name, text=text)
    if classes:
        made.classes(classes)
    for key, value in attributes.items():
        if value is not None:
            made.props[key.replace("_", "-")] = value
    return made


def html(content: str, name: str = "div", /, classes: str = "", **attributes: Any) -> Html:
    """An element that holds markup of ours, from templates that escape."""
    made = Html(content, sanitize=False, tag=name)
    if classes:
        made.classes(classes)
    for key, value in attributes.items():
        made.props[key.replace("_", "-")] = value
    return made


def set_text(element: Element, text: str) -> None:
    """Change a text, if it is another one: nothing is sent otherwise."""
    assert isinstance(element, TextElement)
    if element.text != text:
        element.text = text


def set_attributes(element: Element, **attributes: Any) -> None:
    """Change attributes that are not what they were; None takes one away."""
    for key, value in attributes.items():
        name = key.replace("_", "-")
        if element.props.get(name) != value:
            element.props.set_optional(name, value)


def clicked(element: Element, handler: Callable[[], Any], kind: str = "click") -> None:
    """Call a function when something is done to an element; nothing about the event is sent."""
    element.on(kind, handler, js_handler="() => emit()")


def filled(form: Element, handler: Callable[[list[tuple[str, str]]], Any], kind: str = "submit") -> None:
    """Call a function with what stands in a form when it is sent, or when something in it is ``change``d."""

    def read(event: Any) -> None:
        sent = event.args if isinstance(event.args, list) else []
        handler([(str(entry[0]), str(entry[1])) for entry in sent if isinstance(entry, list) and len(entry) == 2])

    form.on(f"{kind}.prevent", read, js_handler="(e) => emit([...new FormData(e.currentTarget)])")


def pressed(element: Element, handler: Callable[[str], Any]) -> None:
    """Call a function with the ``data-apply`` of a button inside an element of markup, when it is pressed."""

    def read(event: Any) -> None:
        handler(str(event.args))

    script = "(e) => { const b = e.target.closest('button[data-apply]'); if (b) emit(b.dataset.apply) }"
    element.on("click", read, js_handler=script)


def told_of(element: Element, handler: Callable[[str, str], Any], kind: str = "click", *, beside: bool = False) -> None:
    """Call a function with the kind and code of a township or school inside an element of markup.

    They stand there as ``data-township`` and ``data-school``. With `beside` it hears of what is done beside them,
    too, as two empty words.
    """

    def read(event: Any) -> None:
        sent = event.args if isinstance(event.args, list) else []
        if len(sent) == 2 and sent[0] in ("township", "school", *([""] if beside else [])):
            handler(sent[0], str(sent[1]))

    script = """(e) => {
      const it = e.target.closest('[data-school], [data-township]');
      if (it) emit(it.dataset.school ? 'school' : 'township', it.dataset.school || it.dataset.township);
      ELSE
    }"""
    element.on(kind, read, js_handler=script.replace("ELSE", "else emit('', '');" if beside else ""))


def focus_on(element: Element, kind: str, code: str) -> None:
    """Let the keyboard go on at the button of a township or school inside an element of markup."""
    buttons, wanted = f"[...getHtmlElement({element.id}).querySelectorAll('button')]", json.dumps([kind, code])
    script = f"const [kind, code] = {wanted}; {buttons}.find(b => b.dataset[kind] === code)?.focus()"
    element.client.run_javascript(script)


def unfolded(details: Element, handler: Callable[[bool], Any]) -> None:
    """Call a function with whether a ``details`` is open, whenever that changes."""

    def read(event: Any) -> None:
        handler(event.args is True)

    details.on("toggle", read, js_handler="(e) => emit(e.currentTarget.open)")
