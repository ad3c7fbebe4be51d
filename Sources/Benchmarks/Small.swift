import Tensors

/// Work on a few numbers, where the time is not in the numbers: derivatives through the engine's own interface.
func benchmarkSmallTensors() {
  let a = Tensor([1, 2, 3])
  let b = Tensor([4, 5, 6])
  measure("add 3") { keep(a + b) }
  measure("sum(a*a) forward and backward, 3") {
    let x = a.variable()
    keep(gradients(of: (x * x).sum(), withRespectTo: [x])[0])
  }
  let (w, u) = (Tensor.ones([3, 3]), Tensor.ones([1, 3]))
  measure("tanh(u @ w) forward and backward, 3x3") {
    let x = w.variable()
    keep(gradients(of: u.matmul(x).tanh().sum(), withRespectTo: [x])[0])
  }
  let (data, target) = (Tensor.ones([100, 1]), Tensor.ones([100, 1]))
  let (slope, offset) = (Tensor([0.5], shape: [1, 1]), Tensor([0.1]))
  measure("linear regression step, 100x1") {
    let (m, c) = (slope.variable(), offset.variable())
    let error = data.matmul(m) + c - target
    let g = gradients(of: error.square().mean(), withRespectTo: [m, c])
    keep(slope - g[0] * 0.01)
    keep(offset - g[1] * 0.01)
  }
}

/// Takes a result so that its computation is not left out.
@inline(never)
private func keep(_ tensor: Tensor) {}
