import Interchange
import Networks
import Tensors

/// Why a value cannot be stored or made again, in the user's words.
struct StoringProblem: Error {
  let message: String
}

/// Values as they stand in nabla's files.
///
/// Numbers, tensors, strings, lists and records are stored as they are. Functions, and what is made by a call (layers, optimisers,
/// schedules), are stored as the text that makes them, with the values they hold beside it.
extension Value {
  func stored() throws -> StoredValue {
    switch self {
    case .nothing: throw StoringProblem(message: "this is nothing")
    case .number(let number): return .number(number)
    case .tensor(let tensor): return .tensor(tensor.detached)
    case .string(let text): return .string(text)
    case .range(let range): return .tagged("range", [.string("\(range.start)"), .string("\(range.count)")])
    case .list(let items): return .list(try items.map { try $0.stored() })
    case .record(let record):
      return .record(try zip(record.names, record.values).map { ($0, try $1.stored()) })
    case .function(let function): return try function.stored()
    case .network(let network): return try network.network.stored()
    case .optimizer(let optimizer): return try optimizer.stored()
    case .dataset(let dataset): return dataset.stored()
    case .sequence(let sequence): return try sequence.whole(.float64).stored()
    }
  }
}

extension Function {
  func stored() throws -> StoredValue {
    switch kind {
    case .builtin: return .tagged("built-in", [.string(name)])
    case .composed(let parts): return .tagged("composed", try parts.map { try $0.stored() })
    case .gradient(let inner, let names):
      return .tagged("gradient", [try inner.stored(), .list(names.map { .string($0) })])
    case .derivative(let inner): return .tagged("derivative", [try inner.stored()])
    case .schedule(let schedule): return try schedule.stored()
    case .user(let user):
      let captures = user.captures.filter { !$0.value.isNothing }
      return .tagged(
        "function",
        [
          .string(name), .string(user.source.text(user.range)),
          .record(try captures.map { ($0.name, try $0.value.stored()) }),
        ])
    }
  }
}

extension Schedule {
  func stored() throws -> StoredValue {
    switch self {
    case let own as FunctionSchedule: return try own.caller.function.stored()
    case let warmup as WarmupSchedule:
      return .tagged("warmup", [try warmup.then.stored(), .number(Double(warmup.steps))])
    default: return .tagged("schedule", [.string(description)])
    }
  }
}

extension Network {
  func stored() throws -> StoredValue {
    var parts: [StoredValue] = []
    for layer in layers { parts.append(try layer.stored()) }
    let input: [StoredValue] = (knownInput?.dimensions ?? []).map { .number(Double($0)) }
    return .tagged("network", [.list(parts), .list(input), history?.stored ?? .list([])])
  }
}

extension Layer {
  func stored() throws -> StoredValue {
    if let function = self as? FunctionLayer {
      if let caller = function.origin as? Caller { return .tagged("layer function", [try caller.function.stored()]) }
      guard BuiltinCatalogue.builtin(named: function.kind) != nil else {
        throw StoringProblem(message: "the layer \(function.kind) is no function of the language")
      }
      return .tagged("layer function", [.tagged("built-in", [.string(function.kind)])])
    }
    if let network = self as? Network { return try network.stored() }
    // Its parts may be functions of the user, which no text of the whole has.
    if let residual = self as? Residual {
      return .tagged("residual", try residual.parts.map { try $0.layer.stored() })
    }
    let tensors = [parameters, buffers].map { StoredValue.list($0.map { .tensor($0.value.detached) }) }
    return .tagged("layer", [.string(description)] + tensors)
  }
}

extension History {
  var stored: StoredValue {
    func curve(_ numbers: [Double]) -> StoredValue { .tensor(Tensor(numbers)) }
    return .record([
      ("losses", curve(losses)), ("accuracies", curve(accuracies)), ("validationLosses", curve(validationLosses)),
      ("validationAccuracies", curve(validationAccuracies)), ("samples", .number(Double(samples))),
      ("stepsPerEpoch", .number(Double(stepsPerEpoch))),
      (
        "final",
        .list(
          final.map { [.number($0.loss), .number(Double($0.right ?? -1)), .number(Double($0.count))] } ?? [])
      ),
    ])
  }

  init?(_ stored: StoredValue) {
    guard case .record(let fields) = stored else { return nil }
    func curve(_ name: String) -> [Double] {
      if case .tensor(let tensor)? = fields.first(where: { $0.name == name })?.value { tensor.elements } else { [] }
    }
    func count(_ name: String) -> Int {
      if case .number(let number)? = fields.first(where: { $0.name == name })?.value {
        Int(exactly: number) ?? 0
      } else {
        0
      }
    }
    var final: Evaluation?
    if case .list(let items)? = fields.first(where: { $0.name == "final" })?.value, items.count == 3,
      case .number(let loss) = items[0], let right = items[1].whole, let count = items[2].whole
    {
      final = Evaluation(loss: loss, right: right < 0 ? nil : right, count: count)
    }
    self.init(
      losses: curve("losses"), accuracies: curve("accuracies"), validationLosses: curve("validationLosses"),
      validationAccuracies: curve("validationAccuracies"), final: final, samples: count("samples"),
      stepsPerEpoch: count("stepsPerEpoch"))
  }
}

extension OptimizerValue {
  func stored() throws -> StoredValue {
    var plain = optimizer
    plain.options.schedule = nil
    let buffers = optimizer.state.buffers.map { StoredValue.list($0.map { .tensor($0) }) }
    return .tagged(
      "optimizer",
      [
        .string(plain.description), .number(Double(optimizer.state.number)), .list(buffers),
        .list(try optimizer.options.schedule.map { [try $0.stored()] } ?? []),
      ])
  }
}

extension DatasetValue {
  func stored() -> StoredValue {
    let contents = dataset.contents
    let inputs: StoredValue =
      switch contents.inputs {
      case .bytes(let bytes, let divisor): .list([.bytes(bytes), .number(divisor)])
      case .tensor(let tensor): .tensor(tensor)
      }
    let targets: StoredValue =
      switch contents.targets {
      case .labels(let labels): .list([.tensor(Tensor(labels.map(Double.init)))])
      case .tensor(let tensor): .tensor(tensor)
      }
    let normal = contents.normalization.map { [StoredValue.tensor(Tensor($0.mean)), .tensor(Tensor($0.deviation))] }
    let order = batches.map {
      [StoredValue.number(Double($0.size)), .tensor(Tensor($0.order.map(Double.init)))]
    }
    return .tagged(
      "dataset",
      [
        inputs, targets, .list(contents.sampleShape.dimensions.map { .number(Double($0)) }),
        .list(contents.classNames.map { .string($0) }), .string(contents.name), .list(normal ?? []),
        .list(order ?? []), .number(elementType == .float64 ? 64 : 32),
      ])
  }
}

extension StoredValue {
  var whole: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }
  var text: String? { if case .string(let text) = self { text } else { nil } }
  var items: [StoredValue]? { if case .list(let items) = self { items } else { nil } }
  var tensor: Tensor? { if case .tensor(let tensor) = self { tensor } else { nil } }
  var numbers: [Int]? {
    guard let items else { return nil }
    let wholes = items.compactMap(\.whole)
    return wholes.count == items.count ? wholes : nil
  }
}
