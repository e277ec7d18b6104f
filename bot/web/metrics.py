"""What monitoring is told, in Prometheus' words."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.event import Event


class Metrics:
    """One registry for one bot, so that two of them in one process do not count for each other."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._commands = Counter(
            "pve_cluster_bot_commands",
            "Commands done, by action and outcome",
            ["action", "outcome"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "pve_cluster_bot_command_seconds", "From Slack's request to the recorded answer", registry=self.registry
        )
        self.slack_connected = Gauge(
            "pve_cluster_bot_slack_connected", "1 while Slack reaches the bot", registry=self.registry
        )

    def done(self, event: Event) -> None:
        """Count the event that ends a command."""
        self._commands.labels(event.action or "none", event.outcome or "none").inc()
        took_us = event.detail.get("took_us")
        if isinstance(took_us, int):
            self._seconds.observe(took_us / 1_000_000)
