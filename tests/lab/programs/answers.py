"""answers.py QUESTION ANSWER [QUESTION ANSWER …] -- COMMAND…: runs a command at a terminal, and answers each question once it
has been asked. Prints all that the terminal shows; ends as the command does."""

import os
import pty
import sys

at = sys.argv.index("--")
talk = sys.argv[1:at]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[at + 1], sys.argv[at + 1 :])

unread = ""
while True:
    try:
        shown = os.read(terminal, 65536).decode(errors="replace")
    except OSError:  # nobody has the terminal any more
        break
    if not shown:
        break
    sys.stdout.write(shown)
    unread += shown
    while talk and talk[0] in unread:
        unread = unread.split(talk[0], 1)[1]
        os.write(terminal, talk[1].encode())
        talk = talk[2:]
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
