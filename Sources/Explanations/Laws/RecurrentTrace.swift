import KernelInterface
import Networks
import Tensors

/// One layer of a recurrent stack in one direction, run step by step: its gates and states, and the derivatives by them.
///
/// The engine runs all steps in one kernel that keeps no more than it needs. Here each step is made of the operations of its formula, with
/// a variable at every sum before a gate, every cell and every state; one way back then gives the derivative by each.
struct RecurrentTrace {
  /// `[n, t, …]` by name: `a` the sums before the gates, `s` the state's share of a GRU, the gates, `C`, `h`.
  var values: [String: Tensor] = [:]
  /// The derivatives of the loss by some of them, and by the states as far as what lies behind reads them (`y`).
  var flows: [String: Tensor] = [:]
  let x: Tensor
  let isReversed: Bool
  /// What the names of its weights end in: nothing, `1`, `0_reverse`.
  let suffix: String
  /// The states it begins with, by name, where they were given: `h`, `C`.
  var starts: [String: Tensor] = [:]

  var steps: Int { x.shape[1] }
  /// The step before `t`; nil for the first.
  func before(_ t: Int) -> Int? {
    let step = isReversed ? t + 1 : t - 1
    return (0..<steps).contains(step) ? step : nil
  }
  func after(_ t: Int) -> Int? {
    let step = isReversed ? t - 1 : t + 1
    return (0..<steps).contains(step) ? step : nil
  }
}

extension RecurrentTrace {
  /// Every layer and direction of a stack, in the order of its weights.
  ///
  /// - Parameter dy: the derivative by what the layer gives; without it there are no flows.
  /// A sum, gate, cell or state of one pass that is moved.
  typealias Move = (pass: Int, name: String, offset: Tensor)

  /// What the stack gives if a number inside of it is moved.
  static func output(
    _ stack: RecurrentStack, _ parameters: [Networks.Parameter], _ x: Tensor, _ context: Context, moving move: Move?
  ) throws -> Tensor? {
    var y: Tensor?
    _ = try passes(stack, parameters, x, nil, context, moving: move) { y = $0 }
    return y
  }

  /// Nil where a mask or dropout between layers changes what its formulas say.
  static func passes(
    _ stack: RecurrentStack, _ parameters: [Networks.Parameter], _ x: Tensor, _ dy: Tensor?,
    _ context: Context = .evaluation, moving move: Move? = nil, gives: (Tensor) -> Void = { _ in }
  ) throws -> [RecurrentTrace]? {
    guard context.mask == nil, !(context.isTraining && stack.dropout.probability > 0 && stack.layers > 1) else {
      return nil
    }
    let given = context.states ?? []
    guard given.isEmpty || given.count >= stack.stateCount else { return nil }

    let each = stack.cell == .gru ? 4 : 3
    let directions = stack.isBidirectional ? 2 : 1
    var passes: [RecurrentTrace] = []
    var recorded: [[(name: String, step: Int, tensor: Tensor)]] = []
    var y = x.detached
    for layer in 0..<stack.layers {
      var outputs: [Tensor] = []
      for direction in 0..<directions {
        let own = parameters[((layer * directions + direction) * each)...].prefix(each).map { $0.value.detached }
        let name = parameters[(layer * directions + direction) * each].name
        var pass = RecurrentTrace(x: y.detached, isReversed: direction == 1, suffix: String(name.dropFirst()))
        let place = layer * directions + direction
        for (state, name) in zip(given, ["h", "C"].prefix(stack.stateCount)) {
          pass.starts[name] = state.rank == 2 ? state.detached : state.detached[place]
        }
        let (states, record) = try run(
          stack, own, y, isReversed: direction == 1, pass.starts, move?.pass == place ? move : nil)
        for part in Set(record.map(\.name)) {
          let steps = record.filter { $0.name == part }.sorted { $0.step < $1.step }.map(\.tensor.detached)
          pass.values[part] = try joined(steps)
        }
        passes.append(pass)
        recorded.append(record)
        let last = direction == 1 ? 0 : x.shape[1] - 1
        outputs.append(
          stack.givesLast && layer == stack.layers - 1 ? states[last] : try joined(states))
      }
      y = outputs.count == 1 ? outputs[0] : Concatenate(axis: outputs[0].rank - 1)(list: outputs)
    }
    gives(y)
    guard let dy else { return passes }
    let all = recorded.flatMap { $0 }
    var flows = Tensors.gradients(of: (y * dy.cast(to: y.elementType)).sum(), withRespectTo: all.map(\.tensor))[...]
    for (index, record) in recorded.enumerated() {
      let own = zip(record, flows.prefix(record.count))
      flows = flows.dropFirst(record.count)
      for part in Set(record.map(\.name)) {
        let steps = own.filter { $0.0.name == part }.sorted { $0.0.step < $1.0.step }.map(\.1.detached)
        passes[index].flows[part] = try joined(steps)
      }
    }
    return passes
  }

