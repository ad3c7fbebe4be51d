import Interchange
import Networks
import Tensors

extension CallSite {
  /// The value that was stored.
  /// - Throws: `StoringProblem` if the parts do not make one, and what running a stored text throws.
  func value(_ stored: StoredValue) throws -> Value {
    switch stored {
    case .number(let number): return .number(number)
    case .tensor(let tensor): return .tensor(tensor)
    case .string(let text): return .string(text)
    case .list(let items): return .list(try items.map { try value($0) })
    case .record(let fields):
      return .record(Record(names: fields.map(\.name), values: try fields.map { try value($0.value) }))
    case .bytes: throw StoringProblem(message: "bytes are no value")
    case .tagged(let tag, let parts): return try value(tag, parts)
    }
  }

  private func value(_ tag: String, _ parts: [StoredValue]) throws -> Value {
    let damaged = StoringProblem(message: "its \(tag) is not one")
    switch (tag, parts.count) {
    case ("range", 2):
      guard let start = parts[0].text.flatMap({ Int($0) }), let count = parts[1].text.flatMap({ Int($0) }) else {
        throw damaged
      }
      return .range(IntegerRange(start: start, count: count))
    case ("built-in", 1):
      guard let name = parts[0].text, let value = BuiltinCatalogue.value(named: name) else {
        throw StoringProblem(message: "it wants the built-in \(parts[0].text ?? ""), which this nabla does not have")
      }
      return value
    case ("composed", _): return .function(Function(.composed(try parts.map { try value($0) }), name: ""))
    case ("gradient", 2):
      guard case .function(let inner) = try value(parts[0]), let names = parts[1].items?.compactMap(\.text) else {
        throw damaged
      }
      return .function(Function(.gradient(inner, names), name: "∇" + inner.name))
    case ("derivative", 1):
      guard case .function(let inner) = try value(parts[0]) else { throw damaged }
      return .function(Function(.derivative(inner), name: inner.name + "'"))
    case ("function", 3): return try function(parts)
    case ("schedule", 1):
      guard let text = parts[0].text else { throw damaged }
      if let rate = Double(text) { return .function(Function(.schedule(ConstantSchedule(rate)), name: text)) }
      let found = try made(text, of: ScheduleCatalogue.all.map { $0.card.name })
      guard case .function = found else { throw damaged }
      return found
    case ("warmup", 2):
      guard case .function(let then) = try value(parts[0]), let steps = parts[1].whole, steps > 0 else { throw damaged }
      let schedule = WarmupSchedule(schedule(then), steps: steps)
      return .function(Function(.schedule(schedule), name: schedule.description))
    case ("network", 3): return try network(parts)
    case ("optimizer", 4): return try optimizer(parts)
    case ("dataset", 8): return try dataset(parts)
    default: throw StoringProblem(message: "it holds a \(tag), which this nabla does not know")
    }
  }

  private func schedule(_ function: Function) -> any Schedule {
    if case .schedule(let schedule) = function.kind { return schedule }
    return FunctionSchedule(caller: Caller(function: function, site: self))
  }

  /// A function from its text: inside a function of the names it took from around it, called with their values.
  private func function(_ parts: [StoredValue]) throws -> Value {
    let damaged = StoringProblem(message: "its function is not one")
    guard let name = parts[0].text, let text = parts[1].text, case .record(let captures) = parts[2] else {
      throw damaged
    }
    let names = captures.map(\.name).joined(separator: ", ")
    // A definition is a statement; what is no definition is an expression that gives a function.
    let body = name.isEmpty ? text : "{\n\(text)\n\(name)\n}"
    let maker = try function("(\(names)) -> \(body)")
    let made = try apply(maker, try captures.map { try value($0.value) })
    guard case .function = made else { throw damaged }
    return made
  }

