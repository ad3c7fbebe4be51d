"""peers.py SUITE [THREADS] [WORD]: the same work as `Benchmarks SUITE THREADS WORD` by NumPy or PyTorch.

Prints the same names, a tab, the least microseconds, a tab, the peer. A peer that is not installed is named and skipped.
"""

import os
import sys
import time

SUITE = sys.argv[1] if len(sys.argv) > 1 else ""
THREADS = sys.argv[2] if len(sys.argv) > 2 else "1"
WORD = sys.argv[3] if len(sys.argv) > 3 else ""
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = THREADS

try:
    import numpy
except ImportError:
    numpy = None
    print("numpy is not installed: skipped", file=sys.stderr)


def load_torch():
    try:
        import torch
    except ImportError:
        print("torch is not installed: skipped", file=sys.stderr)
        return None
    torch.set_num_threads(int(THREADS))
    return torch


def measure(name, peer, work):
    if WORD not in name:
        return
    work()
    begin = time.perf_counter()
    work()
    together = max(1, min(1000, int(2e-5 / (time.perf_counter() - begin))))
    least, runs, start = float("inf"), 0, time.perf_counter()
    while runs < 5 or time.perf_counter() - start < 0.3:
        begin = time.perf_counter()
        for _ in range(together):
            work()
        least = min(least, (time.perf_counter() - begin) / together)
        runs += 1
    print(f"{name}\t{least * 1e6:.2f}\t{peer}", flush=True)


def matrix():
    if numpy is None:
        return
    squares = [(n, n, n) for n in (64, 127, 256, 500, 512, 1024)]
    others = [
        (64, 128, 784), (64, 10, 128), (784, 128, 64), (64, 128, 9216), (9216, 128, 64), (1000, 17, 3000), (17, 1000, 3000),
        (1000, 3000, 17), (3, 4, 5), (1000, 1, 1000), (1, 1000, 1000), (1000, 1000, 1),
    ]
    for m, n, k in squares + others:
        for ta, tb in ((False, False), (True, False), (False, True)):
            for name, kind in (("f32", numpy.float32), ("f64", numpy.float64)):
                a = numpy.random.rand(*((k, m) if ta else (m, k))).astype(kind)
                b = numpy.random.rand(*((n, k) if tb else (k, n))).astype(kind)
                a, b, c = a.T if ta else a, b.T if tb else b, numpy.zeros((m, n), kind)
                primes = (" a'" if ta else "") + (" b'" if tb else "")
                measure(f"{name} {m}x{n}x{k}{primes}", "numpy", lambda: numpy.matmul(a, b, out=c))


def convolution():
    torch = load_torch()
    if torch is None:
        return
    torch.set_grad_enabled(False)
    back = torch.ops.aten.convolution_backward

    def layer(name, batch, inputs, extent, outputs, padding):
        x, kernel, bias = torch.randn(batch, inputs, extent, extent), torch.randn(outputs, inputs, 3, 3), torch.randn(outputs)
        out = torch.nn.functional.conv2d(x, kernel, bias, padding=padding)
        rest = ([outputs], [1, 1], [padding, padding], [1, 1], False, [0, 0], 1)
        measure(f"{name} forward", "torch", lambda: torch.nn.functional.conv2d(x, kernel, bias, padding=padding))
        if inputs > 3:
            measure(f"{name} by input", "torch", lambda: back(out, x, kernel, *rest, [True, False, False]))
        measure(f"{name} by kernel", "torch", lambda: back(out, x, kernel, *rest, [False, True, False]))

    def pooling(name, batch, channels, extent):
        x = torch.randn(batch, channels, extent, extent)
        functional, aten = torch.nn.functional, torch.ops.aten
        out, winners = functional.max_pool2d(x, 2, return_indices=True)
        rest = ([2, 2], [2, 2], [0, 0])
        measure(f"{name} maximum", "torch", lambda: functional.max_pool2d(x, 2, return_indices=True))
        measure(f"{name} maximum back", "torch",
                lambda: aten.max_pool2d_with_indices_backward(out, x, *rest, [1, 1], False, winners))
        measure(f"{name} average", "torch", lambda: functional.avg_pool2d(x, 2))
        measure(f"{name} average back", "torch", lambda: aten.avg_pool2d_backward(out, x, *rest, False, True, None))

    layer("D1 32 of 1x28x28 to 32", 32, 1, 28, 32, 0)
    layer("D3 128 of 3x32x32 to 32", 128, 3, 32, 32, 1)
    layer("D3 128 of 32x16x16 to 64", 128, 32, 16, 64, 1)
    layer("D4 64 of 1x28x28 to 32", 64, 1, 28, 32, 0)
    layer("D4 64 of 32x26x26 to 64", 64, 32, 26, 64, 0)
    pooling("D1 pool 32 of 32x26x26", 32, 32, 26)
    pooling("D4 pool 64 of 64x24x24", 64, 64, 24)


