import Testing

@testable import Shell

/// Small programs of every kind that the language has, asked forward and backward: there is always a formula.
@Suite(":why of many programs")
struct ProgramWhyTests {
  static let start = """
    w = [0.1, 0.4, -0.2];  v = [1, -2, 0.5];  X = [1, 2, 4; 3, 5, 9];  W = [0.5, -1; 0.2, 0.3; 1, 0.4];  t = [1, 0];
    """
  static let programs: [(lines: String, questions: [String])] = [
    ("h(x) = if x > 0 then x^2 else -x\na = h(w);  L = sum(a * v);", ["a[0]", "a[2]", "∂L/∂w[0]", "∂L/∂w[2]", "L"]),
    ("f(x) = { a = x^2; b = a + sin(x); b * a }\nL = sum(f(w));", ["L", "∂L/∂w[1]"]),
    ("g(x) = { s = 0; for i in 0..<3 { s = s + x[i]^2 * i }; s }\nL = g(w);", ["L", "∂L/∂w[1]", "∂L/∂w[2]"]),
    ("g(x) = { if x[0] > 0 { x[1]^2 } else { x[2] } }\nL = g(w) * 3;", ["L", "∂L/∂w[1]"]),
    ("c = 1\nwhile c < 50 { c = c * 2 + w[1] }\nL = c * w[0];", ["c", "∂L/∂w[1]", "∂L/∂w[0]"]),
    ("c = w[0]\nrepeat 4 { c = c^2 + w[1] }\nL = c^2;", ["c", "∂L/∂w[1]", "∂L/∂w[0]"]),
    ("s[i] = max[j] w[j] * v[i] where i in 0..<3\nL = sum(s);", ["s[0]", "∂L/∂w[1]", "∂L/∂v[0]"]),
    ("s[i] = ∑[j] X[i,j] * w[j] where i in 0..<2\nL = sum(s^2);", ["s[1]", "∂L/∂w[1]", "∂L/∂X[0,1]"]),
    ("s[i] = if i > 0 then w[i] - w[i-1] else 0 where i in 0..<3\nL = sum(s^2);", ["s[0]", "s[2]", "∂L/∂w[1]"]),
    ("d[i,j] = (w[i] - v[j])^2\nL = mean(d);", ["d[1,2]", "∂L/∂w[1]", "∂L/∂v[2]"]),
    ("p[i] = exp(w[i]) / ∑[k] exp(w[k])\nL = -log(p[1]);", ["p[1]", "∂L/∂w[0]", "∂L/∂w[1]", "∂L/∂p[1]"]),
    ("m[i] = prod[j] X[i,j] where i in 0..<2\nL = sum(m);", ["m[1]", "∂L/∂X[0,1]"]),
    ("θ = (W: W, b: t)\nz = X @ θ.W + θ.b\nL = sum(z^2);", ["z[0,1]", "∂L/∂θ.W[0,1]", "∂L/∂θ.b[1]"]),
    ("J(x) = sum(softmax(x) * [1, 2, 3])\nq = ∇J(w);", ["q[1]", "J(w)"]),
    ("J(x) = sum(x^3)\nq = ∇J(w)\nr = ∇(x -> sum(∇J(x)^2))(w);", ["q[1]"]),
    ("g(x) = { s = 0; for i in 0..<3 { s = s + x[i]^2 * i }; s }\nq = ∇g(w);", ["q[1]", "q[2]"]),
    ("J(a, b) = sum((X @ a - b)^2)\nq = ∇[a, b] J(w, t);", ["q.a[1]", "q.b[0]"]),
    ("f(x) = x^3 + tanh(2*x)\ny = f'(0.5) * 2;", ["f'(2)", "f''(0.3)", "y"]),
    ("g(x) = σ(x) * x\nf(x) = g(g(x))\nL = sum(f(w));", ["L", "∂L/∂w[1]", "f'(0.4)"]),
    ("L = sum(std(X, axis: 1));", ["L", "∂L/∂X[0,1]", "std(X, axis: 1)[0]"]),
    ("L = sum(var(X, axis: 0) * [1, 2, 3]);", ["L", "∂L/∂X[0,1]"]),
    ("L = sum(norm(X, axis: 1));", ["L", "∂L/∂X[0,1]"]),
    ("L = mean(max(X, axis: 1));", ["L", "∂L/∂X[0,2]", "∂L/∂X[0,1]"]),
    ("y = X @ W\nL = cross_entropy(y, t);", ["L", "∂L/∂y[0,1]", "∂L/∂W[0,1]", "∂L/∂X[0,1]"]),
    ("y = log_softmax(X @ W)\nL = nll(y, t);", ["L", "y[0,1]", "∂L/∂y[0,1]", "∂L/∂W[0,1]"]),
    ("y = σ(X @ w)\nL = bce(y, t);", ["L", "∂L/∂y[0]", "∂L/∂w[1]"]),
    ("y = X @ w\nL = huber(y, t);", ["L", "∂L/∂y[0]", "∂L/∂w[1]"]),
    ("y = X @ w\nL = mae(y, t);", ["L", "∂L/∂y[0]", "∂L/∂w[1]"]),
    ("y = X @ w\nL = hinge(y, [1, -1]);", ["L", "∂L/∂y[0]", "∂L/∂w[1]"]),
    ("y = layer_norm(X)\nL = sum(y^2 * [1, 2, 3]);", ["y[0,1]", "∂L/∂X[0,1]", "∂L/∂y[0,1]"]),
    ("y = batch_norm(X)\nL = sum(y * [1, 2, 3; 3, 2, 2]);", ["y[0,1]", "∂L/∂X[0,1]"]),
    ("A = softmax(X @ X.T)\nc = A @ X\nL = sum(c^2);", ["A[0,1]", "c[0,1]", "∂L/∂X[0,1]", "∂L/∂A[0,1]"]),
    ("c = attention(X, X, X)\nL = sum(c^2);", ["c[0,1]", "∂L/∂c[0,1]", "∂L/∂X[0,1]"]),
    ("r = w^2 / (1 + w)\nL = sum(r);", ["r[1]", "∂r[1]/∂w[1]", "∂L/∂w[1]"]),
    ("y = reshape(X, 3, 2)\nL = sum((y @ [1, 2])^2);", ["y[2,1]", "∂L/∂X[1,2]"]),
    ("y = concat(w, v)\nL = sum(y^3);", ["y[4]", "∂L/∂w[1]", "∂L/∂v[0]"]),
    ("y = sort(w)\nL = sum(y * [1, 2, 3]);", ["y[0]", "∂L/∂w[1]"]),
    ("y = w ++ v\nL = sum(y^2);", ["y[4]", "∂L/∂w[1]", "∂L/∂v[0]"]),
    ("y = cumsum(w)\nL = sum(y^2);", ["y[2]", "∂L/∂w[0]"]),
    ("y = X[:, 1]\nL = sum(y^2);", ["y[0]", "∂L/∂X[0,1]"]),
    ("y = X[0, 0..<2]\nL = sum(y * y);", ["y[1]", "∂L/∂X[0,1]"]),
    ("y = det(X @ X.T)\nL = log(y);", ["y", "∂L/∂y"]),
    ("y = exp(-w) + abs(v) * √(abs(w))\nL = prod(y);", ["y[1]", "∂L/∂w[1]", "∂L/∂v[0]"]),
    (
      "y = clamp(w, -0.1, 0.2)\nz = gelu(w) + silu(w) + elu(w) + softplus(w) + leaky_relu(w)\nL = sum(z + y);",
      ["y[1]", "z[2]", "∂L/∂w[0]"]
    ),
    ("u = w @ w\nL = exp(u) + w[0] * 3;", ["L", "∂L/∂w[0]", "∂L/∂u"]),
    (
      "θ[0] = [4, -2]\nJ(x) = sum(x^2 * [1, 3])\nθ[t+1] = θ[t] - 0.1 * ∇J(θ[t]) where t in 0..<3\nL = sum(θ[3]^2);",
      ["θ[1,0]", "∂L/∂θ[1,0]", "∂L/∂θ[3,1]"]
    ),
    (
      "x = [1, 2; 0, 1; 1, 1]\nA[0] = 0\nA[t+1] = 0.9 * A[t] + w[0] * x[t,1] where t in 0..<3\nL = A[3]^2;",
      ["A[2]", "∂L/∂A[1]", "∂L/∂w[0]", "∂L/∂x[1,1]"]
    ),
    ("H = hessian(x -> sum(x^3) + x[0] * x[1], w);", ["H[0,1]", "H[0,0]"]),
    ("M = jacobian(x -> x^2 * x[0], w);", ["M[0,1]", "M[1,1]"]),
  ]

  @Test("Forward and backward, and in what is offered next", arguments: programs.indices)
  func forwardAndBackward(_ index: Int) {
    let (lines, questions) = Self.programs[index]
    let session = Session(Self.start + "\n" + lines)
    for question in questions {
      var walk = WhyWalk(session, lines)
      walk.follow(question, most: 5)
    }
  }
}
