"""A simulated cluster: what its nodes would answer, computed from who is powered on and which links are up."""

from bot.demo.cluster.simulated import SimulatedCluster

__all__ = ["SimulatedCluster"]
