import os

from django.core.wsgi import get_wsgi_application

from jobboard.memory import give_back_what_is_freed, keep_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jobboard.settings")

give_back_what_is_freed()
application = get_wsgi_application()
keep_what_is_loaded()