def training():
    torch = load_torch()
    if torch is None:
        return
    nn, functional = torch.nn, torch.nn.functional

    def step(name, model, loss, optimizer, x, y):
        def work():
            optimizer.zero_grad(set_to_none=True)
            loss(model(x), y).backward()
            optimizer.step()

        measure(name, "torch", work)

    def adam(model):
        return torch.optim.Adam(model.parameters(), lr=0.001)

    def images(batch, *shape):
        return torch.rand(batch, *shape), torch.arange(batch) % 10

    x = torch.arange(100).reshape(100, 1) / 100
    model = nn.Linear(1, 1)
    step("linear regression, 100", model, functional.mse_loss, torch.optim.SGD(model.parameters(), lr=0.01), x, 3 * x + 0.5)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    step("784-128-10, batch 64, Adam", model, functional.cross_entropy, adam(model), *images(64, 1, 28, 28))
    model = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(5408, 10))
    step("CNN of D1, batch 32, Adam", model, functional.cross_entropy, adam(model), *images(32, 1, 28, 28))
    model = nn.Sequential(
        nn.Conv2d(3, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(2304, 10))
    step("CNN of D3, batch 128, Adam", model, functional.cross_entropy, adam(model), *images(128, 3, 32, 32))
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten(),
        nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10), nn.LogSoftmax(dim=1))
    step("CNN of D4, batch 64, Adam", model, functional.nll_loss, adam(model), *images(64, 1, 28, 28))


def small():
    torch = load_torch()
    if torch is None:
        return
    a, b = torch.tensor([1.0, 2.0, 3.0]).double(), torch.tensor([4.0, 5.0, 6.0]).double()
    measure("add 3", "torch", lambda: a + b)
    x = a.clone().requires_grad_(True)
    measure("sum(a*a) forward and backward, 3", "torch", lambda: torch.autograd.grad((x * x).sum(), x))
    u, w = torch.ones(1, 3).double(), torch.ones(3, 3).double().requires_grad_(True)
    measure("tanh(u @ w) forward and backward, 3x3", "torch", lambda: torch.autograd.grad((u @ w).tanh().sum(), w))


def sequences():
    torch = load_torch()
    if torch is None:
        return
    nn, functional = torch.nn, torch.nn.functional

    def step(name, model, forward, x, y, loss):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.001)

        def work():
            optimizer.zero_grad(set_to_none=True)
            loss(forward(x), y).backward()
            optimizer.step()

        measure(name, "torch", work)

    def every_step(logits, labels):
        return functional.cross_entropy(logits.flatten(0, 1), labels.flatten())

    rows, labels = torch.randn(32, 28, 28), torch.arange(32) % 10
    for name, layer in (("RNN of D1, batch 32, Adam", nn.RNN(28, 100, nonlinearity="relu", batch_first=True)),
                        ("GRU 28 to 100, batch 32, Adam", nn.GRU(28, 100, batch_first=True))):
        model = nn.ModuleList([layer, nn.Linear(100, 10)])
        step(name, model, lambda x: model[1](model[0](x)[0][:, -1]), rows, labels, functional.cross_entropy)
    d1 = nn.ModuleList([nn.LSTM(1, 100, batch_first=True), nn.Linear(100, 1)])

    def attention(x):
        h = d1[0](x)[0]
        return d1[1]((torch.softmax(h @ h.transpose(1, 2), -1) @ h).mean(1))

    step("LSTM and attention of D1, batch 10, Adam", d1, attention, torch.randn(10, 10, 1), torch.randn(10, 1),
         functional.mse_loss)
    words, targets = torch.randint(0, 1000, (32, 32)), torch.randint(0, 1000, (32, 32))
    lm = nn.ModuleList([nn.Embedding(1000, 64), nn.LSTM(64, 128, 2, batch_first=True), nn.Linear(128, 1000)])
    step("language model of D4, batch 32, Adam", lm, lambda x: lm[2](lm[1](lm[0](x))[0]), words, targets, every_step)
    layer = nn.TransformerEncoderLayer(64, 4, 256, dropout=0.0, batch_first=True)
    transformer = nn.ModuleList([nn.Embedding(1000, 64), nn.TransformerEncoder(layer, 2), nn.Linear(64, 1000)])
    mask = nn.Transformer.generate_square_subsequent_mask(32)
    place = torch.randn(32, 64)
    step("Transformer model, batch 32, Adam", transformer,
         lambda x: transformer[2](transformer[1](transformer[0](x) + place, mask=mask, is_causal=True)), words, targets,
         every_step)


