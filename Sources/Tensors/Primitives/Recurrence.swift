import KernelInterface

/// A recurrent layer over whole sequences: every state from the one before and from the input's share, which was computed for all
/// steps at once.
///
/// Operands: `x: [n, t, gates·d]`, the inputs times their weights plus the bias; `U: [d, gates·d]`; the state to begin with,
/// `[n, d]`; of an LSTM `C` to begin with, `[n, d]`; of a GRU the inner bias `c: [d]`; with a mask last `[n, t]`, where 0 keeps the
/// state. What a step computes, `RecurrentCell` says.
///
/// The result holds what the way back needs: plane 0 is the states; of an LSTM plane 1 is `C` and the other four are the gates, one
/// `[n, t, 4·d]` block; of a GRU the gates, `[n, t, 3·d]`, and then `q`.
///
/// **Shapes**: `[cell.planes, n, t, d]`.
public struct Recurrence: Primitive {
  public let cell: RecurrentCell
  /// From the last step to the first.
  public let isReversed: Bool
  public let isMasked: Bool

  public init(_ cell: RecurrentCell, isReversed: Bool = false, isMasked: Bool = false) {
    self.cell = cell
    self.isReversed = isReversed
    self.isMasked = isMasked
  }

  public static let card = PrimitiveCard(
    name: "recurrence", theme: "internal", summary: "Every state of a recurrent layer from the one before it.",
    formula: "h_t = f(x_t + h_{t-1} U)", shapes: "x: [n, t, gates·d], U: [d, gates·d], h: [n, d]",
    example: ("shape(RNN(2, 3)(zeros(1, 4, 2)))", "(1, 4, 3)"))
  public static let samples = [
    PrimitiveSample(Recurrence(.tanh), [[2, 3, 2], [2, 2], [2, 2]]),
    PrimitiveSample(Recurrence(.relu), [[1, 2, 3], [3, 3], [1, 3]]),
    PrimitiveSample(Recurrence(.lstm), [[2, 3, 8], [2, 8], [2, 2], [2, 2]]),
    PrimitiveSample(Recurrence(.lstm, isReversed: true), [[1, 2, 12], [3, 12], [1, 3], [1, 3]]),
    PrimitiveSample(Recurrence(.gru), [[2, 3, 6], [2, 6], [2, 2], [2]]),
    PrimitiveSample(Recurrence(.gru, isReversed: true), [[1, 2, 9], [3, 9], [1, 3], [3]]),
    PrimitiveSample(
      Recurrence(.tanh, isMasked: true), [[2, 2, 2], [2, 2], [2, 2], [2, 2]], in: [-2...2, -2...2, -2...2, 0...0]),
  ]

  /// Which operand is the mask.
  private var maskPlace: Int? { isMasked ? operandCount - 1 : nil }
  private var operandCount: Int { (cell == .lstm || cell == .gru ? 4 : 3) + (isMasked ? 1 : 0) }

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    let (x, u) = (inputs[0].shape, inputs[1].shape)
    guard x.rank == 3 else { throw .rank(x, expected: "[n, t, \(cell.gates)·d]") }
    guard u.rank == 2 else { throw .rank(u, expected: "[d, \(cell.gates)·d]") }
    let (rows, steps, width) = (x[0], x[1], u[0])
    guard u[1] == cell.gates * width else { throw .extent(u, axis: 1, expected: cell.gates * width) }
    guard x[2] == u[1] else { throw .extent(x, axis: 2, expected: u[1]) }
    var expected: [Shape] = [[rows, width]]
    if cell == .lstm { expected.append([rows, width]) }
    if cell == .gru { expected.append([width]) }
    if isMasked { expected.append([rows, steps]) }
    for (operand, shape) in zip(inputs.dropFirst(2), expected) where operand.shape != shape {
      throw .unequal(operand.shape, shape)
    }
    return try Shape(checking: [cell.planes, rows, steps, width])
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let (operands, type) = joined(inputs)
    return type == .float64 ? run(operands, shape, as: Double.self) : run(operands, shape, as: Float.self)
  }

  /// What flows back; `g` may be plane 0 alone, from `RecurrentStates`.
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    if g.isTracked || call.inputs.contains(where: \.isTracked) { return composedPullback(g, call) }
    let (operands, type) = joined(call.inputs + [call.output, g])
    let (shape, wantsStart) = (call.output.shape, call.wants(2))
    let flows =
      type == .float64
      ? back(operands, shape, wantsStart: wantsStart, as: Double.self)
      : back(operands, shape, wantsStart: wantsStart, as: Float.self)
    return Cotangents(zip(flows, call.inputs).map { $0?.cast(to: $1.elementType) })
  }

  /// The operands row by row in one precision.
  private func joined(_ inputs: some Collection<Tensor>) -> ([Tensor], ElementType) {
    let type = inputs.map(\.elementType).reduce(.float32) { ElementType.joining($0, $1) }
    return (inputs.map { $0.detached.cast(to: type).contiguous() }, type)
  }
}

