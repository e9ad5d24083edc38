"""The doors list all that the capabilities offer."""

import importlib
import pkgutil
from pathlib import Path

from celery import current_app
from django.apps import apps
from django.db import models

import register
import register.models


def _modules_named(*names: str) -> list[str]:
    found = pkgutil.walk_packages(register.__path__, "register.")
    return [
        module.name
        for module in found
        if module.name.rsplit(".", 1)[-1] in names or ".models." in module.name
    ]


def test_every_model_in_a_capability_is_imported_by_the_models_door() -> None:
    defined = set()
    for name in _modules_named("models"):
        module = importlib.import_module(name)
        defined |= {
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, models.Model)
            and value.__module__ == name
            and not value._meta.abstract
        }
    listed = {getattr(register.models, name) for name in register.models.__all__}
    assert defined == listed
    assert defined == {m for m in apps.get_app_config("register").get_models() if not m._meta.auto_created}


def test_every_task_in_a_capability_is_found_by_the_worker() -> None:
    for name in _modules_named("tasks"):
        importlib.import_module(name)
    in_files = sum(
        path.read_text().count("@shared_task") for path in Path(register.__path__[0]).rglob("tasks.py")
    )
    registered = [name for name, task in current_app.tasks.items() if task.__module__.startswith("register.")]
    door = importlib.import_module("register.tasks")
    offered = {task.name for task in vars(door).values() if hasattr(task, "delay")}
    assert in_files == len(registered) > 0
    assert set(registered) == offered


def test_what_beat_runs_are_tasks_that_exist(settings) -> None:
    importlib.import_module("register.tasks")
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in current_app.tasks
