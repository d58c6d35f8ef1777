# A dialog on a pseudo-terminal: each step is what is typed and a pattern that has to come after the last. Prints all that came.
import json, os, pty, re, select, signal, sys, time
steps = json.loads(sys.argv[1])
pid, fd = pty.fork()
if pid == 0:
    os.environ.update({"PS1": "ready> ", "TERM": "dumb"})
    os.execv(sys.argv[2], sys.argv[2:])
said, start, code = "", 0, 0
for typed, pattern in steps:
    os.write(fd, typed.encode())
    end = time.time() + 40
    while not (found := re.search(pattern, said[start:])) and time.time() < end:
        if not select.select([fd], [], [], 1)[0]: continue
        try: new = os.read(fd, 4096)
        except OSError: break
        # Where the cursor is, as some shells ask.
        for _ in range(new.count(b"\x1b[6n")): os.write(fd, b"\x1b[1;1R")
        said += new.decode(errors="replace").replace("\r", "")
    if not found:
        said += f"\nMISSING {pattern!r}"
        code = 1
        break
    start += found.end()
os.kill(pid, signal.SIGKILL)
os.close(fd)
print(said)
sys.exit(code)
