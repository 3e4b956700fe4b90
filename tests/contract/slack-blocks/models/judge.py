"""Reads every golden payload into slack_sdk's models, validates it, and compares what they write back."""

import json
import logging
import pathlib
import sys

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View


class Warnings(logging.Handler):
    """What the models only warn of (a kind they do not know) is wrong here."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.said = []

    def emit(self, record):
        self.said.append(record.getMessage())


def lost(given, back, where):
    """What stands in the payload and not in what the models made of it."""
    if isinstance(given, dict):
        if not isinstance(back, dict):
            return [f"{where}: lost"]
        return [it for key in given for it in lost(given[key], back.get(key), f"{where}.{key}")]
    if isinstance(given, list):
        if not isinstance(back, list) or len(given) != len(back):
            return [f"{where}: not as many"]
        return [it for at, (a, b) in enumerate(zip(given, back)) for it in lost(a, b, f"{where}[{at}]")]
    return [] if given == back else [f"{where}: {given!r} became {back!r}"]


def judge(payload):
    if payload.get("type") in ("modal", "home"):
        return lost(payload, View(**payload).to_dict(), "view")
    wrong = []
    for at, given in enumerate(payload["blocks"]):
        block = Block.parse(given)
        if block is None:
            wrong.append(f"blocks[{at}]: not known")
        else:
            wrong += lost(given, block.to_dict(), f"blocks[{at}]")
    return wrong


def main():
    warnings = Warnings()
    logging.getLogger().addHandler(warnings)
    failed = 0
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.json"))
    for file in files:
        warnings.said.clear()
        try:
            wrong = judge(json.loads(file.read_text(encoding="utf-8")))
        except Exception as refused:  # Each model refuses in its own way.
            wrong = [f"{type(refused).__name__}: {refused}"]
        for each in wrong + warnings.said:
            failed += 1
            print(f"models: {file.name}: {each}")
    if not failed:
        print(f"models: {len(files)} payloads pass")
    return 1 if failed or not files else 0


sys.exit(main())
