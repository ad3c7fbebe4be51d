import KernelInterface
import Tensors

/// What RNN, LSTM and GRU share: layers of one cell over sequences, in one direction or in both.
///
/// Each layer and direction has the input's weights `W: [in, gates·hidden]`, the state's `U: [hidden, gates·hidden]` and one bias for
/// each gate, `b: [gates·hidden]`; a GRU also the inner bias `c: [hidden]`. The products of all steps with W are one product, and so
/// are, on the way back, those that give the gradients of W and U.
///
/// **Shapes** `x: [n, t, in]` → `[n, t, hidden]`, both directions side by side `[n, t, 2·hidden]`; of the last step only without `t`
public struct RecurrentStack: Sendable {
  public let cell: RecurrentCell
  public let inputs, hidden, layers: Int
  public let isBidirectional, givesLast: Bool
  public let dropout: Dropout
  /// `W U b` and of a GRU `c`, direction by direction, layer by layer.
  var weights: [Tensor]

  private static let mostLayers = 1000

  var directions: Int { isBidirectional ? 2 : 1 }
  /// Tensors for one direction of one layer.
  private var each: Int { cell == .gru ? 4 : 3 }
  private func width(ofLayer layer: Int) -> Int { layer == 0 ? inputs : directions * hidden }

  /// Weights as Keras draws them: `W` by the rule, `U` with orthogonal rows where the rule is xavier (up to 1024 units, beyond which that
  /// takes too long), biases 0 but for the 1 of an LSTM's forget gate.
  init(
    _ cell: RecurrentCell, _ inputs: Int, _ hidden: Int, layers: Int, isBidirectional: Bool, givesLast: Bool,
    dropout: Double, initializer: Initializer, elementType type: ElementType, random: inout RandomGenerator,
    given: Arguments? = nil
  ) throws {
    (self.cell, self.inputs, self.hidden, self.layers) = (cell, inputs, hidden, layers)
    (self.isBidirectional, self.givesLast, self.dropout) = (isBidirectional, givesLast, Dropout(dropout))
    weights = []
    let across = cell.gates * hidden
    guard layers <= Self.mostLayers else {
      throw ArgumentError.unsuitable("layers", expected: .number(in: 1...Double(Self.mostLayers)))
    }
    for layer in 0..<layers {
      let width = width(ofLayer: layer)
      let (inputShape, stateShape) = (try Shape(checking: [width, across]), try Shape(checking: [hidden, across]))
      for direction in 0..<directions {
        // What was given by name is the first direction of the first layer.
        let own = layer == 0 && direction == 0 ? given : nil
        func weight(_ name: String, _ shape: Shape, _ draw: () -> Tensor) throws -> Tensor {
          guard let own else {
            try MemoryLimit.check(shape, type)
            return draw()
          }
          return try own.weight(name, shape, type, otherwise: draw)
        }
        weights.append(
          try weight("W", inputShape) {
            initializer.draw(inputShape, fanIn: width, fanOut: across, type, from: &random)
          })
        weights.append(
          try weight("U", stateShape) {
            initializer == .xavier && hidden <= 1024
              ? orthogonalRows(stateShape, type, from: &random)
              : initializer.draw(stateShape, fanIn: hidden, fanOut: across, type, from: &random)
          })
        weights.append(
          try weight("b", [across]) {
            guard cell == .lstm, initializer != .zeros else { return .zeros([across], type) }
            return Tensor((0..<across).map { $0 / hidden == 1 ? 1 : 0 }, type)
          })
        if cell == .gru { weights.append(try weight("c", [hidden]) { .zeros([hidden], type) }) }
      }
    }
  }

  var parameters: [Parameter] {
    weights.enumerated().map { index, weight in
      let (place, name) = (index / each, ["W", "U", "b", "c"][index % each])
      let (layer, direction) = (place / directions, place % directions)
      return Parameter(name + (layers > 1 ? "\(layer)" : "") + (direction > 0 ? "_reverse" : ""), weight)
    }
  }

  var countFormula: String {
    weights.map { $0.shape.dimensions.map(String.init).joined(separator: "·") }.joined(separator: " + ")
  }

