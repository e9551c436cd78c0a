from jobboard.celery import app as celery_app
from jobboard.memory import give_back_what_is_freed

__version__ = "0.1.0"
__all__ = ["celery_app"]

# Each process of ours begins here, whether it answers pages, works or only runs a command.
give_back_what_is_freed()
