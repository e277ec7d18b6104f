"""`python -m bot` is `pve-cluster-bot`."""

from bot.cli import main

main()