  /// What stands behind the sizes in a description.
  var options: String {
    var text = ""
    if layers > 1 { text += ", layers: \(layers)" }
    if isBidirectional { text += ", bidirectional: true" }
    if givesLast { text += ", last: true" }
    if dropout.probability > 0 { text += ", dropout: \(shortest(dropout.probability))" }
    return text
  }

  /// The state of a sequence: of an LSTM `h` and `C`, else `h`.
  public var stateCount: Int { cell == .lstm ? 2 : 1 }

  func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 3 else { throw ShapeError.rank(input, expected: "[n, t, \(inputs)]") }
    guard input[2] == inputs else { throw ShapeError.extent(input, axis: 2, expected: inputs) }
    return givesLast ? [input[0], directions * hidden] : [input[0], input[1], directions * hidden]
  }

  func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    _ = try outputShape(for: x.shape)
    guard x.shape[1] > 0 else { throw ShapeError.empty(x.shape) }
    let starts = try startStates(x, &context)
    let mask = try mask(x, context)
    var ends = [[Tensor]](repeating: [], count: stateCount)
    var y = x
    for layer in 0..<layers {
      if layer > 0 { y = try dropout(y, context: &context) }
      var outputs: [Tensor] = []
      for direction in 0..<directions {
        let place = layer * directions + direction
        let start = starts.map { $0[place] }
        let planes = try run(y, place, isReversed: direction == 1, start, mask)
        // Plane 0 is h, and plane 1 the C of an LSTM; where a direction ends, its last state stands.
        let h = context.states == nil ? RecurrentStates()(planes) : planes[0]
        let last = direction == 1 ? 0 : x.shape[1] - 1
        func end(_ states: Tensor) -> Tensor {
          states.slice(axis: 1, last..<(last + 1)).reshaped(to: [x.shape[0], hidden])
        }
        if context.states != nil { for kind in 0..<stateCount { ends[kind].append(end(planes[kind])) } }
        outputs.append(givesLast && layer == layers - 1 ? end(h) : h)
      }
      y = outputs.count == 1 ? outputs[0] : Concatenate(axis: outputs[0].rank - 1)(list: outputs)
    }
    if context.states != nil {
      context.finalStates += try ends.map { $0.count == 1 ? $0[0] : try Tensor.stack($0) }
    }
    return y
  }

  /// One direction of one layer over the whole sequence.
  private func run(
    _ x: Tensor, _ place: Int, isReversed: Bool, _ start: [Tensor], _ mask: Tensor?
  ) throws -> Tensor {
    let own = weights[(place * each)..<((place + 1) * each)]
    let w = own.startIndex
    let inputs = try x.product(own[w]) + own[w + 2]
    let recurrence = Recurrence(cell, isReversed: isReversed, isMasked: mask != nil)
    return try recurrence.apply(
      [inputs, own[w + 1]] + start + (cell == .gru ? [own[w + 3]] : []) + (mask.map { [$0] } ?? []))
  }

  /// For each kind of state the one of each layer and direction, `[n, hidden]`.
  private func startStates(_ x: Tensor, _ context: inout Context) throws -> [[Tensor]] {
    let count = layers * directions
    let shape: Shape = [x.shape[0], hidden]
    guard let given = context.states, !given.isEmpty else {
      return [[Tensor]](repeating: [Tensor](repeating: .zeros(shape, x.elementType), count: count), count: stateCount)
    }
    guard given.count >= stateCount else { throw StateError.count(given: given.count, expected: stateCount) }
    context.states = Array(given.dropFirst(stateCount))
    return try given.prefix(stateCount).map { state in
      if count == 1, state.shape == shape { return [state] }
      let whole = try Shape(checking: [count, shape[0], hidden])
      guard state.shape == whole else {
        throw StateError.shape(state.shape, expected: count == 1 ? shape : whole)
      }
      return (0..<count).map { state[$0] }
    }
  }

  private func mask(_ x: Tensor, _ context: Context) throws -> Tensor? {
    guard let mask = context.mask else { return nil }
    guard mask.shape == [x.shape[0], x.shape[1]] else {
      throw ShapeError.unequal(mask.shape, [x.shape[0], x.shape[1]])
    }
    return mask.detached.cast(to: x.elementType)
  }
}

