"""What a search finds issues by, made anew after its rules have changed."""

from collections.abc import Iterator

from django.db import transaction

from issues.models import Issue

CHUNK = 500
FIELDS = ["index_text", "place_text", "shingles"]


def reindex(*, everything: bool) -> Iterator[int]:
    """Write the index of every issue anew, or of those that never had a sketch; yields how many.

    Each chunk is a transaction of its own, its rows locked; may be repeated and cut off.
    """
    reached = 0
    while True:
        with transaction.atomic():
            rows = Issue.objects.filter(pk__gt=reached).order_by("pk")
            rows = rows if everything else rows.filter(shingles=b"")
            chunk = list(
                rows.select_related("commune__parent", "province").select_for_update(of=("self",))[
                    :CHUNK
                ]
            )
            for issue in chunk:
                issue.write_index()
            Issue.objects.bulk_update(chunk, FIELDS)
        if not chunk:
            return
        reached = chunk[-1].pk
        yield len(chunk)
