# pings.py NAME [COUNT]: a ping every 10 ms until SIGINT or SIGTERM, or so many; then a line with the number of each that was
# answered, and "sent N". ping itself spins from one packet to the next where they are so near each other, which takes a
# processor for each link.
import os
import select
import signal
import socket
import struct
import sys
import time

INTERVAL = 0.01
SO_RCVBUFFORCE = 33  # of Linux, and not of this module
# Of ICMP in either family: its protocol, and the types of a request and of its answer.
KINDS = {
    socket.AF_INET: (socket.IPPROTO_ICMP, 8, 0),
    socket.AF_INET6: (socket.IPPROTO_ICMPV6, 128, 129),
}

family, _, _, _, place = socket.getaddrinfo(sys.argv[1], None, type=socket.SOCK_DGRAM)[0]
protocol, request, answer = KINDS[family]
link = socket.socket(family, socket.SOCK_RAW, protocol)
link.setblocking(False)
# Each such socket gets what is for all of them, which is much where this program has to wait for a processor.
link.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
own = os.getpid() & 0xFFFF
count = float(sys.argv[2]) if len(sys.argv) > 2 else float("inf")
answered = []
running = True


def stop(*_):
    global running
    running = False


def checksum(packet):
    total = sum(struct.unpack("!%dH" % (len(packet) // 2), packet))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def send(number):
    # The number is there whole behind its 16 bits, and 48 bytes more make the packet about as long as ping's.
    text = struct.pack("!HHI", own, number & 0xFFFF, number) + bytes(48)
    # The kernel adds the checksum in IPv6.
    total = checksum(struct.pack("!BBH", request, 0, 0) + text) if family == socket.AF_INET else 0
    try:
        link.sendto(struct.pack("!BBH", request, 0, total) + text, place)
    except OSError as error:
        print("%d could not leave: %s" % (number, error))


def receive():
    while True:
        try:
            packet, source = link.recvfrom(256)
        except OSError:
            return
        if family == socket.AF_INET:
            packet = packet[(packet[0] & 15) * 4 :]
        if source[0] != place[0] or len(packet) < 12:
            continue
        kind, _, _, whose, _, number = struct.unpack("!BBHHHI", packet[:12])
        if kind == answer and whose == own:
            answered.append(number)


signal.signal(signal.SIGINT, stop)
signal.signal(signal.SIGTERM, stop)
sent = 0
due = time.monotonic()
while running and sent < count:
    now = time.monotonic()
    if now >= due:
        sent += 1
        send(sent)
        due = now + INTERVAL
    if select.select([link], [], [], max(0, due - time.monotonic()))[0]:
        receive()
receive()
print("".join("%d\n" % number for number in answered) + "sent %d" % sent)