// MARK: Kernels

extension Recurrence {
  /// The rows of a batch that go through all steps together; the parts of a batch are shared between threads.
  private static let partRows = 16

  /// Where things are during a run, for one part of the batch.
  private struct Places<T: Scalar> {
    let recurrence: Recurrence
    let rows, steps, width: Int
    let operands: [UnsafePointer<T>]
    let out: UnsafeMutablePointer<T>

    var across: Int { recurrence.cell.gates * width }
    var plane: Int { rows * steps * width }
    /// Plane of the gates, and of `C` or `q`; the state itself where there are none.
    var gatePlane: Int {
      switch recurrence.cell {
      case .tanh, .relu: 0
      case .lstm: 2
      case .gru: 1
      }
    }
    var memoryPlane: Int {
      switch recurrence.cell {
      case .tanh, .relu: 0
      case .lstm: 1
      case .gru: 4
      }
    }

    /// Which step of the sequence comes at `number`.
    func time(_ number: Int) -> Int { recurrence.isReversed ? steps - 1 - number : number }

    /// Step `number` of the rows from `first` on.
    func step(_ number: Int, _ first: Int, _ count: Int) -> RecurrentStep<T> {
      let cell = recurrence.cell
      let place = first * steps + time(number)
      let before = number == 0 ? 0 : first * steps + time(number - 1)
      let last = UnsafePointer(out) + before * width
      let lastMemory = cell == .lstm ? last + memoryPlane * plane : last
      let isFirst = number == 0
      return RecurrentStep(
        cell: cell, rows: count, width: width, input: operands[0] + place * across,
        gates: out + gatePlane * plane + place * across, gateStride: steps * across, state: out + place * width,
        memory: out + memoryPlane * plane + place * width, stateStride: steps * width,
        lastState: isFirst ? operands[2] + first * width : last,
        lastMemory: isFirst ? operands[cell == .lstm ? 3 : 2] + first * width : lastMemory,
        lastStride: isFirst ? width : steps * width, offset: cell == .gru ? operands[3] : nil,
        mask: recurrence.maskPlace.map { operands[$0] + place }, maskStride: steps)
    }

    /// Calls `body` with the first row of each part of the batch and how many it has.
    func eachPart(_ body: (Int, Int) -> Void) {
      Parallel.forEach((rows + partRows - 1) / partRows) { part in
        body(part * partRows, min(partRows, rows - part * partRows))
      }
    }
  }

  private func run<T: Scalar>(_ operands: [Tensor], _ shape: Shape, as type: T.Type) -> Tensor {
    withExtendedLifetime(operands) {
      let pointers = operands.map { UnsafePointer($0.storage.pointer(as: T.self)) }
      return Tensor(shape, as: T.self) { out in
        guard shape.count > 0 else { return }
        let places = Places(
          recurrence: self, rows: shape[1], steps: shape[2], width: shape[3], operands: pointers, out: out)
        let (width, across) = (places.width, places.across)
        places.eachPart { first, count in
          for number in 0..<places.steps {
            let step = places.step(number, first, count)
            if number == 0, isZero(step.lastState, count * width) {
              for row in 0..<count { T.kernels.fill(0, step.gates + row * step.gateStride, across) }
            } else {
              T.kernels.matrixProduct(
                MatrixProductCall(
                  rows: count, columns: across, inner: width, a: step.lastState, aRowStride: step.lastStride,
                  aColumnStride: 1, b: pointers[1], bRowStride: across, bColumnStride: 1, c: step.gates,
                  cRowStride: step.gateStride))
            }
            T.kernels.recurrentStep(step)
          }
        }
      }
    }
  }

