# A service that takes a connection, says one byte and hangs up, and a client that counts how many it gets in a second.
# Usage: connections.py serve ADDRESS PORT  |  connections.py count ADDRESS PORT SECONDS
import socket
import sys
import threading
import time


def serve(place):
    listener = socket.create_server(place, backlog=1024)
    while True:
        connection, _ = listener.accept()
        connection.sendall(b".")
        connection.close()


def count(place, seconds):
    finished = []
    end = time.monotonic() + seconds

    def work():
        done = 0
        while time.monotonic() < end:
            with socket.create_connection(place, timeout=5) as connection:
                if connection.recv(1) == b".":
                    done += 1
        finished.append(done)

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(round(sum(finished) / seconds))


task, address, port = sys.argv[1:4]
if task == "serve":
    serve((address, int(port)))
else:
    count((address, int(port)), float(sys.argv[4]))
