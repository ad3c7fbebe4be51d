import KernelInterface

/// One step of a recurrent layer, row by row of the batch.
func recurrentStep<T: VectorScalar>(_ s: RecurrentStep<T>) {
  for row in 0..<s.rows {
    if let mask = s.mask, mask[row * s.maskStride] == 0 {
      keepRow(s, row)
      continue
    }
    switch s.cell {
    case .tanh: plainRow(s, row, UnaryRules.Tanh.self, T.Vector.self)
    case .relu: plainRow(s, row, UnaryRules.Relu.self, T.Vector.self)
    case .lstm: memoryRow(s, row, T.Vector.self)
    case .gru: gatedRow(s, row, T.Vector.self)
    }
  }
}

/// What flows back through one step, row by row of the batch.
func recurrentStepBack<T: VectorScalar>(_ b: RecurrentStepBack<T>) {
  for row in 0..<b.step.rows {
    if let mask = b.step.mask, mask[row * b.step.maskStride] == 0 {
      keepRowBack(b, row)
      continue
    }
    switch b.step.cell {
    case .tanh: plainRowBack(b, row, BinaryRules.TanhGradient.self, T.Vector.self)
    case .relu: plainRowBack(b, row, BinaryRules.ReluGradient.self, T.Vector.self)
    case .lstm: memoryRowBack(b, row, T.Vector.self)
    case .gru: gatedRowBack(b, row, T.Vector.self)
    }
  }
}

@inline(__always)
private func take<V: Lanes>(_ source: UnsafePointer<V.Scalar>, _ count: Int, _: V.Type) -> V {
  count == V.count ? V(load: source) : V(load: source, first: count)
}

/// Lanes of what may not be there: then 0.
@inline(__always)
private func take<V: Lanes>(_ source: UnsafePointer<V.Scalar>?, _ offset: Int, _ count: Int, _: V.Type) -> V {
  if let source { take(source + offset, count, V.self) } else { V(0) }
}

@inline(__always)
private func put<V: Lanes>(_ lanes: V, _ target: UnsafeMutablePointer<V.Scalar>, _ count: Int) {
  if count == V.count { lanes.store(target) } else { lanes.store(target, first: count) }
}

// MARK: Forward

/// A masked row: nothing happens.
private func keepRow<T: VectorScalar>(_ s: RecurrentStep<T>, _ row: Int) {
  let (target, source) = (row * s.stateStride, row * s.lastStride)
  if s.cell.gates > 1 { (s.gates + row * s.gateStride).update(repeating: 0, count: s.cell.gates * s.width) }
  (s.state + target).update(from: s.lastState + source, count: s.width)
  switch s.cell {
  case .lstm: (s.memory + target).update(from: s.lastMemory + source, count: s.width)
  case .gru: (s.memory + target).update(repeating: 0, count: s.width)
  case .tanh, .relu: break
  }
}

private func plainRow<V: Lanes, Rule: UnaryRule>(
  _ s: RecurrentStep<V.Scalar>, _ row: Int, _: Rule.Type, _: V.Type
) {
  let x = s.input + row * s.gateStride
  let h = s.state + row * s.stateStride
  for j in stride(from: 0, to: s.width, by: V.count) {
    let n = min(V.count, s.width - j)
    put(Rule.of(take(x + j, n, V.self) + take(h + j, n, V.self)), h + j, n)
  }
}

private func memoryRow<V: Lanes>(_ s: RecurrentStep<V.Scalar>, _ row: Int, _: V.Type) {
  let width = s.width
  let x = s.input + row * s.gateStride
  let gates = s.gates + row * s.gateStride
  let (h, c) = (s.state + row * s.stateStride, s.memory + row * s.stateStride)
  let last = s.lastMemory + row * s.lastStride
  for j in stride(from: 0, to: width, by: V.count) {
    let n = min(V.count, width - j)
    @inline(__always) func sum(_ k: Int) -> V {
      take(x + k * width + j, n, V.self) + take(gates + k * width + j, n, V.self)
    }
    let (i, f, g, o) = (sum(0).sigmoid, sum(1).sigmoid, sum(2).tanh, sum(3).sigmoid)
    let memory = f.times(take(last + j, n, V.self), plus: i * g)
    put(i, gates + j, n)
    put(f, gates + width + j, n)
    put(g, gates + 2 * width + j, n)
    put(o, gates + 3 * width + j, n)
    put(memory, c + j, n)
    put(o * memory.tanh, h + j, n)
  }
}

private func gatedRow<V: Lanes>(_ s: RecurrentStep<V.Scalar>, _ row: Int, _: V.Type) {
  let width = s.width
  let x = s.input + row * s.gateStride
  let gates = s.gates + row * s.gateStride
  let (h, q) = (s.state + row * s.stateStride, s.memory + row * s.stateStride)
  let last = s.lastState + row * s.lastStride
  for j in stride(from: 0, to: width, by: V.count) {
    let n = min(V.count, width - j)
    let r = (take(x + j, n, V.self) + take(gates + j, n, V.self)).sigmoid
    let z = (take(x + width + j, n, V.self) + take(gates + width + j, n, V.self)).sigmoid
    var inner = take(gates + 2 * width + j, n, V.self)
    if let offset = s.offset { inner = inner + take(offset + j, n, V.self) }
    let new = r.times(inner, plus: take(x + 2 * width + j, n, V.self)).tanh
    put(r, gates + j, n)
    put(z, gates + width + j, n)
    put(new, gates + 2 * width + j, n)
    put(inner, q + j, n)
    put((V(1) - z).times(new, plus: z * take(last + j, n, V.self)), h + j, n)
  }
}

