"""Asking the nodes' Proxmox VE API, a second way to see whether a node lives. The only place that knows proxmoxer."""
