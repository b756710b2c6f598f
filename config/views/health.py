"""Whether the process lives, and whether it can serve."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

PATIENCE = 1.0  # seconds to wait for Redis


@login_not_required
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    database = _database()
    facts = {"database": database, "redis": _redis()}
    # Redis may be down: pages work without it, and reminders leave by the loop.
    return JsonResponse(facts, status=200 if database == "ok" else 503)


def _database() -> str:
    """``ok``, ``migrations missing`` or ``down``."""
    try:
        applied = set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError:
        return "down"
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    return "ok" if known <= applied else "migrations missing"


def _redis() -> str:
    """``ok`` or ``down``."""
    import redis

    try:
        with redis.Redis.from_url(
            settings.CELERY_BROKER_URL,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=None,
        ) as client:
            client.ping()
    except (redis.RedisError, ValueError):
        return "down"
    return "ok"
