"""Slack's own data, read where it lies; it is not ours to copy."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def methods() -> dict[str, dict[str, Any]]:
    """Each Web API method as documented: args, required, errors, scopes. Skips the test where there is no data."""
    found: dict[str, dict[str, Any]] = json.loads(_file("methods.json").read_text())
    return found


def manifest_schema() -> dict[str, Any]:
    """The JSON schema of app manifests. Skips the test where there is no data."""
    found: dict[str, Any] = json.loads(_file("manifest.schema.1.0.0.json").read_text())
    return found


def _file(name: str) -> Path:
    folder = Path(os.environ.get("PVE_BOT_SLACK_DATA") or ROOT.parent / "shared" / "data" / "slack")
    if not (folder / name).is_file():
        pytest.skip(f"Slack's {name} is not there (PVE_BOT_SLACK_DATA names its folder)")
    return folder / name
