"""The pages of this installation, served to a browser on this very machine."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application

from studyapp.bots.bot import allowed_host
from studyapp.selectors.recruitment import BOT_KEY


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@contextmanager
def own_server() -> Iterator[tuple[str, dict[str, str]]]:
    """Give the address, for as long as the block runs, and the header without which it is shut."""
    password = secrets.token_urlsafe(32)
    pages = _as_bots_see_them(StaticFilesHandler(get_wsgi_application()), password)
    server = make_server("127.0.0.1", 0, pages, server_class=_Server, handler_class=_Quiet)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", {"X-Larus-Rehearsal": password}
    finally:
        server.shutdown()
        server.server_close()


def _as_bots_see_them(
    pages: Callable[..., Iterable[bytes]], password: str
) -> Callable[..., Iterable[bytes]]:
    """Under a name that the settings allow, and as if over HTTPS where they insist on it."""
    scheme, host = "https" if settings.SECURE_SSL_REDIRECT else "http", allowed_host()

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not secrets.compare_digest(environ.get("HTTP_X_LARUS_REHEARSAL", ""), password):
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"This address is for a rehearsal's own browser."]
        environ[BOT_KEY] = "yes"
        environ["wsgi.url_scheme"], environ["HTTP_HOST"] = scheme, host
        if "HTTP_ORIGIN" in environ:
            environ["HTTP_ORIGIN"] = f"{scheme}://{host}"
        return pages(environ, start_response)

    return answer
