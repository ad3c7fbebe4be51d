import Display
import Language

/// Index equations beside the built-ins that do the same, and lines of the language beside Python's.
///
/// Every line is read, lowered and run as if it was typed.
func benchmarkEquations() {
  let interpreter = Interpreter(settings: Settings())
  var shown = 0
  func run(_ text: String) {
    guard case .done = interpreter.evaluate(text) else { return print("cannot run: \(text)") }
  }
  run("x = randn(512, 512); w = randn(5, 5); x4 = reshape(x, 1, 1, 512, 512); w4 = reshape(w, 1, 1, 5, 5);")
  run("A = randn(16, 128, 128); B = randn(16, 128, 128);")
  run("Q = randn(512, 64); K = randn(512, 64); V = randn(512, 64);")
  run("P = randn(200, 200); R = randn(200, 200); S = randn(200, 200); T = randn(200, 200);")
  run("batch = randn(8, 16, 32, 32); kernels = randn(32, 16, 3, 3);")
  func pair(_ name: String, _ equation: String, _ builtin: String) {
    measure(name) { run(equation) }
    measure(name, peer: "built-in") { run(builtin) }
  }
  pair(
    "convolution 512x512 with 5x5", "z[i,j] = ∑[k,l] x[i+k, j+l] * w[k,l];", "z = conv2d(x4, w4);")
  pair(
    "convolution of 8 images, 16 to 32 channels",
    "y[n,o,i,j] = ∑[c,k,l] batch[n, c, i+k, j+l] * kernels[o,c,k,l];", "y = conv2d(batch, kernels);")
  pair("16 products 128x128", "C[b,i,j] = ∑[k] A[b,i,k] * B[b,k,j];", "C = A @ B;")
  pair(
    "attention over 512 positions",
    "s[i,j] = ∑[d] Q[i,d] * K[j,d] / √64; a[i,j] = exp(s[i,j]) / ∑[k] exp(s[i,k]); c[i,d] = ∑[j] a[i,j] * V[j,d];",
    "c = softmax(Q @ Kᵀ / √64) @ V;")
  pair("chain of three products at 200", "Z[i,m] = ∑[j,k,l] P[i,j] * R[j,k] * S[k,l] * T[l,m];", "Z = P @ R @ S @ T;")
  pair("sum of squared differences 512x512", "D = ∑[i,j] (x[i,j] - x[j,i])²;", "D = sum((x - xᵀ)²);")
  run("a = 3; b = 4; v = [1, 2, 3]; M = [1, 2, 3; 4, 5, 6; 7, 8, 9];")
  measure("line: c = a * 2 + b / 3 - 1") { run("c = a * 2 + b / 3 - 1;") }
  measure("line: u = v * 2 + 1") { run("u = v * 2 + 1;") }
  measure("line: u = tanh(M @ v + v)") { run("u = tanh(M @ v + v);") }
  interpreter.output = { shown += PlainWriter(.plain).write($0).utf8.count }
  measure("line and its echo: v * 2 + 1") { run("v * 2 + 1") }
  measure("line and its echo: a * 2 + b / 3 - 1") { run("a * 2 + b / 3 - 1") }
  measure("loop of 10^6 scalar steps") { run("s = 0; q = 1; repeat 1000000 { s = s + q * 2; q = q * 0.999 };") }
}