  /// Whether all numbers are 0, as those are that most sequences begin with: their product needs no computing.
  private func isZero<T: Scalar>(_ numbers: UnsafePointer<T>, _ count: Int) -> Bool {
    for index in 0..<count where numbers[index] != 0 { return false }
    return true
  }

  /// What flows back to each operand; the last two are the result and what flows to it.
  private func back<T: Scalar>(
    _ operands: [Tensor], _ shape: Shape, wantsStart: Bool, as type: T.Type
  ) -> [Tensor?] {
    let (rows, steps, width) = (shape[1], shape[2], shape[3])
    let across = cell.gates * width
    let isWhole = operands[operands.count - 1].shape == shape
    // The product with the transposed weights comes once a step: row by row it is read as it stands.
    let turned = operands[1].transposed.contiguous()
    var inputFlow = Tensor([rows, steps, across], as: T.self) { _ in }
    var productFlow = cell == .gru ? Tensor([rows, steps, across], as: T.self) { _ in } : nil
    var stateCarry = Tensor.zeros([rows, width], T.elementType)
    var memoryCarry = Tensor.zeros([rows, width], T.elementType)
    // The states before each step, for the one product that gives the weights' gradient.
    var lasts = Tensor([rows, steps, width], as: T.self) { _ in }
    if shape.count > 0 {
      withExtendedLifetime((operands, turned)) {
        func pointer(_ tensor: Tensor) -> UnsafeMutablePointer<T> { tensor.storage.pointer(as: T.self) }
        let pointers = operands.map { UnsafePointer(pointer($0)) }
        let places = Places(
          recurrence: self, rows: rows, steps: steps, width: width, operands: pointers,
          out: pointer(operands[operands.count - 2]))
        let g = pointers[operands.count - 1]
        let turned = UnsafePointer(pointer(turned))
        inputFlow.mutate(as: T.self) { inputFlow in
          stateCarry.mutate(as: T.self) { stateCarry in
            memoryCarry.mutate(as: T.self) { memoryCarry in
              lasts.mutate(as: T.self) { lasts in
                func run(_ productFlow: UnsafeMutablePointer<T>) {
                  places.eachPart { first, count in
                    for number in (0..<steps).reversed() {
                      let step = places.step(number, first, count)
                      let place = first * steps + places.time(number)
                      for row in 0..<count {
                        (lasts + (place + row * steps) * width).update(
                          from: step.lastState + row * step.lastStride, count: width)
                      }
                      let product = productFlow + place * across
                      T.kernels.recurrentStepBack(
                        RecurrentStepBack(
                          step: step, stateFlow: g + place * width,
                          memoryFlow: isWhole ? g + places.memoryPlane * places.plane + place * width : nil,
                          gateFlow: isWhole ? g + places.gatePlane * places.plane + place * across : nil,
                          stateCarry: stateCarry + first * width, memoryCarry: memoryCarry + first * width,
                          inputFlow: inputFlow + place * across, productFlow: product))
                      guard number > 0 || wantsStart else { continue }
                      T.kernels.matrixProduct(
                        MatrixProductCall(
                          rows: count, columns: width, inner: across, a: UnsafePointer(product),
                          aRowStride: steps * across, aColumnStride: 1, b: turned, bRowStride: width, bColumnStride: 1,
                          c: stateCarry + first * width, cRowStride: width, accumulate: true))
                    }
                  }
                }
                if productFlow == nil { run(inputFlow) } else { productFlow!.mutate(as: T.self) { run($0) } }
              }
            }
          }
        }
      }
    }
    let product = (productFlow ?? inputFlow).reshaped(to: [rows * steps, across])
    let weightFlow = lasts.reshaped(to: [rows * steps, width]).transposed.matmul(product)
    var flows: [Tensor?] = [inputFlow, weightFlow, stateCarry]
    if cell == .lstm { flows.append(memoryCarry) }
    if cell == .gru { flows.append(product.slice(axis: 1, (2 * width)..<across).sum(axis: 0)) }
    if isMasked { flows.append(nil) }
    return flows
  }
}

// MARK: Step by step

