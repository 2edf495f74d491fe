"""Stands for a master with workers of its own, as gunicorn and celery are: python3 master.py NAME WORKERS

The master starts a worker in place of one that ended. At SIGTERM it asks each worker to finish its job, and waits for
all. A worker that gets SIGTERM from elsewhere loses its job.
"""
import os
import signal
import sys


def say(text):
    os.write(1, f"{name} {text}\n".encode())  # whole, also where two write at once


name, count = sys.argv[1], int(sys.argv[2])
workers = {}
is_stopping = False


def work(number, orders):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    say(f"worker {number}, pid {os.getpid()}")
    is_told = os.read(orders, 1) != b""  # a job that lasts until the master says so, or is gone
    say(f"worker {number} has {'finished' if is_told else 'lost'} its job")
    os._exit(0)


def start(number):
    orders, order = os.pipe()
    pid = os.fork()
    if pid == 0:
        for _, other in workers.values():
            os.close(other)
        os.close(order)
        work(number, orders)
    os.close(orders)
    workers[pid] = (number, order)


def stop(*_):
    global is_stopping
    is_stopping = True
    for _, order in workers.values():
        os.write(order, b".")


for number in range(1, count + 1):
    start(number)
signal.signal(signal.SIGTERM, stop)
os.write(2, f"{name} listening\n".encode())
while workers:
    pid, _ = os.wait()
    number, order = workers.pop(pid)
    os.close(order)
    if not is_stopping:
        start(number)
