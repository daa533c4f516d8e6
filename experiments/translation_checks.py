"""Checks of translations: is every text there, and does each still mean one thing?"""

from collections.abc import Iterator

from experiments.findings import Location, Problem
from experiments.schema import Protocol
from experiments.translations import Said, texts_of


def translation_problems(protocol: Protocol) -> Iterator[Problem]:
    """Yield every text that a participant of another language could not read rightly."""
    own = texts_of(protocol)
    for language, translated in protocol.translations.items():
        where: Location = ("translations", language)
        if language == protocol.language:
            yield Problem(
                where,
                "the protocol's own language needs no translation.",
                "Change the texts themselves.",
                code="translation-of-own-language",
            )
        yield from _missing(own, translated, where)
        for path, said in translated.items():
            species = path.removeprefix("species.")
            if path not in own and (path == species or species not in protocol.species):
                yield Problem(
                    (*where, path),
                    "participants read no text of that path.",
                    "Correct it; `check_protocol` names those that lack a translation.",
                    code="translation-of-nothing",
                )
            elif path in own:
                yield from _otherwise(own[path], said, (*where, path))
        yield from _two_ways(own, translated, where)


def _missing(
    own: dict[str, Said], translated: dict[str, Said], where: Location
) -> Iterator[Problem]:
    lacking = [path for path in own if path not in translated]
    if lacking:
        yield Problem(
            where,
            f"{len(lacking)} texts are not translated: {', '.join(lacking)}.",
            "Translate them, so that nobody reads two languages.",
            code="translation-missing",
        )


def _otherwise(source: Said, said: Said, where: Location) -> Iterator[Problem]:
    if isinstance(source, str) != isinstance(said, str) or (
        not isinstance(source, str) and len(source) != len(said)
    ):
        wanted = "one text" if isinstance(source, str) else f"a list of {len(source)}"
        yield Problem(
            where,
            f"it translates {wanted}.",
            f"Write {wanted}.",
            code="translation-of-other-length",
        )
    elif not isinstance(said, str) and len(set(said)) < len(said):
        yield Problem(
            where,
            "two entries have the same words, and can't be told apart.",
            "Reword one of them.",
            code="translation-alike",
        )


def _two_ways(
    own: dict[str, Said], translated: dict[str, Said], where: Location
) -> Iterator[Problem]:
    """Texts are found by their words, so that the same words must be said the same way."""
    first: dict[str, tuple[str, str]] = {}
    for path, said in translated.items():
        source = own.get(path)
        if source is None or isinstance(source, str) != isinstance(said, str):
            continue
        pairs = [(source, said)] if isinstance(source, str) else zip(source, said, strict=False)
        for old, new in pairs:
            earlier, words = first.setdefault(str(old), (path, str(new)))
            if words != new:
                yield Problem(
                    (*where, path),
                    f"{old!r} is said otherwise in {earlier}.",
                    "Say the same words the same way, or reword one of the two texts.",
                    code="translation-two-ways",
                )
