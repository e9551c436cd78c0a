import subprocess
import sys

from django.conf import settings

# Eight threads hash 19 MiB each, as those of a web worker do when eight people log in at once.
HASHING = """
from concurrent.futures import ThreadPoolExecutor
import psutil
import jobboard.wsgi
from django.contrib.auth.hashers import make_password

before = psutil.Process().memory_info().rss
with ThreadPoolExecutor(8) as threads:
    list(threads.map(make_password, ["a long phrase"] * 32))
    print((psutil.Process().memory_info().rss - before) // 2**20)
"""


def test_a_web_worker_gives_back_what_hashing_took():
    output = subprocess.run(
        [sys.executable, "-c", HASHING], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )

    assert int(output.stdout) < 38  # MiB, less than two of the blocks
