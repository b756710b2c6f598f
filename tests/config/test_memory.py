"""What plans and sends stays light: heavy packages are imported only where they are used."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
# As a worker that makes words of a notice: its tasks, and all pages, for their addresses.
LOAD = """
import json, sys
import django
django.setup()
from django.urls import reverse
from config.celery import app
app.loader.import_default_modules()
reverse("home")
print(json.dumps(sorted(sys.modules)))
"""


def heavy() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return set(
        settings["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-module-level-imports"]
    )


def test_a_worker_loads_none_of_the_heavy_packages():
    done = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(done.stdout))

    assert {"django.urls", "issues.views.batches", "outbox.tasks"} <= loaded
    assert {"anymail", "docx", "openpyxl", "pikepdf", "pillow_heif", "typst"} <= heavy()
    assert loaded & heavy() == set()
