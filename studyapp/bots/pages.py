"""Reading a page as a browser would: its forms, their fields, what can be chosen."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class PageForm:
    """A form of a page. `options` holds what each radio group or submit button can send."""

    action: str
    method: str
    hidden: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)
    text_fields: list[str] = field(default_factory=list)

    def field_names(self) -> set[str]:
        """Every name the form may post."""
        return {*self.hidden, *self.options, *self.text_fields}


class PageParser(HTMLParser):
    """Collects the forms and links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.links: list[str] = []
        self.classes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.classes += found.get("class", "").split()
        if tag == "form":
            method = found.get("method", "get").lower()
            self.forms.append(PageForm(found.get("action", ""), method))
        elif tag == "a":
            self.links.append(found.get("href", ""))
        elif tag in ("input", "textarea", "button") and found.get("name") and self.forms:
            self._add_field(self.forms[-1], tag, found)

    def _add_field(self, form: PageForm, tag: str, found: dict[str, str]) -> None:
        kind = found.get("type", "text")
        if kind == "hidden":
            form.hidden[found["name"]] = found.get("value", "")
        elif kind in ("radio", "checkbox", "submit"):
            form.options.setdefault(found["name"], []).append(found.get("value", "on"))
        elif tag != "button":
            form.text_fields.append(found["name"])


def read_page(html: str) -> PageParser:
    """Parse a page."""
    parser = PageParser()
    parser.feed(html)
    return parser
