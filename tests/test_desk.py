"""From a recorded command to its recorded answer, with a real database."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from bot.action import Action, Level, NoArgs, NoFacts, Report, Verb
from bot.desk import Desk
from bot.event import Kind
from bot.message import Asked, Letter
from bot.people import Account, Standing, Who
from bot.store import SqlInbox, SqlLedger, SqlOutbox
from bot.text import Refused, same
from bot.workflow import Answer, Workflow
from tests.clerks import reading_clerk
from tests.conftest import NOON_US, noon_us

ALICE = Account("T1", "U1")


class People:
    """Knows alice; anybody else cannot be looked up now."""

    def who(self, account: Account) -> Who:
        if account != ALICE:
            raise Refused(same("Slack does not answer"))
        return Who(account, "alice", "alice", Standing.MEMBER, "en")


def write(answer: Answer, asked: Asked, who: Who) -> Sequence[Letter]:
    said = answer.report.headline if answer.report else answer.refusal
    return [Letter("response", asked.reply_url, {"text": said.to(who.language) if said else ""}, NOON_US)]


def fine(_args: NoArgs, _facts: NoFacts, _after: NoFacts) -> Report:
    return Report(Level.GOOD, same("quorate"))


def broken(_args: NoArgs, _facts: NoFacts, _after: NoFacts) -> Report:
    raise ZeroDivisionError("a bug with a secret in it")


def actions() -> dict[str, Action]:
    said = {"status": fine, "nodes": broken}
    verbs = {
        name: Verb(name=name, summary=same(name), args=NoArgs, facts=NoFacts, report=report)
        for name, report in said.items()
    }
    return {name: Action(name=name, summary=same(name), verbs=(verb,)) for name, verb in verbs.items()}


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


@pytest.fixture
def desk(engine: Engine, pool: ThreadPoolExecutor) -> Desk:
    clerk = reading_clerk(Workflow({}, actions()), People(), noon_us)
    return Desk(clerk, SqlInbox(engine, noon_us), write, lambda _event: None, pool)


def ask(line: str, key: str = "1", account: Account = ALICE) -> Asked:
    return Asked(key, line, account, "slack", NOON_US, "C1", "http://127.0.0.1/response")


def worked_off(desk: Desk, pool: ThreadPoolExecutor, *asked: Asked) -> None:
    for one in asked:
        desk.inbox.put(one)
    desk.wake()
    pool.shutdown(wait=True)


def events(engine: Engine) -> list[tuple[str, str | None]]:
    return [(row.kind, row.outcome) for row in SqlLedger(engine, noon_us).page()][1:]


def texts(engine: Engine) -> list[object]:
    return [letter.payload["text"] for letter in SqlOutbox(engine).due(9, now_us=NOON_US)]


def test_a_command_leaves_its_events_and_its_answer(desk: Desk, engine: Engine, pool: ThreadPoolExecutor) -> None:
    worked_off(desk, pool, ask("status"))
    assert events(engine) == [(Kind.COMMAND_RECEIVED, None), (Kind.COMMAND_ANSWERED, Level.GOOD)]
    assert texts(engine) == ["quorate"]


def test_a_refused_command_leaves_its_events_too(desk: Desk, engine: Engine, pool: ThreadPoolExecutor) -> None:
    worked_off(desk, pool, ask("rm -rf /"))
    assert events(engine)[1] == (Kind.COMMAND_REFUSED, "refused")
    body = json.loads(SqlLedger(engine, noon_us).page()[-1].body)
    assert body["detail"]["line"] == "rm -rf /"
    assert body["actor"] == "T1/U1"


def test_a_redelivered_command_is_done_once(desk: Desk, engine: Engine, pool: ThreadPoolExecutor) -> None:
    worked_off(desk, pool, ask("status"), ask("status"))
    assert len(events(engine)) == 2


def test_a_bug_is_told_by_number_and_not_by_its_words(desk: Desk, engine: Engine, pool: ThreadPoolExecutor) -> None:
    worked_off(desk, pool, ask("nodes", key="number-7"))
    assert events(engine)[1] == (Kind.COMMAND_FAILED, "failed")
    assert "number-7" in str(texts(engine))
    assert "secret" not in str(texts(engine))


def test_a_person_who_cannot_be_looked_up_is_refused(desk: Desk, engine: Engine, pool: ThreadPoolExecutor) -> None:
    worked_off(desk, pool, ask("status", account=Account("T1", "U9")))
    assert events(engine)[1] == (Kind.COMMAND_REFUSED, "refused")
    assert texts(engine) == ["Slack does not answer"]


def test_no_more_is_taken_than_there_is_room_for(desk: Desk, pool: ThreadPoolExecutor) -> None:
    desk.limit = 0
    desk.inbox.put(ask("status"))
    desk.wake()
    assert len(desk.inbox.take(9, now_us=NOON_US)) == 1


def test_who_wakes_the_desk_while_another_is_about_to_take_need_not_wait(desk: Desk, pool: ThreadPoolExecutor) -> None:
    with desk._lock:
        about_to_take = pool.submit(desk.wake)
        while not desk._next.locked():
            assert not about_to_take.done()
        pool.submit(desk.wake).result(timeout=10)
        desk.inbox.put(ask("status"))
    about_to_take.result(timeout=10)
    assert desk.inbox.take(9, now_us=NOON_US) == []
