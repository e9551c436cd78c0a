"""Ways in which the API fails when it is told to."""

import threading
from dataclasses import dataclass

KINDS = ("refuse", "hang", "error", "drop_before", "drop_after")


@dataclass
class Fault:
    """`refuse` resets the connection, `hang` waits and then answers, `error` answers 500 without doing anything,
    `drop_before` and `drop_after` end the connection before or after the work is done. `times` None means always."""

    kind: str
    method: str | None = None
    path: str = ""
    times: int | None = None
    seconds: float = 30

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")

    def hits(self, method: str, path: str) -> bool:
        return self.times != 0 and self.method in (None, method) and path.startswith(self.path or "")


class Faults:
    def __init__(self):
        self.lock = threading.Lock()
        self.ended = threading.Event()  # lets go of who hangs
        self.faults: list[Fault] = []
        self.hit = 0  # requests since the last clearing

    def add(self, fault: Fault) -> None:
        with self.lock:
            self.faults.append(fault)

    def clear(self) -> None:
        with self.lock:
            self.faults, self.hit = [], 0
            self.ended.set()
            self.ended = threading.Event()

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault that hits the request, counted."""
        with self.lock:
            for fault in self.faults:
                if fault.hits(method, path):
                    if fault.times is not None:
                        fault.times -= 1
                    self.hit += 1
                    return fault
        return None
