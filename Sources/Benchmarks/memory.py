"""memory.py: the memory that training takes, beside PyTorch's.

    swift build -c release --product Benchmarks && python3 Sources/Benchmarks/memory.py

The peak while D4's network is trained with batches of 64 for a hundred steps on one thread, here and in PyTorch (whose own share, what
`import torch` takes, is said too), and what is resident after 1,000 and after 10,000 steps.
"""

import resource
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
OURS = HERE.parent.parent / ".build/release/Benchmarks"


def peak():
    """The most megabytes this process ever had resident."""
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 1e6


def train_in_torch():
    try:
        import torch
    except ImportError:
        print("torch is not installed: skipped", file=sys.stderr)
        return
    torch.set_num_threads(1)
    print(f"import torch\t{peak():.1f}")
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten(),
        nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10), nn.LogSoftmax(dim=1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    images, labels = torch.rand(1024, 1, 28, 28), torch.arange(1024) % 10
    for step in range(100):
        batch = torch.arange(step * 64, step * 64 + 64) % 1024
        optimizer.zero_grad(set_to_none=True)
        nn.functional.nll_loss(model(images[batch]), labels[batch]).backward()
        optimizer.step()
    print(f"training D4's network, batch 64, at most\t{peak():.1f}")


def lines(command):
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return dict(line.split("\t") for line in output.splitlines() if "\t" in line)


if __name__ == "__main__":
    if sys.argv[1:] == ["torch"]:
        train_in_torch()
        sys.exit()
    if not OURS.exists():
        sys.exit(f"{OURS} is not there: swift build -c release --product Benchmarks")
    ours, peer = lines([OURS, "memory", "1"]), lines([sys.executable, __file__, "torch"])
    for name, megabytes in ours.items():
        print(f"{float(megabytes):8.1f} MB  {name}")
    for name, megabytes in peer.items():
        share = f"   ours / PyTorch {float(ours[name]) / float(megabytes):.2f}" if name in ours else ""
        print(f"{float(megabytes):8.1f} MB  PyTorch: {name}{share}")
