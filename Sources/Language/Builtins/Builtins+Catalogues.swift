import Networks
import Tensors

extension BuiltinCatalogue {
  /// Every layer of the engine.
  static let layers: [Builtin] = LayerCatalogue.all.map { kind in
    Builtin(card: kind.card, .layers) { call in
      let machine = call.machine
      let arguments = try call.arguments(kind.card)
      let layer = try call.making { try kind.init(arguments, random: &machine.random, elementType: call.type) }
      return .network(NetworkValue(Network([layer])))
    }
  }

  static let optimizers: [Builtin] = OptimizerCatalogue.all.map { kind in
    Builtin(card: kind.card, .optimizers) { call in
      let arguments = try call.arguments(kind.card)
      return .optimizer(OptimizerValue(optimizer: try call.making { try kind.init(arguments) }))
    }
  }

  static let schedules: [Builtin] = ScheduleCatalogue.all.map { kind in
    Builtin(card: kind.card, .optimizers) { call in
      let arguments = try call.arguments(kind.card)
      let schedule = try call.making { try kind.init(arguments) }
      return .function(Function(.schedule(schedule), name: schedule.description))
    }
  }

  static let losses: [Builtin] = LossCatalogue.all.map { kind in
    Builtin(card: kind.card, .losses) { call in
      // Tensors of a derivative must arrive as they are, so the card checks everything but the two operands.
      var settings = call
      let count = kind.card.arguments.prefix { $0.isRequired }.count
      for index in 0..<min(2, count) { settings = settings.replacing(index, by: .number(0)) }
      let loss = kind.init(try settings.arguments(kind.card))
      let reduction =
        call.builtin.parameters.contains { $0.name == "reduction" }
        ? try call.word("reduction", of: Networks.Reduction.allCases.map(\.rawValue)) : "mean"
      return Value(
        try loss(try call.tensor(0), try call.tensor(1), reduction: Networks.Reduction(rawValue: reduction) ?? .mean))
    }
  }
}

extension Builtin {
  /// A built-in from the card of a layer, a loss or an optimiser.
  convenience init(card: Card, _ theme: Theme, _ body: @escaping @Sendable (BuiltinCall) throws -> Value) {
    let parameters = card.arguments.map { argument in
      argument.isRequired ? argument.name : "\(argument.name): \(argument.fallback ?? "none")"
    }
    self.init(
      "\(card.name)(\(parameters.joined(separator: ", ")))", theme, card.summary, formula: card.formula,
      shapes: card.shapes, example: card.example,
      meanings: card.arguments.filter { !["prediction", "target", "reduction"].contains($0.name) }
        .map { ($0.name, $0.meaning) }, source: card.source, body)
  }
}

extension BuiltinCall {
  func replacing(_ index: Int, by value: Value) -> BuiltinCall {
    var values = values
    values[index] = value
    return BuiltinCall(builtin: builtin, machine: machine, site: site, values: values, rest: rest)
  }

  /// The arguments as the engine's cards read them.
  func arguments(_ card: Card) throws -> Arguments {
    var named: [(name: String, value: ArgumentValue)] = []
    for (index, argument) in card.arguments.enumerated() {
      let value: ArgumentValue
      switch values[index] {
      case .nothing: continue
      case .number(let number): value = .number(number)
      case .string(let text): value = .word(text)
      case .function(let function) where argument.kind == .rate: value = .schedule(schedule(function))
      case .list where argument.kind == .extents:
        value = .tensor(Tensor(try wholes([values[index]], index).map(Double.init)))
      case .network, .function:
        guard argument.kind == .layer else { throw wrong(index, argument.kind.words) }
        if case .function(let function) = values[index] {
          try machine.checkLayer(function, at: site.site(ofArgument: index))
        }
        value = .layer(Network(machine.layers(values[index], site)))
      default:
        guard let tensor = values[index].tensor(type) else { throw wrong(index, argument.kind.words) }
        value = .tensor(tensor)
      }
      named.append((argument.name, value))
    }
    return try making { try Arguments([], named: named, for: card) }
  }

  /// A function of the step as a schedule.
  func schedule(_ function: Function) -> any Schedule {
    if case .schedule(let schedule) = function.kind { return schedule }
    return FunctionSchedule(caller: Caller(function: function, site: site))
  }

  /// Words what the engine finds wrong with an argument.
  func making<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as Networks.ArgumentError {
      let signature = [Diagnostic.Note("signature", builtin.signature)]
      switch error {
      case .missing(let name):
        throw fail("E0302", "\(builtin.name) is called without \(name)", notes: signature)
      case .tooMany(let given, _):
        throw fail("E0302", "\(builtin.name) is given \(given) arguments", notes: signature)
      case .unknown(let name, _):
        throw fail("E0302", "\(builtin.name) has no argument \(name)", notes: signature)
      case .repeated(let name): throw fail("E0302", "\(name) is given twice", notes: signature)
      case .unsuitable(let name, let expected): throw wrong(index(name), expected.words)
      case .shape(let name, let shape, let expected):
        throw machine.failure(
          "E0217", "\(name) has shape \(shape), \(builtin.name) wants \(expected)", at: argumentSite(index(name)),
          notes: signature)
      case .notMultiple(let name, let number, let other, let divisor):
        throw machine.failure(
          "E0303", "\(name) must be a multiple of \(other): \(number) is no multiple of \(divisor)",
          at: argumentSite(index(name)), notes: signature)
      }
    }
  }
}

extension Networks.Argument.Kind {
  /// What it may be, as a person would say.
  var words: String {
    switch self {
    case .count(let least): "a whole number from \(least)"
    case .number(let range):
      range.upperBound >= 1e300
        ? (range.lowerBound > 0 ? "a number above 0" : range.lowerBound == 0 ? "a number from 0" : "a number")
        : range.lowerBound == range.upperBound
          ? NumberText.short(range.lowerBound)
          : range.lowerBound == .leastNonzeroMagnitude
            ? "a number above 0 up to \(NumberText.short(range.upperBound))"
            : "a number from \(NumberText.short(range.lowerBound)) to \(NumberText.short(range.upperBound))"
    case .flag: "true or false"
    case .word(let words): words.map { "\"\($0)\"" }.joined(separator: " or ")
    case .countOrWord(let words): "a whole number or " + words.map { "\"\($0)\"" }.joined(separator: " or ")
    case .tensor: "a tensor"
    case .layer: "layers or a function"
    case .extents: "whole numbers from 1, as in [3, 32, 32]"
    case .rate: "a number from 0, or a schedule such as cosine(0.1, steps: 100)"
    }
  }
}
