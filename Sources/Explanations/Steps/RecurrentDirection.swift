import Display
import Language
import Networks
import Tensors

/// One direction of one layer of an RNN, LSTM or GRU on the first sample, as the lines that it stands for.
struct RecurrentDirection {
  /// `forward`, `layer 1 reverse`; empty where there is only one.
  let name: String
  let level: Int
  let isReversed: Bool
  /// What it reads, `[t, in]`, and what it gives, `[t, hidden]`, both in the order in which it reads.
  let x, h: Tensor
  let recurrence: Recurrence

  /// Row `t` of something in the order of the sequence, as this direction counts.
  func place(_ t: Int) -> Int { isReversed ? x.shape[0] - 1 - t : t }
}

extension WalkMaker {
  /// The directions of a recurrent layer, layer by layer; nil where it is of a kind that is not known.
  func directions(of layer: any RecurrentLayer, _ x: Tensor, _ around: Surroundings) -> [RecurrentDirection]? {
    let stack = layer.stack
    let weights = layer.parameters.map { $0.value.detached }
    let count = stack.isBidirectional ? 2 : 1
    let each = weights.count / (stack.layers * count)
    var input = x[0].detached
    var found: [RecurrentDirection] = []
    for level in 0..<stack.layers {
      var outputs: [RecurrentDirection] = []
      for direction in 0..<count {
        let own = Array(weights[((level * count + direction) * each)..<((level * count + direction + 1) * each)])
        let read = direction == 1 ? input.reversed : input
        guard let recurrence = recurrence(of: layer, own, read, around) else { return nil }
        let rows = recurrence.times.compactMap { recurrence.value("h", $0)?.numbers }
        guard rows.count == read.shape[0], let h = try? Tensor.stack(rows) else { return nil }
        let words =
          (stack.layers > 1 ? ["layer \(level)"] : []) + (count > 1 ? [direction == 1 ? "reverse" : "forward"] : [])
        outputs.append(
          RecurrentDirection(
            name: words.joined(separator: " "), level: level, isReversed: direction == 1, x: read, h: h.detached,
            recurrence: recurrence))
      }
      found += outputs
      // What both give stands side by side, step by step.
      let rows = (0..<input.shape[0]).flatMap { t in
        outputs.flatMap { own in own.h[own.place(t)].elements }
      }
      input = Tensor(rows, shape: Shape([input.shape[0], count * stack.hidden]), input.elementType)
    }
    return found
  }

  /// The time steps of a recurrent layer; of one with more layers or directions first these, the time steps inside.
  func steps(of layer: any RecurrentLayer, _ x: Tensor, _ around: Surroundings) -> Walk? {
    guard let directions = directions(of: layer, x, around), let only = directions.first else { return nil }
    guard directions.count > 1 else {
      let entries = only.recurrence.entries(self)
      return Self.walk(from: entries.start ?? "", entries.entries)
    }
    let entries = directions.map { direction in
      Entry(name: direction.name) { title in
        let reads = direction.isReversed ? "reads from the end" : "reads from the start"
        var step = Step(title, "\(layer.kind), \(reads)") { style in
          let from = direction.level == 0 ? "x" : "layer \(direction.level - 1)"
          return MatrixStack([
            .init("", direction.x.grid, direction.x.label(from), role: .operandA),
            .init("=", direction.h.grid, direction.h.label("h"), role: .result),
          ]).drawing(width: style.width - 2, height: StepPicture.mostLines, style).document()
        }
        step.remark = { _ in
          [
            direction.isReversed
              ? "rows are in the order in which they are read: the last step of the sequence first"
              : "each row of h follows from a row of x and the row of h above it; into shows each time step"
          ]
        }
        step.names = around.names + [("h", Value(direction.h))]
        step.inners = [
          (
            "",
            {
              let entries = direction.recurrence.entries(self)
              return Self.walk(from: entries.start ?? "", entries.entries)
            }
          )
        ]
        return step
      }
    }
    return Self.walk(from: "x", entries)
  }

  /// - Parameters:
  ///   - weights: `W U b` and of a GRU `c`.
  ///   - x: one sample, in the order in which it is read.
  private func recurrence(
    of layer: any RecurrentLayer, _ weights: [Tensor], _ x: Tensor, _ around: Surroundings
  ) -> Recurrence? {
    guard let (gates, lines) = Self.equations(of: layer), weights.count >= 3, weights[1].rank == 2 else { return nil }
    let hidden = weights[1].shape[0]
    var inside = around.adding("x", Value(x)).adding("T", .number(Double(x.shape[0])))
    inside = inside.adding("hidden", .number(Double(hidden)))
    for (place, gate) in gates.enumerated() {
      let columns = (place * hidden)..<((place + 1) * hidden)
      for (weight, letter) in zip(weights, ["W", "U", "b"]) {
        inside = inside.adding(letter + gate, Value(weight.slice(axis: weight.rank - 1, columns).contiguous()))
      }
    }
    if weights.count > 3, layer.kind == "GRU" { inside = inside.adding("c", Value(weights[3])) }
    return recurrence(lines, inside)
  }

