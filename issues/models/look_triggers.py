"""What PostgreSQL does when something changes on which the next look of the planner depends."""

import pgtrigger

AGAIN = pgtrigger.AnyChange(
    "authority",
    "role",
    "released_at",
    "handed_over_on",
    "due_on",
    "due_version",
    "ladder_version",
    "ladder_since",
    "suspended_until",
    "kept_low_at",
    "paused_on",
    "ended_at",
)


def looks_of_a_referral() -> list[pgtrigger.Trigger]:
    """A new referral is looked at, and one whose date, part or end changed."""
    func = _look_at("SELECT NEW.id, 'epoch'::timestamptz")
    return [_first(func), _again(func, AGAIN)]


def looks_of_an_issue() -> list[pgtrigger.Trigger]:
    """An issue is looked at with its open referrals, and its claim once it is resolved."""
    claim = _look_at_claim("SELECT NEW.id, 'epoch'::timestamptz WHERE NEW.status = 'resolved'")
    changed = pgtrigger.AnyChange(
        "status", "pressured_at", "priority", "province", "organization", "claims", "resolved_at"
    )
    return [
        _first(claim, pgtrigger.Q(new__status="resolved")),
        _again(_look_at(_held_by("NEW.id")) + claim, changed),
    ]


def look_at_the_issue(operation: pgtrigger.Operation, issue: str) -> pgtrigger.Trigger:
    """What happens to an issue's part has its open referrals looked at; ``issue`` is SQL."""
    return pgtrigger.Trigger(
        name="is_looked_at",
        operation=operation,
        when=pgtrigger.After,
        func=f"{_look_at(_held_by(issue))} RETURN NULL;",
    )


def looks_of_a_call() -> list[pgtrigger.Trigger]:
    """A call to an organization may have been all that was wanting for its claim to lapse."""
    rows = """
        SELECT id, 'epoch'::timestamptz FROM issues_issue
         WHERE id = NEW.issue_id AND status = 'resolved'
    """
    return [_first(_look_at_claim(rows), pgtrigger.Q(new__issue__isnull=False))]


def _first(func: str, condition: pgtrigger.Condition | None = None) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="is_looked_at",
        operation=pgtrigger.Insert,
        when=pgtrigger.After,
        condition=condition,
        func=f"{func} RETURN NULL;",
    )


def _again(func: str, condition: pgtrigger.Condition) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="is_looked_at_again",
        operation=pgtrigger.Update,
        when=pgtrigger.After,
        condition=condition,
        func=f"{func} RETURN NULL;",
    )


def _held_by(issue: str) -> str:
    return f"""
        SELECT id, 'epoch'::timestamptz FROM issues_referral
         WHERE issue_id = {issue} AND ended_at IS NULL ORDER BY id
    """  # noqa: S608 - the SQL is written here alone


def _look_at(rows: str) -> str:
    return f"""
        INSERT INTO issues_look (referral_id, at) {rows}
            ON CONFLICT (referral_id) DO UPDATE SET at = excluded.at;
    """


def _look_at_claim(rows: str) -> str:
    return f"""
        INSERT INTO issues_claimlook (issue_id, at) {rows}
            ON CONFLICT (issue_id) DO UPDATE SET at = excluded.at;
    """
