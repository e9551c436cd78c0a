"""What a process does with memory that it has used and freed."""

import ctypes
import gc
from contextlib import suppress

# mallopt(3): numbers of its parameters.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
LARGE = 128 * 1024


def give_back_what_is_freed() -> None:
    """Let glibc return large blocks to the system as soon as they are freed.

    Left alone it learns from the first block of 20 MB that comes and goes, such as the one for hashing a password, to
    keep blocks of that size, in each thread's own arena: eight threads that hash and draw would keep 200 MB for good.
    Other C libraries know no mallopt and need none.
    """
    with suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        for parameter, value in ((M_MMAP_THRESHOLD, LARGE), (M_TRIM_THRESHOLD, LARGE), (M_ARENA_MAX, 2)):
            mallopt(parameter, value)


def keep_what_is_loaded() -> None:
    """Leave the code itself out of every later collection of garbage.

    Python puts a full one off until a quarter of what there is has come anew, and beside all of Django that is a lot.
    """
    gc.collect()
    gc.freeze()
