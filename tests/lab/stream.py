# A paced TCP stream, until SIGTERM: a numbered line every 10 ms to an echo server, each of which must come back.
import signal
import socket
import sys
import time

running = True


def stop(*_):
    global running
    running = False


signal.signal(signal.SIGTERM, stop)
connection = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=60)
connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
reader = connection.makefile()
sent = 0
while running:
    sent += 1
    connection.sendall(b"%d\n" % sent)
    answer = reader.readline()
    if answer != "%d\n" % sent:
        sys.exit("line %d came back as %r" % (sent, answer))
    time.sleep(0.01)
print("whole after %d lines" % sent)
