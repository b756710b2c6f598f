import os
import signal
import time

import pytest
import redis
from django.conf import settings
from django.db import OperationalError, connection
from django.test import override_settings

from config import machine


def test_live_says_ok_without_asking_anything(client):
    response = client.get("/health/live")

    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.django_db
def test_ready_once_the_database_answers_and_is_migrated(client):
    response = client.get("/health/ready")

    assert (response.status_code, response.json()) == (200, {"database": "ok", "redis": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_ready_says_that_redis_is_down_and_serves_all_the_same(client):
    address = f"redis://127.0.0.1:{machine.free_port()}/0"

    with override_settings(CELERY_BROKER_URL=address):
        response = client.get("/health/ready")

    assert (response.status_code, response.json()) == (200, {"database": "ok", "redis": "down"})


@pytest.mark.django_db
def test_ready_is_refused_while_a_migration_is_missing(client, monkeypatch):
    monkeypatch.setattr(
        "django.db.migrations.recorder.MigrationRecorder.applied_migrations", lambda self: {}
    )

    response = client.get("/health/ready")

    assert (response.status_code, response.json()["database"]) == (503, "migrations missing")


@pytest.mark.django_db
def test_ready_is_refused_while_the_database_is_away(client):
    def refuse(execute, sql, params, many, context):
        raise OperationalError("gone")

    with connection.execute_wrapper(refuse):
        response = client.get("/health/ready")

    assert (response.status_code, response.json()["database"]) == (503, "down")


@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
def test_health_is_only_read(client, address):
    assert client.post(address).status_code == 405


@pytest.mark.django_db
def test_ready_waits_only_a_moment_for_a_frozen_redis(client):
    with redis.Redis.from_url(settings.CELERY_BROKER_URL) as broker:
        pid = broker.info()["process_id"]
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    try:
        response = client.get("/health/ready")
    finally:
        os.kill(pid, signal.SIGCONT)

    assert (response.status_code, response.json()["redis"]) == (200, "down")
    assert time.monotonic() - began < 2.5
