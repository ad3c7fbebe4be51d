#!/usr/bin/env python3
"""From starting a program to its first prompt, on a terminal, beside Octave and `import numpy`.

    swift build -c release --product nabla && python3 Sources/Benchmarks/startup.py

Prints the least and the median of the runs in milliseconds; a peer that is not installed is left out and said so.
"""
import os, pty, select, shutil, statistics, subprocess, sys, time

RUNS = 15
NABLA = ".build/release/nabla"


def to_prompt(command, mark):
    """Milliseconds until `mark` appears on the terminal of the program."""
    start = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.environ["NABLA_HISTORY"] = "/dev/null"
        os.environ["TERM"] = "xterm"
        os.execvp(command[0], command)
    seen = b""
    while mark not in seen:
        if not select.select([terminal], [], [], 20)[0]:
            sys.exit(f"{command[0]} showed no prompt: {seen!r}")
        seen += os.read(terminal, 65536)
    elapsed = (time.perf_counter() - start) * 1e3
    os.kill(child, 9)
    os.waitpid(child, 0)
    os.close(terminal)
    return elapsed


def to_end(command):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1e3


def resident():
    """Megabytes resident at the first prompt."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ["NABLA_HISTORY"] = "/dev/null"
        os.environ["TERM"] = "xterm"
        os.execvp(NABLA, [NABLA])
    seen = b""
    while b">>> " not in seen:
        seen += os.read(terminal, 65536)
    with open(f"/proc/{child}/status") as status:
        kilobytes = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    os.kill(child, 9)
    os.waitpid(child, 0)
    os.close(terminal)
    return kilobytes / 1024


rows = [("nabla, to the first prompt", lambda: to_prompt([NABLA], b">>> "))]
if shutil.which("octave"):
    rows.append(("octave, to the first prompt", lambda: to_prompt(["octave", "--no-gui", "-q", "-f"], b">")))
else:
    print("octave is not installed: left out")
rows.append((f"{os.path.basename(sys.executable)} -c 'import numpy'", lambda: to_end([sys.executable, "-c", "import numpy"])))
for name, run in rows:
    run()
    times = [run() for _ in range(RUNS)]
    print(f"{name:30} least {min(times):7.1f} ms   median {statistics.median(times):7.1f} ms")
if os.path.exists("/proc/self/status"):
    print(f"nabla, resident at the prompt  {resident():.1f} MB")
