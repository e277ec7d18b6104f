"""What is wrong with a list of blocks: each block's own rule, and what holds for all of them together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.demo.slack.kit.blocks import BLOCKS, MARKDOWN_MOST, Surface
from bot.demo.slack.kit.rules import list_of, typed, wrong
from bot.demo.slack.people import Object

MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}


def mistakes(blocks: Any, surface: Surface, at: str = "/blocks") -> list[str]:
    """Every rule of Slack that *blocks* break, as Slack writes them."""
    found = list(list_of(typed(BLOCKS[surface]), MOST_BLOCKS[surface], least=0)(blocks, at))
    if isinstance(blocks, list):
        named = [(f"{at}/{index}", block) for index, block in enumerate(blocks) if isinstance(block, dict)]
        found += [*_twice(named), *_one_table(named), *_much_markdown(named, at)]
    return found


def _twice(named: list[tuple[str, Object]]) -> Iterator[str]:
    """block_id once in all, action_id once in its block."""
    seen: set[str] = set()
    for at, block in named:
        name = str(block.get("block_id", ""))
        if name and name in seen:
            yield wrong(f"block_id already exists: {name}", f"{at}/block_id")
        seen.add(name)
        actions = [str(one["action_id"]) for one in _elements(block) if one.get("action_id")]
        for action in sorted({one for one in actions if actions.count(one) > 1}):
            yield wrong(f"action_id already exists: {action}", f"{at}/elements")


def _elements(block: Object) -> list[Object]:
    elements = block.get("elements")
    return [one for one in elements if isinstance(one, dict)] if isinstance(elements, list) else []


def _one_table(named: list[tuple[str, Object]]) -> Iterator[str]:
    tables = [at for at, block in named if block.get("type") == "table"]
    for at in tables[1:]:
        yield wrong("only_one_table_allowed", at)


def _much_markdown(named: list[tuple[str, Object]], at: str) -> Iterator[str]:
    characters = sum(len(str(block.get("text"))) for _, block in named if block.get("type") == "markdown")
    if characters > MARKDOWN_MOST:
        yield wrong(f"must be less than {MARKDOWN_MOST + 1} characters in all markdown blocks", at)
