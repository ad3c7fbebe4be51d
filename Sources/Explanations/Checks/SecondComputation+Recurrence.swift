import Language
import Networks
import Tensors

/// RNN, LSTM and GRU, gate by gate, in layers and directions.
extension SecondComputation {
  /// A call that carries a state, `y, s = net(x, state: s)`: the result, and the tensors of the state that it ends with.
  mutating func carrying(_ call: Expression) throws(Refusal) -> (result: PlainNumbers, state: [PlainNumbers]) {
    guard case .call(let callee, let arguments) = call.kind,
      case .network(let network)? = callee.name.map({ $0.text }).flatMap(value),
      arguments.count == 2, arguments[0].label == nil, arguments[1].label?.text == "state"
    else { throw .unknown("several names at once") }
    let x = try compute(arguments[0].value)
    states = States(try given(arguments[1].value))
    defer { states = nil }
    let y = try run(network.network, x)
    return (y, states?.ends ?? [])
  }

  /// The tensors of a state; none where it is 0, which begins with zeros.
  private mutating func given(_ state: Expression) throws(Refusal) -> [PlainNumbers] {
    if case .number(0) = state.kind { return [] }
    if case .list(let items) = state.kind {
      var tensors: [PlainNumbers] = []
      for item in items { tensors.append(try compute(item)) }
      return tensors
    }
    let known = state.name.flatMap { value($0.text) } ?? given(state)
    guard let tensors = known?.tensors, !tensors.isEmpty else { throw .unknown("a state") }
    return tensors.map { PlainNumbers($0) }
  }

  /// What recurrent layers begin with, each taking its own from the front, and what they end with.
  struct States {
    fileprivate var begins: [PlainNumbers]
    fileprivate(set) var ends: [PlainNumbers] = []

    init(_ begins: [PlainNumbers]) { self.begins = begins }
  }

  /// The layers of a recurrent layer one after the other; what two directions give stands side by side.
  mutating func recurrence(_ layer: any RecurrentLayer, _ x: PlainNumbers) throws(Refusal) -> PlainNumbers {
    let stack = layer.stack
    guard x.shape.count == 3, x.shape[1] > 0 else { throw .unknown(layer.kind) }
    let (samples, steps, hidden) = (x.shape[0], x.shape[1], stack.hidden)
    let directions = stack.isBidirectional ? 2 : 1
    let weights = layer.parameters.map { PlainNumbers($0.value) }
    let each = weights.count / (stack.layers * directions)
    let kinds = layer.kind == "LSTM" ? 2 : 1
    let begins = states.map { Array($0.begins.prefix(kinds)) } ?? []
    states?.begins.removeFirst(begins.count)
    var ends = [[Double]](repeating: [], count: kinds)
    var y = x
    for level in 0..<stack.layers {
      var outputs: [[[Double]]] = []
      for direction in 0..<directions {
        let place = level * directions + direction
        let cell = PlainCell(
          layer: layer, weights: Array(weights[(place * each)..<((place + 1) * each)]), isReversed: direction == 1)
        try spend(samples * steps * (y.shape[2] + hidden) * cell.across)
        outputs.append([])
        for sample in 0..<samples {
          let start = (0..<kinds).map { kind -> [Double] in
            guard kind < begins.count else { return [Double](repeating: 0, count: hidden) }
            let row = (begins[kind].shape.count == 3 ? place * samples : 0) + sample
            return Array(begins[kind].values[(row * hidden)..<((row + 1) * hidden)])
          }
          let size = steps * y.shape[2]
          let run = cell.run(Array(y.values[(sample * size)..<((sample + 1) * size)]), steps, start)
          outputs[direction].append(run.outputs)
          for kind in 0..<kinds { ends[kind] += run.end[kind] }
        }
      }
      var values: [Double] = []
      let givesLast = stack.givesLast && level == stack.layers - 1
      for sample in 0..<samples {
        for step in 0..<(givesLast ? 1 : steps) {
          for direction in 0..<directions {
            // Each direction ends where it has read everything.
            let own = !givesLast ? step : direction == 0 ? steps - 1 : 0
            values += outputs[direction][sample][(own * hidden)..<((own + 1) * hidden)]
          }
        }
      }
      let width = directions * hidden
      y = PlainNumbers(givesLast ? [samples, width] : [samples, steps, width], values)
    }
    let count = stack.layers * directions
    states?.ends += ends.map { PlainNumbers((count > 1 ? [count] : []) + [samples, hidden], $0) }
    return y
  }
}

/// One direction of one recurrent layer.
private struct PlainCell {
  let kind: String
  /// Of a plain RNN its function; that of a state or a candidate in the others.
  let function: (Double) -> Double
  let sigma: (Double) -> Double
  /// `W U b` and of a GRU `c`.
  let weights: [PlainNumbers]
  let isReversed: Bool

  init(layer: any RecurrentLayer, weights: [PlainNumbers], isReversed: Bool) {
    kind = layer.kind
    let known = SecondComputation.functions
    function = known[layer.stack.cell == .relu ? "relu" : "tanh"] ?? { $0 }
    sigma = known["sigmoid"] ?? { $0 }
    (self.weights, self.isReversed) = (weights, isReversed)
  }

  var hidden: Int { weights[1].shape[0] }
  var across: Int { weights[1].shape[1] }

  /// A sequence `[t, in]` of one sample: every output in the order of the steps, and the states at the end.
  func run(_ x: [Double], _ steps: Int, _ start: [[Double]]) -> (outputs: [Double], end: [[Double]]) {
    let inputs = weights[0].shape[0]
    var (h, cell) = (start[0], start.count > 1 ? start[1] : [])
    var outputs = [Double](repeating: 0, count: steps * hidden)
    for number in 0..<steps {
      let step = isReversed ? steps - 1 - number : number
      let before = h
      func fromInput(_ gate: Int, _ unit: Int) -> Double {
        let column = gate * hidden + unit
        return (0..<inputs).reduce(weights[2].values[column]) {
          $0 + x[step * inputs + $1] * weights[0].values[$1 * across + column]
        }
      }
      func fromState(_ gate: Int, _ unit: Int) -> Double {
        (0..<hidden).reduce(0) { $0 + before[$1] * weights[1].values[$1 * across + gate * hidden + unit] }
      }
      func gate(_ number: Int, _ unit: Int) -> Double { fromInput(number, unit) + fromState(number, unit) }
      for unit in 0..<hidden {
        switch kind {
        case "LSTM":
          let (write, keep) = (sigma(gate(0, unit)), sigma(gate(1, unit)))
          cell[unit] = keep * cell[unit] + write * function(gate(2, unit))
          h[unit] = sigma(gate(3, unit)) * function(cell[unit])
        case "GRU":
          let (reset, keep) = (sigma(gate(0, unit)), sigma(gate(1, unit)))
          let new = function(fromInput(2, unit) + reset * (fromState(2, unit) + weights[3].values[unit]))
          h[unit] = keep * before[unit] + (1 - keep) * new
        default: h[unit] = function(gate(0, unit))
        }
        outputs[step * hidden + unit] = h[unit]
      }
    }
    return (outputs, cell.isEmpty ? [h] : [h, cell])
  }
}