def elementwise():
    torch = load_torch()
    if torch is None:
        return
    torch.set_grad_enabled(False)
    n, side = 1_000_000, 1000
    i = torch.arange(n)
    x = ((i * 7919 + i // 101) % 1009).float() / 168.2 - 3
    y, out = x.abs() + 0.1, torch.empty(n)
    square, result = x.view(side, side), out.view(side, side)

    def run(name, work):
        measure(name, "torch", work)

    names = {"negate": "neg", "relu": None, "softplus": None}
    for name in "negate square reciprocal exp expm1 sin cos tan tanh erf sigmoid relu softplus floor".split():
        if name in ("relu", "softplus"):
            work = getattr(torch.nn.functional, name)
            run(name, lambda: work(x))
        else:
            work = getattr(torch, names.get(name, name))
            run(name, lambda: work(x, out=out))
    for name in "sqrt log log1p".split():
        work = getattr(torch, name)
        run(name, lambda: work(y, out=out))
    for name, kind in (("add", "add"), ("multiply", "mul"), ("divide", "div"), ("maximum", "maximum")):
        work = getattr(torch, kind)
        run(name, lambda: work(x, y, out=out))
    run("power", lambda: torch.pow(y, x, out=out))
    run("row added to 1000x1000", lambda: torch.add(square, y[:side], out=result))
    run("row added to 100000x10", lambda: torch.add(x.view(-1, 10), y[:10], out=out.view(-1, 10)))
    run("sum", lambda: x.sum())
    run("maximum of all", lambda: x.max())
    run("sum of rows 1000x1000", lambda: square.sum(1))
    run("sum of columns 1000x1000", lambda: square.sum(0))
    run("sum of columns 100000x10", lambda: x.view(-1, 10).sum(0))
    run("softmax 1000x1000", lambda: torch.softmax(square, 1))
    run("logarithm of softmax 1000x1000", lambda: torch.log_softmax(square, 1))
    run("transpose 1000x1000", lambda: result.copy_(square.t()))
    run("permute 10x100x100x10", lambda: x.view(10, 100, 100, 10).permute(0, 2, 1, 3).contiguous())
    parameter = torch.nn.Parameter(x.clone())
    parameter.grad = y.clone()
    run("adam", torch.optim.Adam([parameter], fused=True).step)
    run("descent with momentum", torch.optim.SGD([parameter], lr=1e-3, momentum=0.9, fused=True).step)
    run("uniform", lambda: out.uniform_())
    run("normal", lambda: out.normal_())
    run("bernoulli", lambda: out.bernoulli_(0.5))


def equations():
    """Index equations by numpy.einsum (windows as strided views), lines of Python as if they were typed."""
    if numpy is not None:
        def einsum(name, text, *operands):
            path = numpy.einsum_path(text, *operands, optimize="optimal")[0]
            measure(name, "numpy.einsum", lambda: numpy.einsum(text, *operands, optimize=path))

        random = numpy.random.rand
        windows = numpy.lib.stride_tricks.sliding_window_view
        einsum("convolution 512x512 with 5x5", "ijkl,kl->ij", windows(random(512, 512), (5, 5)), random(5, 5))
        einsum("convolution of 8 images, 16 to 32 channels", "ncijkl,ockl->noij",
               windows(random(8, 16, 32, 32), (3, 3), axis=(2, 3)), random(32, 16, 3, 3))
        einsum("16 products 128x128", "bik,bkj->bij", random(16, 128, 128), random(16, 128, 128))
        q, k, v = random(512, 64), random(512, 64), random(512, 64)

        def attention():
            s = numpy.einsum("id,jd->ij", q, k, optimize=True) / 8
            e = numpy.exp(s)
            a = e / numpy.einsum("ik->i", e)[:, None]
            return numpy.einsum("ij,jd->id", a, v, optimize=True)

        measure("attention over 512 positions", "numpy.einsum", attention)
        einsum("chain of three products at 200", "ij,jk,kl,lm->im", *(random(200, 200) for _ in range(4)))
    names = {"a": 3.0, "b": 4.0}
    if numpy is not None:
        names.update(np=numpy, v=numpy.array([1.0, 2, 3]), M=numpy.arange(1.0, 10).reshape(3, 3))

    def line(name, text):
        measure(name, "python", lambda: exec(text, names))

    line("line: c = a * 2 + b / 3 - 1", "c = a * 2 + b / 3 - 1")
    echo = {"__builtins__": __builtins__, **names}
    sys.displayhook, shown = lambda value: written.append(repr(value)), sys.displayhook
    written = []
    for text in ("a * 2 + b / 3 - 1",) + (("v * 2 + 1",) if numpy is not None else ()):
        measure(f"line and its echo: {text}", "python", lambda: exec(compile(text, "", "single"), echo))
    sys.displayhook = shown
    line("loop of 10^6 scalar steps", "s = 0.0; q = 1.0\nfor i in range(1000000):\n    s = s + q * 2\n    q = q * 0.999")
    if numpy is not None:
        line("line: u = v * 2 + 1", "u = v * 2 + 1")
        line("line: u = tanh(M @ v + v)", "u = np.tanh(M @ v + v)")


SUITES = {"equations": equations, "matrix": matrix, "convolution": convolution, "elementwise": elementwise, "small": small,
          "training": training, "sequences": sequences}

if __name__ == "__main__":
    if SUITE not in SUITES:
        sys.exit(f"usage: peers.py SUITE [THREADS] [WORD], where SUITE is one of: {', '.join(SUITES)}")
    SUITES[SUITE]()
