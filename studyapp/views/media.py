"""Pictures and layers, by digest: the address tells nothing but the content's own name."""

import logging
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from studyapp.selectors.media import media_file, media_path

logger = logging.getLogger(__name__)


@require_safe
def media(request: HttpRequest, sha256: str) -> HttpResponse:
    """Only imported files are served; their content never changes."""
    file = media_file(sha256)
    if file is None:
        raise Http404
    path = media_path(Path(settings.DATA_DIR), sha256)
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        logger.error("%s is lost: import its stimulus set again (import_stimuli).", path)
        raise Http404 from error
    response = HttpResponse(content, content_type=file.media_type)
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response
