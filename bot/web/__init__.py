"""The HTTP side: Slack's requests where it calls us, and what monitoring asks."""
