"""Block Kit's rules, as Slack applies them to what an app sends."""