/// What is wrong with a state that was given to a recurrent layer.
public enum StateError: Error, Sendable, Equatable {
  /// As many tensors as these, not as many as the layers have states.
  case count(given: Int, expected: Int)
  case shape(Shape, expected: Shape)
}

/// A matrix drawn at random whose rows stand at right angles, each of length 1, where there are not more rows than columns.
private func orthogonalRows(_ shape: Shape, _ type: ElementType, from random: inout RandomGenerator) -> Tensor {
  let (rows, columns) = (shape[0], shape[1])
  return Tensor(shape, as: Double.self) { out in
    random.fillNormal(UnsafeMutableBufferPointer(start: out, count: shape.count))
    let kernels = Double.kernels
    for row in 0..<rows {
      let own = out + row * columns
      func takeOutEarlierRows() {
        for other in 0..<row {
          let earlier = out + other * columns
          kernels.accumulate(-kernels.dot(own, earlier, columns), earlier, own, columns)
        }
      }
      let before = kernels.dot(own, own, columns)
      takeOutEarlierRows()
      // Where little is left, what rounding left of the earlier rows must go too.
      if kernels.dot(own, own, columns) < 0.5 * before { takeOutEarlierRows() }
      let length = kernels.dot(own, own, columns).squareRoot()
      for column in 0..<columns { own[column] /= length }
    }
  }.cast(to: type)
}

/// A layer that is a `RecurrentStack`.
public protocol RecurrentLayer: LayerKind {
  var stack: RecurrentStack { get set }
}

extension RecurrentLayer {
  public var parameters: [Parameter] { stack.parameters }
  public var countFormula: String { stack.countFormula }
  public var stateCount: Int { stack.stateCount }
  public func expectedInput(side: Int) -> Shape? { [1, 0, stack.inputs] }
  public func outputShape(for input: Shape) throws -> Shape { try stack.outputShape(for: input) }
  public var description: String { "\(kind)(\(stack.inputs), \(stack.hidden)\(stack.options))" }

  public func replacing(_ values: [Tensor]) -> Self {
    var copy = self
    copy.stack.weights = values
    return copy
  }

  public func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor { try stack(x, context: &context) }
}

extension RecurrentStack {
  /// A stack from the arguments of a call.
  init(
    _ cell: RecurrentCell, _ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType
  ) throws {
    try self.init(
      cell, arguments.count("in"), arguments.count("hidden"), layers: arguments.count("layers", default: 1),
      isBidirectional: arguments.flag("bidirectional"), givesLast: arguments.flag("last"),
      dropout: arguments.number("dropout", default: 0), initializer: Initializer(arguments), elementType: elementType,
      random: &random, given: arguments)
  }

  /// The arguments that all three have.
  static func arguments(gates: String, _ others: [Argument] = []) -> [Argument] {
    [
      .required("in", .count(atLeast: 1), "numbers of an input's step"),
      .required("hidden", .count(atLeast: 1), "numbers of a state"),
      .optional("layers", .count(atLeast: 1), "1", "layers, each reading the states of the one before"),
      .optional("bidirectional", .flag, "false", "whether a second direction reads from the end"),
      .optional("last", .flag, "false", "the last state only, of each direction where it ends"),
      .optional("dropout", .number(in: 0...0.999_999), "0", "the share dropped between layers in training"),
    ] + others + [
      .optional(
        "init", .word(Initializer.allCases.map(\.rawValue)), "\"xavier\"",
        "how weights are drawn; with xavier U has orthogonal rows"),
      .optional("W", .tensor, nil, "[in, \(gates)hidden], the input's weights instead of drawn ones"),
      .optional("U", .tensor, nil, "[hidden, \(gates)hidden], the state's"),
      .optional("b", .tensor, nil, "[\(gates)hidden], the bias"),
    ]
  }
}
