"""Types commands into an interactive shell, each ended with a tab, and prints what the shell made of them.

    complete.py bash|zsh SCRIPT    the lines are on standard input; SCRIPT is what `freezegate completions` printed
"""

import os
import pty
import re
import select
import sys
import time

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "PS1='%% '; source '{script}'"),
    "zsh": (["zsh", "-f", "-i"], "PS1='%% '; bindkey -e; autoload -Uz compinit; compinit -u -D; source '{script}'"),
}


def read_until(terminal, pattern, seconds=20):
    """Returns what the shell prints up to the pattern."""
    end, text = time.monotonic() + seconds, ""
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            text += os.read(terminal, 65536).decode(errors="replace")
            found = re.search(pattern, text)
            if found:
                return found
    sys.exit(f"no {pattern!r} in {text!r}")


def main():
    command, prepare = SHELLS[sys.argv[1]]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)

    def send(text):
        os.write(terminal, text.encode())

    # what is typed is shown too, and not in one piece: `ready` is what the shell prints
    send(prepare.format(script=sys.argv[2]) + "; echo rea''dy\n")
    read_until(terminal, "ready")
    for line in sys.stdin.read().splitlines():
        # a tab, then quotes around the line, and before it `echo`
        send(f"{line}\t\x05'\x01echo rea''dy '\x05\n")
        print(read_until(terminal, r"ready ([^\r\n]*)\r?\n").group(1).rstrip(), flush=True)
    send("exit\n")


main()