  private func network(_ parts: [StoredValue]) throws -> Value {
    let damaged = StoringProblem(message: "its network is not one")
    guard let stored = parts[0].items, let input = parts[1].numbers else { throw damaged }
    let layers = try stored.map { try layer($0) }
    var network = Network(layers)
    if !input.isEmpty { network.knownInput = try Shape(checking: input) }
    network.history = History(parts[2])
    return .network(NetworkValue(network))
  }

  private func layer(_ stored: StoredValue) throws -> any Layer {
    let damaged = StoringProblem(message: "one of its layers is not one")
    guard case .tagged(let tag, let parts) = stored else { throw damaged }
    switch (tag, parts.count) {
    case ("layer function", 1):
      guard case .function(let function) = try value(parts[0]) else { throw damaged }
      return machine.layer(function, self)
    case ("network", 3):
      guard case .network(let inner) = try network(parts) else { throw damaged }
      return inner.network
    case ("residual", 1), ("residual", 2):
      return Residual(try layer(parts[0]), shortcut: parts.count > 1 ? try layer(parts[1]) : nil)
    case ("layer", 3):
      guard let text = parts[0].text, let weights = parts[1].items?.compactMap(\.tensor),
        let buffers = parts[2].items?.compactMap(\.tensor),
        case .network(let made) = try made(text, of: LayerCatalogue.all.map { $0.card.name }),
        made.network.layers.count == 1
      else { throw damaged }
      let layer = made.network.layers[0]
      guard layer.parameters.map(\.value.shape) == weights.map(\.shape),
        layer.buffers.map(\.value.shape) == buffers.map(\.shape)
      else { throw damaged }
      return layer.replacing(weights).replacing(buffers: buffers)
    default: throw damaged
    }
  }

  private func optimizer(_ parts: [StoredValue]) throws -> Value {
    let damaged = StoringProblem(message: "its optimizer is not one")
    guard let text = parts[0].text, let number = parts[1].whole, number >= 0, let buffers = parts[2].items,
      let schedules = parts[3].items,
      case .optimizer(var optimizer) = try made(text, of: OptimizerCatalogue.all.map { $0.card.name })
    else { throw damaged }
    optimizer.optimizer.state.number = number
    optimizer.optimizer.state.buffers = try buffers.map {
      guard let tensors = $0.items?.compactMap(\.tensor), tensors.count == optimizer.optimizer.bufferCount else {
        throw damaged
      }
      return tensors
    }
    if let stored = schedules.first {
      guard case .function(let function) = try value(stored) else { throw damaged }
      optimizer.optimizer.options.schedule = schedule(function)
    }
    return .optimizer(optimizer)
  }

  private func dataset(_ parts: [StoredValue]) throws -> Value {
    let damaged = StoringProblem(message: "its dataset is not one")
    func labels(_ tensor: Tensor) throws -> [Int32] {
      try tensor.elements.map {
        guard let label = Int32(exactly: $0) else { throw damaged }
        return label
      }
    }
    let inputs: Dataset.Contents.Inputs
    switch parts[0] {
    case .list(let items):
      guard items.count == 2, case .bytes(let bytes) = items[0], case .number(let divisor) = items[1] else {
        throw damaged
      }
      inputs = .bytes(bytes, divisor: divisor)
    case .tensor(let tensor): inputs = .tensor(tensor)
    default: throw damaged
    }
    let targets: Dataset.Contents.Targets
    switch parts[1] {
    case .list(let items):
      guard items.count == 1, let tensor = items[0].tensor else { throw damaged }
      targets = .labels(try labels(tensor))
    case .tensor(let tensor): targets = .tensor(tensor)
    default: throw damaged
    }
    guard let extents = parts[2].numbers, let names = parts[3].items?.compactMap(\.text), let name = parts[4].text,
      let normal = parts[5].items?.compactMap(\.tensor), let order = parts[6].items
    else { throw damaged }
    var normalization: Normalization?
    if normal.count == 2 {
      let (mean, deviation) = (normal[0].elements, normal[1].elements)
      guard !mean.isEmpty, mean.count == deviation.count, deviation.allSatisfy({ $0 != 0 }) else { throw damaged }
      normalization = Normalization(mean: mean, deviation: deviation)
    }
    let contents = Dataset.Contents(
      inputs: inputs, targets: targets, sampleShape: try Shape(checking: extents), classNames: names, name: name,
      normalization: normalization)
    guard let dataset = Dataset(contents) else { throw damaged }
    var batches: DatasetValue.Batches?
    if order.count == 2 {
      guard let size = order[0].whole, size > 0, let places = try order[1].tensor?.wholeNumbers(),
        places.allSatisfy({ $0 >= 0 && $0 < dataset.count })
      else { throw damaged }
      batches = .init(size: size, order: places)
    }
    return .dataset(DatasetValue(dataset, parts[7].whole == 32 ? .float32 : .float64, batches: batches))
  }

