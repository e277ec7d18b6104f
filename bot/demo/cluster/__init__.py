r"""A simulated cluster: what its hosts would answer, computed from who is powered on, which links are up, and who is a member.

What a node can be asked stands in one file a topic, `Topic(answer, files, guarded)` of host.py, listed in system.TOPICS.
A guard finds the real `/bin/sh` and text tools, the answers to what some topic lists under `guarded`, and `cat` of every
file of the node; `[ -e PATH ]` would see the machine it runs on.

What a step of a plan does is an `Act` of acting.py: stages that each take their time and have their effect, a pure function
of situation, node and clock. A plan's script `("sh", "-c", SCRIPT, NAME, words…)` is not interpreted: its NAME is looked up
in SCRIPTS of separating.py, creating.py, joining.py or removing.py, which says what the script does when it is run as it
stands, `{NAME: lambda asked: Act(…)}`; asked.words are the words after NAME, asked.secret what the step reads. What pvecm
itself does is there too, to be built upon:

    SCRIPTS = {"create": lambda asked: Act((*pvecm_create(asked).stages, Stage(says("writable\n"), ready=is_writable)))}

`GivenUp` ends it with any exit code; a stage that never gets ready hangs until the unit's time limit. Effects change /etc/pve
by shared.write, which spreads to the ring; who was away catches up by itself. Seconds of real nodes are multiplied by PACE.
"""

from bot.demo.cluster.simulated import SimulatedCluster

__all__ = ["SimulatedCluster"]