extension Recurrence {
  /// The same in tensor operations, for derivatives of derivatives.
  private func composed(_ inputs: [Tensor]) -> Tensor {
    let (x, u) = (inputs[0], inputs[1])
    let (rows, steps, width) = (x.shape[0], x.shape[1], u.shape[0])
    var (h, c) = (inputs[2], inputs[cell == .lstm ? 3 : 2])
    var states = [Tensor](repeating: h, count: steps)
    var (gates, memories) = (states, states)
    for number in 0..<steps {
      let t = isReversed ? steps - 1 - number : number
      let input = x.slice(axis: 1, t..<(t + 1)).reshaped(to: [rows, x.shape[2]])
      let product = h.matmul(u)
      func block(_ k: Int, of tensor: Tensor) -> Tensor { tensor.slice(axis: 1, (k * width)..<((k + 1) * width)) }
      func kept(_ new: Tensor, _ old: Tensor) -> Tensor {
        guard let place = maskPlace else { return new }
        let mask = inputs[place].detached.slice(axis: 1, t..<(t + 1))
        return Choose()(Broadcast(to: new.shape)(mask), new, old)
      }
      func cleared(_ new: Tensor) -> Tensor { kept(new, Tensor(0, new.elementType)) }
      switch cell {
      case .tanh: h = kept((input + product).tanh(), h)
      case .relu: h = kept((input + product).relu(), h)
      case .lstm:
        let sum = input + product
        let (i, f) = (block(0, of: sum).sigmoid(), block(1, of: sum).sigmoid())
        let (g, o) = (block(2, of: sum).tanh(), block(3, of: sum).sigmoid())
        let memory = f * c + i * g
        h = kept(o * memory.tanh(), h)
        c = kept(memory, c)
        memories[t] = c
        gates[t] = cleared(Concatenate(axis: 1)(i, f, g, o))
      case .gru:
        let r = (block(0, of: input) + block(0, of: product)).sigmoid()
        let z = (block(1, of: input) + block(1, of: product)).sigmoid()
        let q = block(2, of: product) + inputs[3]
        let n = (block(2, of: input) + r * q).tanh()
        h = kept((1 - z) * n + z * h, h)
        memories[t] = cleared(q)
        gates[t] = cleared(Concatenate(axis: 1)(r, z, n))
      }
      states[t] = h
    }
    func flat(_ parts: [Tensor]) -> Tensor {
      let whole = Concatenate(axis: 1)(list: parts.map { $0.reshaped(to: $0.shape.inserting(1, at: 1)) })
      return whole.reshaped(to: [whole.count])
    }
    let planes: [Tensor] =
      switch cell {
      case .tanh, .relu: [flat(states)]
      case .lstm: [flat(states), flat(memories), flat(gates)]
      case .gru: [flat(states), flat(gates), flat(memories)]
      }
    return Concatenate(axis: 0)(list: planes).reshaped(to: [cell.planes, rows, steps, width])
  }

  /// The pullback as the gradient of the step-by-step form, which can be differentiated again.
  private func composedPullback(_ g: Tensor, _ call: Application) -> Cotangents {
    guard call.output.count > 0 else { return Cotangents(call.inputs.map { .zeros($0.shape, $0.elementType) }) }
    let variables = call.inputs.map { $0.variable() }
    var g = g
    if g.shape != call.output.shape {
      var rest = call.output.shape
      rest[0] -= 1
      g = Concatenate(axis: 0)(g, .zeros(rest, g.elementType))
    }
    return Cotangents(
      gradients(of: composed(variables), withRespectTo: variables, seed: g, keepingGraph: true))
  }
}

/// The states of a `Recurrence` that nothing else of it is asked of, as a view: its plane 0.
///
/// What flows back is a cotangent of that plane alone, so that no planes of zeros need to be made and added; `Recurrence` knows.
///
/// **Shapes**: `x: [planes, n, t, d] → [n, t, d]`.
public struct RecurrentStates: Primitive {
  public init() {}

  public static let card = PrimitiveCard(
    name: "recurrent_states", theme: "internal", summary: "The states of a recurrent layer without what led to them.",
    formula: "h_t", shapes: "x: [planes, n, t, d]", example: ("shape(RNN(2, 3)(zeros(1, 4, 2)))", "(1, 4, 3)"))

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    guard inputs[0].rank == 4, inputs[0].shape[0] > 0 else {
      throw .rank(inputs[0].shape, expected: "[planes, n, t, d]")
    }
    return inputs[0].shape.removing(axis: 0)
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor { inputs[0].detached[0] }

  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [g.reshaped(to: g.shape.inserting(1, at: 0))] }
}
