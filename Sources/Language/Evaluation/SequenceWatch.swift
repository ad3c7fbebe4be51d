import Tensors

/// The values of a sequence as variables, made while the statement that computes them runs again.
final class SequenceWatch {
  /// The one value asked for; all if nil.
  private let number: Int?
  /// Makes variables of a value.
  private let change: (Value) -> (value: Value, variables: [Tensor])
  private(set) var variables: [Int: [Tensor]] = [:]
  private var numbers: Range<Int> = 0..<0

  init(_ number: Int?, _ change: @escaping (Value) -> (value: Value, variables: [Tensor])) {
    self.number = number
    self.change = change
  }

  /// A sequence as it is about to be bound: what is new in it becomes a variable.
  func changing(_ value: Value) -> Value {
    guard case .sequence(var sequence) = value else { return value }
    let now = sequence.numbers
    let fresh: [Int]
    if now == sequence.firstNumbers {
      variables = [:]
      fresh = Array(now)
    } else if now == numbers {
      // The value of this pass once more.
      fresh = last.map { [$0] } ?? []
    } else {
      fresh = now.filter { !numbers.contains($0) }
    }
    last = fresh.last
    numbers = now
    for place in fresh where number == nil || number == place {
      guard let old = sequence[place] else { continue }
      let (new, own) = change(old)
      variables[place] = own
      sequence = sequence.replacing(new, at: place)
    }
    return .sequence(sequence)
  }

  private var last: Int?
}

extension PartialNode {
  /// `∂L/∂h[2]`, `∂L/∂h`: by one value of a sequence, or by all of them from number 0 on.
  func derivative(
    by sequence: ValueSequence, _ y: Version, _ x: Version, _ frame: Frame
  ) throws -> Value {
    guard x.cell != nil else {
      throw machine.failure(
        "E0702", "∂ by a sequence is for sequences of the session, not of a function", at: site,
        notes: [.init("hint", "∇ of a function that goes on from the value")])
    }
    let (number, part) = try path.resolve(sequence, frame, self)
    let source = number.map { Lineage.source(of: $0, in: x) } ?? x
    let lineage = Lineage(from: y, to: source, isSequence: true)
    guard !lineage.path.isEmpty else { throw independent(y, source) }
    if lineage.isCut { throw cut(y) }
    let machine = machine
    let watch = SequenceWatch(number) { value in
      var variables: [Tensor] = []
      let changed = try? part.again(value, on: machine).with(&variables, on: machine)
      return (changed ?? value, variables)
    }
    let replay = Replay()
    if !lineage.isInside, case .sequence(let known) = try machine.value(of: source) {
      replay.set(source, watch.changing(.sequence(known)))
    }
    let result = try machine.differentiating {
      machine.replays.append(replay)
      defer { machine.replays.removeLast() }
      try run(lineage, y, source, replay) { watch.changing($0) }
      return try valueNow(y, frame)
    }
    let places = watch.variables.keys.filter { number != nil || $0 >= 0 }.sorted()
    let variables = places.flatMap { watch.variables[$0] ?? [] }
    guard let tensor = result.tensor(machine.elementType), tensor.isTracked,
      variables.contains(where: { tensor.depends(on: $0) })
    else { throw noDerivative(y, source, lineage, replay, end(y, lineage, replay, variables)) }
    let isOutermost = machine.gradientDepth == 0
    if number != nil {
      return try part.derivative(of: tensor, by: variables, on: machine, keepingGraph: !isOutermost)
    }
    let flows = try part.flows(of: tensor, by: variables, on: machine, keepingGraph: !isOutermost)
    guard Set(flows.map(\.shape)).count == 1 else { return .list(flows.map { Value($0) }) }
    let stacked = try Tensor.stack(flows)
    // The axis of the numbers stands behind those of y.
    let order = Array(1..<(1 + tensor.rank)) + [0] + Array((1 + tensor.rank)..<stacked.rank)
    return Value(try Permute(order).apply(stacked))
  }
}
