"""What the lists of a person's own jobs have in common: rows with a `job` and a time, the newest first."""

from django.db import models
from django.db.models import Q


class OwnJobsQuerySet(models.QuerySet):
    # The field with the time by which the list goes.
    dated_by: str

    def newest_first(self):
        return self.order_by(f"-{self.dated_by}", "-pk")

    def after(self, pk: int | None):
        """Those that follow this one of them, newest first; all when it isn't there."""
        row = self.filter(pk=pk).first()
        if row is None:
            return self
        time = getattr(row, self.dated_by)
        return self.filter(Q(**{f"{self.dated_by}__lt": time}) | Q(**{self.dated_by: time}, pk__lt=row.pk))

    def for_page(self):
        """With the jobs as their rows show them."""
        return self.select_related("job__company", "job__category").defer("job__description", "job__description_raw")
