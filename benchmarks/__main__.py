"""`make bench`: every figure, as ratios within one run; exit code 1 when one is over its limit."""

from __future__ import annotations

import importlib
import sys
from pkgutil import iter_modules

import benchmarks
from benchmarks.figure import Figure

QUIET = {"__main__", "figure"}


def main() -> int:
    wanted = sys.argv[1:] or sorted(m.name for m in iter_modules(benchmarks.__path__) if m.name not in QUIET)
    figures = [figure for name in wanted for figure in importlib.import_module(f"benchmarks.{name}").run()]
    for figure in figures:
        print(_line(figure))
    return int(any(_is_over(figure) for figure in figures))


def _is_over(figure: Figure) -> bool:
    return figure.limit is not None and figure.value > figure.limit


def _line(figure: Figure) -> str:
    limit = "" if figure.limit is None else f"at most {figure.limit:g}  {'OVER' if _is_over(figure) else 'ok'}"
    return f"{figure.name:<64} {figure.value:>10.3f} {figure.unit:<6} {limit}  {figure.note}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