  /// What a recurrent layer computes, and the gates in the order of its weights' columns.
  private static func equations(of layer: any RecurrentLayer) -> (gates: [String], lines: String)? {
    func gate(_ name: String, _ function: String, _ key: String) -> String {
      "  \(name)[t] = \(function)(x[t] @ W\(key) + h[t-1] @ U\(key) + b\(key))\n"
    }
    let start = "h[-1] = zeros(hidden)\n"
    switch layer.kind {
    case "LSTM":
      return (
        ["i", "f", "g", "o"],
        start + "C[-1] = zeros(hidden)\nfor t in 0..<T {\n" + gate("f", "σ", "f") + gate("i", "σ", "i")
          + gate("g", "tanh", "g")
          + "  C[t] = f[t] ⊙ C[t-1] + i[t] ⊙ g[t]\n" + gate("o", "σ", "o") + "  h[t] = o[t] ⊙ tanh(C[t])\n}"
      )
    case "GRU":
      return (
        ["r", "z", "n"],
        start + "for t in 0..<T {\n" + gate("r", "σ", "r") + gate("z", "σ", "z")
          + "  n[t] = tanh(x[t] @ Wn + bn + r[t] ⊙ (h[t-1] @ Un + c))\n"
          + "  h[t] = z[t] ⊙ h[t-1] + (1 - z[t]) ⊙ n[t]\n}"
      )
    case "RNN":
      return ([""], start + "for t in 0..<T {\n" + gate("h", layer.stack.cell == .relu ? "relu" : "tanh", "") + "}")
    default: return nil
    }
  }
}

// MARK: Back

extension BackwardWalk {
  /// A recurrent layer on the first sample as the lines that it stands for, from the last pass to the first; of one with more layers or
  /// directions first these, the last layer before the first.
  func passes(of layer: any RecurrentLayer, _ x: Tensor, _ incoming: Tensor, _ around: Surroundings) -> Walk? {
    guard let directions = maker.directions(of: layer, x, around) else { return nil }
    let count = layer.stack.isBidirectional ? 2 : 1
    let hidden = layer.stack.hidden
    // Row t of what comes back to what a level gives; where only the last state is given, to that alone.
    var back = incoming[0].detached
    var entries: [WalkMaker.Entry] = []
    for level in (0..<layer.stack.layers).reversed() {
      let steps = directions[level * count].x.shape[0]
      var toInput = [Double](repeating: 0, count: directions[level * count].x.count)
      for number in (0..<count).reversed() {
        let direction = directions[level * count + number]
        let columns = (number * hidden)..<((number + 1) * hidden)
        let adjoints = SequenceAdjoints(direction.recurrence, start(direction, back, columns))
        if directions.count == 1 {
          return WalkMaker.walk(
            from: "y", passes(direction.recurrence, loss: root.name, isSession: false) { adjoints.gradient($0, $1) })
        }
        let width = direction.x.shape[1]
        var own = [Double](repeating: 0, count: direction.x.count)
        for t in 0..<steps {
          guard let row = adjoints.gradientOfInput(direction.place(t)) else { continue }
          for column in 0..<width {
            own[direction.place(t) * width + column] = row[flat: column]
            toInput[t * width + column] += row[flat: column]
          }
        }
        entries.append(
          entry(direction, adjoints, steps, Tensor(own, shape: direction.x.shape)))
      }
      back = Tensor(toInput, shape: directions[level * count].x.shape)
    }
    return WalkMaker.walk(from: "y", entries)
  }

  /// What comes back to each `h[t]` of a direction from behind.
  private func start(_ direction: RecurrentDirection, _ back: Tensor, _ columns: Range<Int>) -> [String: Tensor] {
    var start: [String: Tensor] = [:]
    let steps = direction.x.shape[0]
    func part(_ row: Tensor) -> Tensor { Tensor(columns.map { row[flat: $0] }) }
    if back.rank == 1 {
      start["h[\(steps - 1)]"] = part(back)
    } else {
      for t in 0..<steps { start["h[\(direction.place(t))]"] = part(back[t].detached) }
    }
    return start
  }

  private func entry(
    _ direction: RecurrentDirection, _ adjoints: SequenceAdjoints, _ steps: Int, _ toInput: Tensor
  ) -> WalkMaker.Entry {
    WalkMaker.Entry(name: direction.name) { title in
      let rows = (0..<steps).map { adjoints.gradient("h", $0) ?? .zeros([direction.h.shape[1]], .float64) }
      let toState = (try? Tensor.stack(rows)) ?? direction.h
      var step = Step(
        title, direction.isReversed ? "from its last step, t = 0" : "from its last step, t = \(steps - 1)"
      ) {
        style in
        MatrixStack(
          [
            .init("incoming", toState.grid, "\(d("h")) \(toState.shape)", role: .operandA),
            .init("outgoing", toInput.grid, "\(d("x")) \(toInput.shape), this way", role: .result),
          ], leads: .left
        ).drawing(width: style.width - 2, height: StepPicture.mostLines, style).document()
      }
      step.remark = { _ in
        [
          direction.isReversed
            ? "rows are in the order in which they were read, the end of the sequence first; into shows each"
            : "each row has what comes from behind and from the time step after it; into shows each time step"
        ]
      }
      step.inners = [
        (
          "",
          {
            WalkMaker.walk(
              from: "h",
              inside.passes(direction.recurrence, loss: root.name, isSession: false) { adjoints.gradient($0, $1) })
          }
        )
      ]
      return step
    }
  }
}

extension Tensor {
  /// The rows, the last first.
  fileprivate var reversed: Tensor {
    let (numbers, columns) = (detached.elements, shape.dimensions.last ?? 1)
    let rows = (0..<shape[0]).reversed().flatMap { numbers[($0 * columns)..<(($0 + 1) * columns)] }
    return Tensor(rows, shape: shape, elementType)
  }
}
