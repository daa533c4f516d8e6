"""The description of the player's API, made from its types."""

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from studyapp import __version__
from studyapp.api import types

_REFUSALS = {
    "400": "not JSON",
    "404": "no such session",
    "405": "another method",
    "410": "the session is over; nothing is stored",
    "413": "too long",
    "422": "a field is wrong, and named",
}
_TYPES: tuple[type[BaseModel], ...] = (
    types.AnswerIn,
    types.Block,
    types.BlockRequest,
    types.EventsIn,
    types.EventsOut,
    types.Problems,
    types.ReceiptOut,
    types.State,
)


def openapi() -> dict[str, Any]:
    """The document, OpenAPI 3.1."""
    _, schemas = models_json_schema(
        [(declared, "validation") for declared in _TYPES],
        ref_template="#/components/schemas/{model}",
    )
    receipts = {"201": "stored now", "200": "stored before", "409": "kept; another one counts"}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Larus, the player's API",
            "version": __version__,
            "description": "Below the address of a session, whose token is the only key. Every "
            "request may be sent again.",
        },
        "paths": {
            "/run/{token}/api/block/": _post("BlockRequest", "Block", {"200": "the block"}),
            "/run/{token}/api/responses/": _post("AnswerIn", "ReceiptOut", receipts),
            "/run/{token}/api/events/": _post("EventsIn", "EventsOut", {"200": "stored"}),
            "/run/{token}/api/state/": _get("State"),
        },
        "components": {"schemas": schemas["$defs"]},
    }


def openapi_text() -> str:
    """The document, ready to be written."""
    return json.dumps(openapi(), indent=2, sort_keys=True) + "\n"


def _post(takes: str, gives: str, outcomes: dict[str, str]) -> dict[str, Any]:
    operation = {
        "parameters": [_parameter("token", "path")],
        "requestBody": {"required": True, "content": _json(takes)},
        "responses": _responses(gives, outcomes),
    }
    return {"post": operation}


def _get(gives: str) -> dict[str, Any]:
    parameters = [_parameter("token", "path"), _parameter("device", "query")]
    return {"get": {"parameters": parameters, "responses": _responses(gives, {"200": "counts"})}}


def _responses(gives: str, outcomes: dict[str, str]) -> dict[str, Any]:
    good = {code: {"description": d, "content": _json(gives)} for code, d in outcomes.items()}
    bad = {code: {"description": d, "content": _json("Problems")} for code, d in _REFUSALS.items()}
    return good | bad


def _parameter(name: str, place: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": True, "schema": {"type": "string"}}


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
