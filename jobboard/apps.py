from django.apps import AppConfig
from django.core import checks


class JobboardConfig(AppConfig):
    name = "jobboard"

    def ready(self):
        from jobboard.brand import check_brand

        checks.register(check_brand)