// MARK: Back

/// A masked row: what flows to the state flows on to the last one.
private func keepRowBack<T: VectorScalar>(_ b: RecurrentStepBack<T>, _ row: Int) {
  let s = b.step
  let across = s.cell.gates * s.width
  (b.inputFlow + row * s.gateStride).update(repeating: 0, count: across)
  (b.productFlow + row * s.gateStride).update(repeating: 0, count: across)
  for j in 0..<s.width {
    b.stateCarry[row * s.width + j] += b.stateFlow[row * s.stateStride + j]
    if s.cell == .lstm, let flow = b.memoryFlow {
      b.memoryCarry[row * s.width + j] += flow[row * s.stateStride + j]
    }
  }
}

private func plainRowBack<V: Lanes, Rule: BinaryRule>(
  _ b: RecurrentStepBack<V.Scalar>, _ row: Int, _: Rule.Type, _: V.Type
) {
  let s = b.step
  let h = s.state + row * s.stateStride
  let flow = b.stateFlow + row * s.stateStride
  let carry = b.stateCarry + row * s.width
  let out = b.inputFlow + row * s.gateStride
  for j in stride(from: 0, to: s.width, by: V.count) {
    let n = min(V.count, s.width - j)
    put(Rule.of(take(flow + j, n, V.self) + take(carry + j, n, V.self), take(h + j, n, V.self)), out + j, n)
    put(V(0), carry + j, n)
  }
}

private func memoryRowBack<V: Lanes>(_ b: RecurrentStepBack<V.Scalar>, _ row: Int, _: V.Type) {
  let s = b.step
  let width = s.width
  let gates = s.gates + row * s.gateStride
  let gateFlow = b.gateFlow.map { $0 + row * s.gateStride }
  let c = s.memory + row * s.stateStride
  let last = s.lastMemory + row * s.lastStride
  let (flow, memoryFlow) = (b.stateFlow + row * s.stateStride, b.memoryFlow.map { $0 + row * s.stateStride })
  let (carry, memoryCarry) = (b.stateCarry + row * width, b.memoryCarry + row * width)
  let out = b.inputFlow + row * s.gateStride
  for j in stride(from: 0, to: width, by: V.count) {
    let n = min(V.count, width - j)
    @inline(__always) func gate(_ k: Int) -> V { take(gates + k * width + j, n, V.self) }
    @inline(__always) func flowing(_ k: Int) -> V { take(gateFlow, k * width + j, n, V.self) }
    let (i, f, g, o) = (gate(0), gate(1), gate(2), gate(3))
    let top = take(c + j, n, V.self).tanh
    let dh = take(flow + j, n, V.self) + take(carry + j, n, V.self)
    let dc =
      (dh * o).times(V(1) - top * top, plus: take(memoryFlow, j, n, V.self) + take(memoryCarry + j, n, V.self))
    let di = dc.times(g, plus: flowing(0)) * i * (V(1) - i)
    let df = dc.times(take(last + j, n, V.self), plus: flowing(1)) * f * (V(1) - f)
    let dg = dc.times(i, plus: flowing(2)) * (V(1) - g * g)
    let d = dh.times(top, plus: flowing(3)) * o * (V(1) - o)
    put(di, out + j, n)
    put(df, out + width + j, n)
    put(dg, out + 2 * width + j, n)
    put(d, out + 3 * width + j, n)
    put(dc * f, memoryCarry + j, n)
    put(V(0), carry + j, n)
  }
}

private func gatedRowBack<V: Lanes>(_ b: RecurrentStepBack<V.Scalar>, _ row: Int, _: V.Type) {
  let s = b.step
  let width = s.width
  let gates = s.gates + row * s.gateStride
  let gateFlow = b.gateFlow.map { $0 + row * s.gateStride }
  let q = s.memory + row * s.stateStride
  let last = s.lastState + row * s.lastStride
  let (flow, innerFlow) = (b.stateFlow + row * s.stateStride, b.memoryFlow.map { $0 + row * s.stateStride })
  let carry = b.stateCarry + row * width
  let (out, product) = (b.inputFlow + row * s.gateStride, b.productFlow + row * s.gateStride)
  for j in stride(from: 0, to: width, by: V.count) {
    let n = min(V.count, width - j)
    let (r, z) = (take(gates + j, n, V.self), take(gates + width + j, n, V.self))
    let new = take(gates + 2 * width + j, n, V.self)
    let dh = take(flow + j, n, V.self) + take(carry + j, n, V.self)
    let dNew =
      dh.times(V(1) - z, plus: take(gateFlow, 2 * width + j, n, V.self)) * (V(1) - new * new)
    let dz =
      dh.times(take(last + j, n, V.self) - new, plus: take(gateFlow, width + j, n, V.self)) * z * (V(1) - z)
    let dr = dNew.times(take(q + j, n, V.self), plus: take(gateFlow, j, n, V.self)) * r * (V(1) - r)
    put(dr, out + j, n)
    put(dz, out + width + j, n)
    put(dNew, out + 2 * width + j, n)
    put(dr, product + j, n)
    put(dz, product + width + j, n)
    put(dNew.times(r, plus: take(innerFlow, j, n, V.self)), product + 2 * width + j, n)
    put(dh * z, carry + j, n)
  }
}
