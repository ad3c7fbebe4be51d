"""compare.py [SUITE] [ROUNDS] [WORD]: our time beside the peers', as peer / ours (above 1: we are faster), with one thread and with two.

Runs `.build/release/Benchmarks` (build it first: swift build -c release --product Benchmarks) and peers.py in turn, ROUNDS times, and
keeps the least time of each, since other work on the machine only ever adds. With a word only
what has it in its name is measured: compare.py elementwise 5 add.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
OURS = HERE.parent.parent / ".build/release/Benchmarks"
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 2
WORD = sys.argv[3:4]


def least(times, command):
    for line in subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines():
        name, microseconds, *peer = line.split("\t")
        key = (name, peer[0] if peer else "")
        times[key] = min(float(microseconds), times.get(key, float("inf")))


def compare(suite):
    print(f"{suite}\n{'ours µs':>12} {'peer µs':>12} {'1 thread':>9} {'ours µs':>12} {'peer µs':>12} {'2 threads':>9}")
    table = {}
    for threads in ("1", "2"):
        ours, peers = {}, {}
        for _ in range(ROUNDS):
            least(ours, [OURS, suite, threads, *WORD])
            least(peers, [sys.executable, HERE / "peers.py", suite, threads, *WORD])
        peers.update({key: time for key, time in ours.items() if key[1]})
        for (name, peer), time in peers.items():
            if (name, "") in ours:
                table.setdefault((name, peer), []).append((ours[name, ""], time))
    for (name, peer), pairs in table.items():
        cells = [f"{mine:12.2f} {time:12.2f} {time / mine:9.2f}" for mine, time in pairs]
        print(" ".join(cells), f" {name} ({peer})", flush=True)


if __name__ == "__main__":
    if not OURS.exists():
        sys.exit(f"{OURS} is not there: swift build -c release --product Benchmarks")
    for suite in sys.argv[1:2] or ["matrix", "convolution", "elementwise", "small", "training", "sequences", "equations"]:
        compare(suite)