  /// The function that a stored text makes; no other statement can hide in it. What is taken from around it are the parameters.
  private func function(_ text: String) throws -> Value {
    let (source, expression) = try parsed(text)
    guard expression.makesFunction else { throw StoringProblem(message: "it holds \(text.firstLine), no function") }
    let scope = Scope(outer: nil, isFunction: false)
    let code = try Lowering(machine: machine, source: source).expression(expression, scope)
    return try Frame.with(scope.slotCount, code)
  }

  /// What a stored call of a built-in gives, such as `Dense(2, 3)`: the names in it mean what is built in. Random numbers it draws
  /// are given back.
  private func made(_ text: String, of names: [String]) throws -> Value {
    let (source, expression) = try parsed(text)
    guard case .call(let callee, _) = expression.kind, case .name(let name) = callee.kind, names.contains(name) else {
      throw StoringProblem(message: "it holds \(text.firstLine), which makes no such value")
    }
    let drawn = machine.random
    defer { machine.random = drawn }
    return try plain(expression, source)
  }

  private func parsed(_ text: String) throws -> (SourceText, Expression) {
    let source = SourceText(text)
    let program = Parser.parse(source)
    guard program.diagnostics.isEmpty, !program.isIncomplete, program.statements.count == 1,
      case .expression(let expression) = program.statements[0].kind
    else { throw StoringProblem(message: "it holds \(text.firstLine), which makes no value") }
    return (source, expression)
  }

  /// The value of numbers, words, built-ins and calls of them.
  private func plain(_ expression: Expression, _ source: SourceText) throws -> Value {
    switch expression.kind {
    case .number(let number): return .number(number)
    case .string(let text): return .string(text)
    case .negate(let inner):
      if case .number(let number) = try plain(inner, source) { return .number(-number) }
    case .name(let name):
      if let value = BuiltinCatalogue.value(named: name) { return value }
    case .list(let items): return .list(try items.map { try plain($0, source) })
    case .call(let callee, let arguments):
      let inner = CallSite(
        machine: machine, source: source, range: expression.range, callee: callee, arguments: arguments)
      return try inner.apply(
        try plain(callee, source), try arguments.map { try plain($0.value, source) }, arguments.map { $0.label?.text })
    case .binary(let op, let left, let right) where op.kind == .compose:
      let node = BinaryNode(machine, .compose, expression, source)
      return try machine.compose(try plain(left, source), try plain(right, source), node)
    default: break
    }
    throw StoringProblem(message: "it holds \(source.text(expression.range).firstLine), which makes no value")
  }
}

extension Expression {
  /// Whether it is a function that only makes a function: `(a) -> x -> a * x`, `(a) -> { f(x) = a * x; f }`.
  fileprivate var makesFunction: Bool {
    guard case .lambda(_, let body) = kind else { return false }
    switch body {
    case .expression(let inner):
      if case .lambda = inner.kind { return true }
    case .block(let block):
      if block.statements.count == 2, case .define = block.statements[0].kind,
        case .expression(let last) = block.statements[1].kind, case .name = last.kind
      {
        return true
      }
    }
    return false
  }
}
