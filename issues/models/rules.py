"""What the database itself refuses of an issue; each rule is named for what it says."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

RULES: list[models.BaseConstraint] = [
    models.CheckConstraint(
        name="issue_has_a_reference_once_submitted",
        condition=Q(status="draft") | Q(reference__isnull=False, submitted_at__isnull=False),
    ),
    models.CheckConstraint(
        name="issue_is_complete_once_submitted",
        condition=Q(status="draft")
        | ~Q(title="")
        & ~Q(text="")
        & Q(
            theme__isnull=False,
            commune__isnull=False,
            people__isnull=False,
            women__isnull=False,
            tracking_code__isnull=False,
        ),
    ),
    models.CheckConstraint(
        name="issue_commune_lies_in_its_province",
        condition=Q(commune=None)  # type: ignore[arg-type]
        | models.Func(
            F("commune_id"),
            F("province_id"),
            function="starts_with",
            output_field=models.BooleanField(),
        ),
    ),
    models.CheckConstraint(
        name="issue_says_why_it_follows",
        condition=Q(follows=None, link="", root=None)
        | (Q(follows__isnull=False, root__isnull=False) & ~Q(link="")),
    ),
    models.CheckConstraint(
        name="issue_merged_says_into_which",
        condition=Q(closed_as="merged", merged_into__isnull=False)
        | (~Q(closed_as="merged") & Q(merged_into=None)),
    ),
    models.CheckConstraint(
        name="issue_is_not_merged_into_itself",
        condition=Q(merged_into=None) | ~Q(merged_into=F("pk")),
    ),
    models.CheckConstraint(
        name="issue_has_no_more_women_than_people",
        condition=Q(women=None) | Q(people=None) | Q(women__lte=F("people")),
    ),
    models.CheckConstraint(
        name="issue_affects_somebody",
        condition=Q(people=None) | Q(people__gte=1, people__lte=20_000_000),
    ),
    models.CheckConstraint(
        name="issue_closed_at_matches_status",
        condition=Q(status="closed", closed_at__isnull=False) & ~Q(closed_as="")
        | ~Q(status="closed") & Q(closed_at=None, closed_as=""),
    ),
    models.CheckConstraint(
        name="issue_resolved_at_matches_status",
        condition=Q(status="resolved", resolved_at__isnull=False) | ~Q(status="resolved"),
    ),
    models.CheckConstraint(
        name="issue_published_is_public",
        condition=Q(published_at=None) | Q(disclosure="public"),
    ),
    models.CheckConstraint(
        name="issue_published_is_accepted",
        condition=Q(published_at=None) | ~Q(status__in=["draft", "submitted", "returned"]),
    ),
]


def news_of_an_issue(
    operation: pgtrigger.Operation, issue: str, condition: pgtrigger.Condition | None = None
) -> pgtrigger.Trigger:
    """Tells the screens of all sessions that deal with an issue; ``issue`` is SQL.

    For whatever changes who may see the issue, or how it is called.
    """
    return pgtrigger.Trigger(
        name="is_news_to_the_screen",
        operation=operation,
        when=pgtrigger.After,
        condition=condition,
        func=f"""
            UPDATE issues_screen SET revision = revision + 1 WHERE session_id IN (
                SELECT session_id FROM issues_agendaitem WHERE issue_id = {issue}
            );
            RETURN NULL;
        """,  # noqa: S608 - the SQL is written here alone
    )
