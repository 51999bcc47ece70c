"""Run by itself, on the interpreter of functions: it imports installed packages, and forks workers.

It needs the standard library only. What it imports for all is what workers that it forked were seen
to import, as far as it was installed (in the runtime or a layer, as a distribution): that is the
same for every function that has these layers. A function's own code, and what of a layer is no
distribution, may read the function's environment when it is imported; each worker does that itself.
"""

from __future__ import annotations

import array
import contextlib
import gc
import importlib
import importlib.metadata
import json
import os
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import Any

_LONGEST_MESSAGE = 1 << 20
_DESCRIPTORS = 3  # standard input, output and error of a worker


def main() -> None:
    """Take orders from the socket whose number is the first argument, until it is closed."""
    orders = socket.socket(fileno=int(sys.argv[1]))
    seen_by_workers, by_workers = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sys.path[:0] = sys.argv[2:]
    shareable = {*importlib.metadata.packages_distributions(), *sys.stdlib_module_names}
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a worker ended
    with selectors.DefaultSelector() as selector:
        selector.register(orders, selectors.EVENT_READ)
        selector.register(seen_by_workers, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if seen_by_workers in ready:
                _import_all(json.loads(seen_by_workers.recv(_LONGEST_MESSAGE)))
            if orders in ready and not _take(orders, by_workers, shareable):
                return


def _import_all(names: list[str]) -> None:
    for name in names:
        with contextlib.suppress(Exception):  # some modules are there under a second name only
            importlib.import_module(name)
    # A collection in a worker would copy every page of what is shared.
    gc.collect()
    gc.freeze()


def _take(orders: socket.socket, by_workers: socket.socket, shareable: set[str]) -> bool:
    message, ancillary, _, _ = orders.recvmsg(
        _LONGEST_MESSAGE, socket.CMSG_SPACE(_DESCRIPTORS * array.array("i").itemsize)
    )
    if not message:
        return False
    descriptors = array.array("i")
    for _, _, data in ancillary:
        descriptors.frombytes(data)
    pid = os.fork()
    if pid == 0:
        orders.close()
        _become(json.loads(message), list(descriptors), by_workers, shareable)
    for descriptor in descriptors:
        os.close(descriptor)
    orders.send(str(pid).encode())
    return True


def _become(
    order: dict[str, Any], descriptors: list[int], by_workers: socket.socket, shareable: set[str]
) -> None:
    """Be the worker that a new interpreter with this script would be; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for standard, descriptor in enumerate(descriptors):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    script = order["script"]
    sys.argv, sys.path = [script], [str(Path(script).parent), *_without(sys.argv[2:])]
    _report_imports(by_workers, shareable)
    code = compile(Path(script).read_text(), script, "exec")
    status = 1
    try:
        exec(code, {"__name__": "__main__", "__file__": script})  # noqa: S102  # as an interpreter does
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)


def _without(folders: list[str]) -> list[str]:
    """The path without these folders: a worker puts them in their places itself."""
    return [folder for folder in sys.path if folder not in folders]


def _report_imports(by_workers: socket.socket, shareable: set[str]) -> None:
    """Once the worker has imported its handler, tell which installed modules came with it."""
    import_module, before = importlib.import_module, set(sys.modules)

    def import_and_report(name: str, package: str | None = None) -> Any:
        module = import_module(name, package)
        if (package or name).partition(".")[0] in shareable:
            return module  # one that packages load while they are imported: not the handler yet
        importlib.import_module = import_module
        new = [
            name
            for name in sys.modules
            if name not in before and name.partition(".")[0] in shareable
        ]
        with contextlib.suppress(OSError), by_workers:
            by_workers.send(json.dumps(new).encode())
        return module

    importlib.import_module = import_and_report


if __name__ == "__main__":
    main()
