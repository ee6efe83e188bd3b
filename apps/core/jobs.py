"""The doorbell: tell a worker to look at its table.

The row is the job; a nudge carries no data. A lost one delays the work until the
next sweep (`config/schedule.py`), it never loses it. With the queue in the same
database the nudge commits or vanishes together with the rows it announces.
"""

from django.utils.module_loading import import_string
from django_q.tasks import async_task


def nudge(task: str) -> None:
    """Ask a worker to run the task soon.

    `task` is a dotted name such as "apps.gateway.tasks.route_pending"; it is resolved
    here, so that a wrong name fails in the caller (ImportError).
    """
    import_string(task)
    async_task(task, q_options={"task_name": task.removeprefix("apps.")[:100]})
