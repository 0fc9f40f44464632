"""Python's side of the comparison: python_peer.py pool|executor WORKERS

Reads one command per line, does the work, and answers with the nanoseconds it took: "ok NANOS" or "error TEXT".
Ends with its standard input.
"""

import concurrent.futures
import multiprocessing
import signal
import sys
import time


def square(x):
    return x * x


def echo(value):
    return value


def spin(micros):
    """Keeps a core busy until the wall clock has moved on, as the JVM's task does."""
    end = time.perf_counter_ns() + micros * 1000
    while time.perf_counter_ns() < end:
        pass
    return micros


class PoolPeer:
    """multiprocessing.Pool, with the start method that is the platform's default."""

    def __init__(self, workers):
        self.workers = workers
        self.pool = multiprocessing.Pool(workers)

    def submit(self, tasks):
        results = [self.pool.apply_async(square, (i,)) for i in range(tasks)]
        for result in results:
            last = result.get()
        assert last == square(tasks - 1)

    def unordered(self, tasks, chunksize=1):
        assert sum(1 for _ in self.pool.imap_unordered(square, range(tasks), chunksize)) == tasks

    def unordered_64(self, tasks):
        self.unordered(tasks, 64)

    def map(self, tasks):
        assert len(self.pool.map(square, range(tasks))) == tasks

    def trip(self, tasks):
        for i in range(tasks):
            self.pool.apply(square, (i,))

    def echo(self, times, size):
        payload = bytes(size)
        for _ in range(times):
            last = self.pool.apply(echo, (payload,))
        assert len(last) == size

    def spin(self, *micros):
        assert sum(1 for _ in self.pool.imap_unordered(spin, micros)) == len(micros)

    def start(self, _):
        """New interpreters, as with spawn: a forked child is not a fresh process."""
        fresh = multiprocessing.get_context("spawn").Pool(self.workers)
        assert fresh.apply(square, (3,)) == 9
        return fresh.terminate


class ExecutorPeer:
    """concurrent.futures.ProcessPoolExecutor, with the start method that is the platform's default."""

    def __init__(self, workers):
        self.workers = workers
        self.executor = concurrent.futures.ProcessPoolExecutor(workers)

    def submit(self, tasks):
        futures = [self.executor.submit(square, i) for i in range(tasks)]
        for future in futures:
            last = future.result()
        assert last == square(tasks - 1)

    def map(self, tasks):
        assert len(list(self.executor.map(square, range(tasks)))) == tasks

    def trip(self, tasks):
        for i in range(tasks):
            self.executor.submit(square, i).result()

    def echo(self, times, size):
        payload = bytes(size)
        for _ in range(times):
            last = self.executor.submit(echo, payload).result()
        assert len(last) == size

    def spin(self, *micros):
        assert len(list(self.executor.map(spin, micros))) == len(micros)

    def start(self, _):
        context = multiprocessing.get_context("spawn")
        fresh = concurrent.futures.ProcessPoolExecutor(self.workers, mp_context=context)
        assert fresh.submit(square, 3).result() == 9
        return fresh.shutdown


def timed(work, arguments):
    start = time.perf_counter_ns()
    afterwards = work(*arguments)
    nanos = time.perf_counter_ns() - start
    if afterwards:
        afterwards()
    return nanos


def serve(peer):
    for line in sys.stdin:
        name, *arguments = line.split()
        try:
            if name == "pids":
                answer = " ".join(str(child.pid) for child in multiprocessing.active_children())
            else:
                answer = timed(getattr(peer, name), [int(argument) for argument in arguments])
            print("ok", answer, flush=True)
        except Exception as e:
            print("error", repr(e), flush=True)


def main():
    # Who presses Ctrl-C means the comparison, which ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    kind, workers = sys.argv[1], int(sys.argv[2])
    if kind == "pool":
        peer = PoolPeer(workers)
        serve(peer)
        peer.pool.terminate()
    else:
        peer = ExecutorPeer(workers)
        serve(peer)
        peer.executor.shutdown(cancel_futures=True)


if __name__ == "__main__":
    main()