  /// `[n, d]` for each step as `[n, t, d]`.
  private static func joined(_ steps: [Tensor]) throws -> Tensor {
    let parts = steps.map { $0.reshaped(to: [$0.shape[0], 1, $0.shape[1]]) }
    return parts.count == 1 ? parts[0] : Concatenate(axis: 1)(list: parts)
  }

  /// The states, step by step, and everything on the way.
  private static func run(
    _ stack: RecurrentStack, _ weights: [Tensor], _ x: Tensor, isReversed: Bool, _ starts: [String: Tensor],
    _ move: Move?
  ) throws -> (states: [Tensor], record: [(name: String, step: Int, tensor: Tensor)]) {
    let (samples, steps, hidden) = (x.shape[0], x.shape[1], stack.hidden)
    let (W, U, b) = (weights[0], weights[1], weights[2])
    var h = Tensor.zeros([samples, hidden], x.elementType)
    var C = h
    h = starts["h"] ?? h
    C = starts["C"] ?? C
    var states = [Tensor](repeating: h, count: steps)
    var record: [(name: String, step: Int, tensor: Tensor)] = []
    for step in isReversed ? Array((0..<steps).reversed()) : Array(0..<steps) {
      func note(_ name: String, _ tensor: Tensor) -> Tensor {
        var tensor = tensor
        if let move, move.name == name {
          let own = move.offset.slice(axis: 1, step..<(step + 1))
          tensor = tensor + own.reshaped(to: [own.shape[0], own.shape[2]])
        }
        let variable = tensor.variable()
        record.append((name, step, variable))
        return variable
      }
      let input = x.slice(axis: 1, step..<(step + 1)).reshaped(to: [samples, x.shape[2]])
      let own = try input.product(W) + b
      let share = try h.product(U)
      func block(_ tensor: Tensor, _ index: Int) -> Tensor {
        tensor.slice(axis: 1, (index * hidden)..<((index + 1) * hidden))
      }
      switch stack.cell {
      case .tanh: h = note("a", own + share).tanh()
      case .relu: h = note("a", own + share).relu()
      case .lstm:
        let a = note("a", own + share)
        let (i, f) = (note("i", block(a, 0).sigmoid()), note("f", block(a, 1).sigmoid()))
        let (g, o) = (note("g", block(a, 2).tanh()), note("o", block(a, 3).sigmoid()))
        C = note("C", f * C + i * g)
        h = o * C.tanh()
      case .gru:
        let (a, s) = (note("a", own), note("s", share))
        let (r, z) = (
          note("r", (block(a, 0) + block(s, 0)).sigmoid()), note("z", (block(a, 1) + block(s, 1)).sigmoid())
        )
        let q = note("q", block(s, 2) + weights[3])
        let candidate = note("h̃", (block(a, 2) + r * q).tanh())
        h = candidate - z * candidate + z * h
      }
      h = note("h", h)
      // What lies behind reads the states too, on a way of its own.
      states[step] = note("y", h)
    }
    return (states, record)
  }
}
