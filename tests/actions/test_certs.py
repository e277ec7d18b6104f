"""/pve-cluster certs: what is told of certificates of every age."""

import json
from collections.abc import Mapping

import pytest

from bot.action import EachNode, Level, NoArgs, Report
from bot.actions.certs import Facts, report
from bot.cluster.certificates import CA, CUSTOM, NODE, Certificate, Certificates
from bot.names import NodeName
from bot.text import Text, same

NOW_US = 1_767_268_800_000_000
DAY_US = 86_400_000_000
A, B = NodeName("pve01"), NodeName("pve02")


def certificate(file: str, days: int, fingerprint: str = "AA:BB") -> Certificate:
    return Certificate(
        file=file,
        subject="pve01",
        issuer="PVE Cluster CA",
        not_before_us=NOW_US - DAY_US,
        not_after_us=NOW_US + days * DAY_US,
        fingerprint=fingerprint,
        names=(),
    )


def node(days: int = 700, ca: str = "CA:CA", **more: int) -> Certificates:
    files = [certificate(CA, 3000, ca), certificate(NODE, days, "0A:0B")]
    files += [certificate(CUSTOM, more["custom"], "0C:0D")] if "custom" in more else []
    return Certificates({each.file: each for each in files}, NOW_US)


def seen(by_node: Mapping[NodeName, Certificates], silent: Mapping[NodeName, Text] | None = None) -> Report:
    facts = Facts(EachNode(by_node, silent or {}))
    found = report(NoArgs(), facts, facts)
    texts = [found.headline, *(f.text for f in found.findings), *(f.fix for f in found.findings if f.fix)]
    assert all(text.to("en") and text.to("fr") for text in texts)
    assert found.headline.to("en") != found.headline.to("fr")
    assert json.loads(json.dumps(found.data)) == found.data
    return found


@pytest.mark.parametrize(
    ("days", "level"), [(30, Level.GOOD), (29, Level.WARNING), (14, Level.WARNING), (13, Level.BAD), (-1, Level.BAD)]
)
def test_the_nearer_the_end_the_worse_the_news(days: int, level: Level) -> None:
    assert seen({A: node(days)}).level is level


def cells(found: Report) -> list[str]:
    return [cell.to("en") if isinstance(cell, Text) else cell for t in found.tables for row in t.rows for cell in row]


def test_the_fingerprint_of_a_join_is_that_of_the_served_certificate_and_not_the_authoritys() -> None:
    own, custom = seen({A: node()}).tables[-1], seen({A: node(custom=60)}).tables[-1]
    assert own.rows == ((A, "0A:0B"),)
    assert custom.rows == ((A, "0C:0D"),)


def test_a_custom_certificate_is_not_renewed_as_the_nodes_own() -> None:
    own, custom = seen({A: node(5)}).findings[0].fix, seen({A: node(custom=5)}).findings[0].fix
    assert own is not None
    assert custom is not None
    assert own.to("en") != custom.to("en")


def test_two_authorities_in_one_cluster_are_bad_news() -> None:
    assert seen({A: node(), B: node(ca="DA:DA")}).level is Level.BAD


def test_a_node_that_serves_nothing_is_bad_news() -> None:
    assert seen({A: Certificates({CA: certificate(CA, 3000)}, NOW_US)}).level is Level.BAD


def test_an_ending_authority_is_not_passed_over() -> None:
    ending = Certificates({CA: certificate(CA, 10), NODE: certificate(NODE, 700)}, NOW_US)
    assert seen({A: ending}).level is Level.BAD


def test_the_clusters_authority_is_not_said_to_be_renewed_by_updatecerts_or_by_itself() -> None:
    ending = Certificates({CA: certificate(CA, 10), NODE: certificate(NODE, 700)}, NOW_US)
    (finding,) = seen({A: ending, B: ending}).findings
    assert finding.text.to("en") == "The cluster's CA (pve-root-ca.pem) ends in 10 days"
    assert finding.fix is not None
    assert "Nothing renews it by itself" in finding.fix.to("en")
    assert "/etc/pve/priv/pve-root-ca.key away" in finding.fix.to("en")


@pytest.mark.parametrize(("days", "said"), [(1, "ends in 1 day"), (-1, "expired 1 day ago"), (2, "ends in 2 days")])
def test_one_day_is_no_plural(days: int, said: str) -> None:
    assert seen({A: node(days)}).findings[0].text.to("en").endswith(said)


def test_a_silent_node_is_shown_and_nobody_at_all_is_unknown() -> None:
    found = seen({A: node()}, {B: same("timed out")})
    assert found.level is Level.WARNING
    assert "pve02" in found.findings[-1].text.to("en")
    assert seen({}, {A: same("timed out"), B: same("timed out")}).level is Level.UNKNOWN
    assert CA in cells(found)
