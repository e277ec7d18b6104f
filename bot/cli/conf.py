"""`pve-cluster-bot conf`: look at and change a corosync.conf file, without any cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Check or change a corosync.conf file.", no_args_is_help=True)
ConfFile = Annotated[Path, typer.Argument(metavar="FILE", help="A corosync.conf.")]
