"""A local Slack, for the demo and the tests: Web API, signed HTTP, Socket Mode, and people who click."""
