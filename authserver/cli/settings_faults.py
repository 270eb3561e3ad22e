"""Every fault of the settings at once: of single values, of values that contradict each other, of names."""

import os
from collections.abc import Mapping
from typing import Any

from dotenv import dotenv_values
from pydantic import ValidationError

from authserver.protocol.service_links import is_service_link
from authserver.settings import Settings

PREFIX = "AUTHSERVER_"
# Authlib reads it at every request, and takes no more than its being set as leave to forgo https.
INSECURE = "AUTHLIB_INSECURE_TRANSPORT"
# Of 1, which is the same: three letters in ten may be missing, wrong, too many or swapped.
NEAR = 0.7


def unknown_names(environ: Mapping[str, str | None]) -> tuple[list[str], list[str]]:
    """One sentence for each variable with our prefix that is no setting: faults, and what is worth a warning.

    Who meant a setting must not go without it, so a name near one is a fault. What is near none is somebody else's, or
    Kubernetes' own.
    """
    known = [name.upper() for name in Settings.model_fields]
    faults, warnings = [], []
    for name, value in sorted(environ.items()):
        rest = name.upper().removeprefix(PREFIX)
        if rest == name.upper() or rest in known or is_service_link(name, value):
            continue
        meant = _nearest(rest, known)
        if meant:
            faults.append(f"{name}: there is no such setting; did you mean {PREFIX}{meant}?")
        else:
            warnings.append(f"{name}: there is no such setting; it is ignored")
    return faults, warnings


def switched_off(environ: Mapping[str, str | None]) -> list[str]:
    """One sentence where the environment takes a check out of Authlib."""
    return [f"{INSECURE}: it turns off Authlib's check for https; unset it"] if environ.get(INSECURE) else []


def faults_of(error: ValidationError, given: dict[str, Any]) -> list[str]:
    """One sentence for each fault, beginning with its variable; `given` is what the caller had set before all."""
    found = error.errors(include_url=False, include_input=False)
    # One a variable: a value that fits none of several types is told of once.
    details = list({str(fault["loc"][:1]): fault for fault in reversed(found)}.values())[::-1]
    faulty = [str(fault["loc"][0]) for fault in details if fault["loc"]]
    sentences = [
        f"{PREFIX}{fault['loc'][0]}".upper() + f": {fault['msg']}" if fault["loc"] else f"settings: {fault['msg']}"
        for fault in details
    ]
    if faulty and len(faulty) == len(details):
        sentences += _contradictions(faulty, given)
    return sentences


def every_name() -> dict[str, str | None]:
    """What is set, in the environment and in `.env`."""
    return {**dotenv_values(".env"), **os.environ}


def _contradictions(faulty: list[str], given: dict[str, Any]) -> list[str]:
    # Contradictions are looked for among sound values only, so the faulty ones are replaced by their defaults.
    sound = {name: Settings.model_fields[name].get_default(call_default_factory=True) for name in faulty}
    try:
        Settings(**given | sound)
    except ValidationError as error:
        messages = [fault["msg"] for fault in error.errors(include_url=False, include_input=False)]
        parts = [part for message in messages for part in message.split("; ")]
        return [f"settings: {part}" for part in parts if not any(name in part for name in faulty)]
    return []


def _nearest(name: str, known: list[str]) -> str | None:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    found = process.extractOne(name, known, scorer=OSA.normalized_similarity, score_cutoff=NEAR)
    if found:
        return str(found[0])
    return next((each for each in known if name and (each.startswith(name) or name.startswith(each))), None)
