import Display
import Tensors

/// One built-in function, all of it in one place: how it is called, what help says of it, an example that is run as a test.
package final class Builtin: Sendable {
  /// The headings under which help lists built-ins, in their order.
  package enum Theme: String, CaseIterable {
    case make, shape, elementwise, reduce
    case algebra = "linear algebra"
    case neural, losses, metrics, data, plots, layers, training, optimizers, derivatives, output
  }

  /// Whether derivatives flow through it.
  package var isDifferentiable: Bool { !derivative.hasPrefix("none") }

  /// What a built-in takes.
  package struct Parameter: Sendable {
    package let name: String
    /// The value it has if none is given; nil if one must be given.
    let fallback: Fallback?
    /// As in the signature: `axis: -1`.
    package let text: String
    /// Whether it takes all arguments from here on.
    package let isVariadic: Bool
  }

  /// The default of a parameter.
  enum Fallback {
    case none
    case number(Double)
    case string(String)

    var value: Value {
      switch self {
      case .none: .nothing
      case .number(let number): .number(number)
      case .string(let text): .string(text)
      }
    }
  }

  package let name: String
  package let theme: Theme
  /// `softmax(x, axis: -1)`.
  package let signature: String
  package let parameters: [Parameter]
  /// One sentence.
  package let summary: String
  /// In TeX; empty where there is none.
  package let formula: String
  package let shapes: String
  /// How the derivative goes: by a formula in TeX, in words, or `none: ` and why not. Exact wherever there is one.
  package let derivative: String
  /// A program and the value it gives, as they are typed; no output where it only must run.
  package let example: (input: String, output: String)
  /// What each argument means, where its name alone does not say it.
  package let meanings: [(name: String, text: String)]
  /// The paper or program whose rule and defaults these are; empty where there is none.
  package let source: String
  /// Number to number, without a detour.
  let scalar: (@Sendable (Double) -> Double)?
  let body: @Sendable (BuiltinCall) throws -> Value
  /// The function of one tensor that it is, where it is nothing else: what a network calls.
  let tensorBody: (@Sendable (Tensor) throws -> Tensor)?
  /// Whether the result always has the shape of the operand.
  var keepsShape: Bool { theme == .elementwise && parameters.count == 1 || name == "softmax" || name == "log_softmax" }
  package var function: Function { Function(.builtin(self), name: name) }

  /// - Parameter signature: `softmax(x, axis: -1)`: a name with a default, `none` for one that may stay away, `n...` for any
  ///   number of arguments. It is what help shows and what calls are checked against.
  init(
    _ signature: String, _ theme: Theme, _ summary: String, formula: String = "", shapes: String = "",
    derivative: String? = nil, example: (input: String, output: String),
    meanings: [(name: String, text: String)] = [], source: String = "",
    scalar: (@Sendable (Double) -> Double)? = nil,
    tensor: (@Sendable (Tensor) throws -> Tensor)? = nil, _ body: @escaping @Sendable (BuiltinCall) throws -> Value
  ) {
    let parts = signature.split(separator: "(", maxSplits: 1)
    name = String(parts[0])
    self.theme = theme
    self.signature = signature
    self.summary = summary
    self.formula = formula
    self.shapes = shapes
    self.derivative = derivative ?? theme.derivative
    self.example = example
    self.meanings = meanings
    self.source = source
    self.scalar = scalar
    self.body = body
    tensorBody = tensor
    parameters = Self.parameters(parts.count > 1 ? parts[1].dropLast() : "")
  }

  private static func parameters(_ list: Substring) -> [Parameter] {
    list.split(separator: ",").map { part in
      let text = part.trimmed
      if text.hasSuffix("...") {
        return Parameter(name: String(text.dropLast(3)), fallback: nil, text: text, isVariadic: true)
      }
      let pieces = text.split(separator: ":", maxSplits: 1)
      guard pieces.count == 2 else { return Parameter(name: text, fallback: nil, text: text, isVariadic: false) }
      return Parameter(
        name: String(pieces[0]), fallback: value(pieces[1].trimmed), text: text, isVariadic: false)
    }
  }

  private static func value(_ text: String) -> Fallback {
    switch text {
    case "none": return .none
    case "true": return .number(1)
    case "false": return .number(0)
    default:
      if text.hasPrefix("\"") { return .string(String(text.dropFirst().dropLast())) }
      return Double(text).map { .number($0) } ?? .none
    }
  }
}

extension StringProtocol where SubSequence == Substring {
  var trimmed: String {
    var text = self[...]
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

extension Builtin.Theme {
  /// How the derivatives of most built-ins under a heading go.
  fileprivate var derivative: String {
    switch self {
    case .make: "none: made from counts, places or chance"
    case .shape: "1 from each number of the result to the number it is"
    case .elementwise, .reduce, .algebra: "exact"
    case .neural: "exact, by the input and every weight"
    case .losses: "exact, by the prediction"
    case .metrics: "none: counts of right and wrong go in steps"
    case .data: "none: what comes from files is a constant"
    case .plots, .output: "none: it shows, and gives nothing"
    case .layers: "exact, by the input and every weight"
    case .training: "none: what training finds is a constant"
    case .optimizers: "none: a rule for steps, no function"
    case .derivatives: "exact: derivatives can be differentiated again"
    }
  }
}

/// The arguments of one call of a built-in, matched to its parameters, and ways to read them that fail in the user's words.
struct BuiltinCall {
  let builtin: Builtin
  let machine: Machine
  let site: CallSite
  /// By parameter; `.nothing` where none was given.
  let values: [Value]
  /// What a parameter with `...` took.
  let rest: [Value]

  var type: ElementType { machine.elementType }

  subscript(index: Int) -> Value { values[index] }

  func index(_ name: String) -> Int { builtin.parameters.firstIndex { $0.name == name } ?? 0 }
  func value(_ name: String) -> Value { values[index(name)] }
  func isGiven(_ name: String) -> Bool { !value(name).isNothing }

  /// What is wrong with an argument.
  func wrong(_ index: Int, _ expected: String) -> Fault {
    let name = builtin.parameters[index].name
    let given =
      switch values[index] {
      case .string(let text): "\"\(text.firstLine)\""
      case .number(let number): NumberText.short(number)
      default: values[index].outline
      }
    return machine.failure(
      "E0303", "\(builtin.name) wants \(expected) for \(name), this is \(given)",
      at: argumentSite(index), notes: [.init("signature", builtin.signature)])
  }

  func fail(_ code: String, _ message: String, notes: [Diagnostic.Note] = []) -> Fault {
    machine.failure(code, message, at: site.site, notes: notes)
  }

  /// Where the argument for a parameter stands.
  func argumentSite(_ index: Int) -> Fault.Site {
    let name = builtin.parameters[index].name
    if let place = site.arguments.firstIndex(where: { $0.label?.text == name }) { return site.site(ofArgument: place) }
    let unnamed = site.arguments.indices.filter { site.arguments[$0].label == nil }
    return unnamed.indices.contains(index) ? site.site(ofArgument: unnamed[index]) : site.site
  }

  // MARK: Reading

  func tensor(_ index: Int) throws -> Tensor {
    guard let tensor = values[index].tensor(type) else { throw wrong(index, "a tensor") }
    return tensor
  }

  func tensor(_ name: String) throws -> Tensor { try tensor(index(name)) }

  func number(_ index: Int) throws -> Double {
    switch values[index] {
    case .number(let number): return number
    case .tensor(let tensor) where tensor.count == 1: return tensor[flat: 0]
    default: throw wrong(index, "a number")
    }
  }

  func number(_ name: String) throws -> Double { try number(index(name)) }

  func whole(_ index: Int, atLeast least: Int = .min) throws -> Int {
    let number = try number(index)
    guard let whole = Int(exactly: number), whole >= least else {
      throw wrong(
        index, least == .min ? "a whole number" : least == 0 ? "a whole number from 0" : "a whole number from \(least)")
    }
    return whole
  }

  func whole(_ name: String, atLeast least: Int = .min) throws -> Int { try whole(index(name), atLeast: least) }

  func flag(_ name: String) throws -> Bool {
    if value(name).isNothing { return false }
    return try number(name) != 0
  }

  func string(_ index: Int) throws -> String {
    guard case .string(let text) = values[index] else { throw wrong(index, "a string") }
    return text
  }

  func string(_ name: String) throws -> String { try string(index(name)) }

  /// One of several words.
  func word(_ name: String, of words: [String]) throws -> String {
    let text = try string(name)
    guard words.contains(text) else {
      throw machine.failure(
        "E0303", "\(builtin.name) knows no \(name) \"\(text)\"", at: argumentSite(index(name)),
        suggestions: Spelling.nearest(to: text, in: words).map { [.init(.try, "\(name): \"\($0)\"")] } ?? [],
        notes: [.init("one of", words.map { "\"\($0)\"" }.joined(separator: "  "))])
    }
    return text
  }

  func function(_ index: Int) throws -> Value {
    switch values[index] {
    case .function, .network: return values[index]
    default: throw wrong(index, "a function")
    }
  }

  /// The whole numbers in a list of arguments: `2, 3`, `(2, 3)`, `[2, 3]`, or a shape that `shape(x)` gave.
  func wholes(_ values: [Value], _ parameter: Int = 0) throws -> [Int] {
    try values.flatMap { value -> [Int] in
      switch value {
      case .list(let items): return try wholes(items, parameter)
      case .number, .tensor, .range:
        guard let numbers = value.tensor(.float64)?.elements else { return [] }
        return try numbers.map { number in
          guard let whole = Int(exactly: number) else {
            throw machine.failure(
              "E0303", "\(builtin.name) wants whole numbers, not \(NumberText.short(number))",
              at: argumentSite(parameter), notes: [.init("signature", builtin.signature)])
          }
          return whole
        }
      default:
        throw machine.failure(
          "E0303", "\(builtin.name) wants whole numbers, not \(value.article)", at: argumentSite(parameter),
          notes: [.init("signature", builtin.signature)])
      }
    }
  }

  /// A shape in a list of arguments.
  func shape(_ values: [Value]) throws -> Shape { try Shape(checking: try wholes(values)) }

  /// An axis of a tensor, counted from the front.
  func axis(_ name: String, of tensor: Tensor) throws -> Int? {
    guard isGiven(name) else { return nil }
    return try tensor.shape.resolve(axis: try whole(name))
  }

  /// Calls a function that was given.
  func call(_ function: Value, _ arguments: [Value]) throws -> Value {
    try site.apply(function, arguments)
  }
}

extension CallSite {
  /// Matches arguments to parameters and runs a built-in.
  func apply(_ builtin: Builtin, _ given: [Value], _ labels: [String?]) throws -> Value {
    let parameters = builtin.parameters
    var values = [Value](repeating: .nothing, count: parameters.count)
    var rest: [Value] = []
    var next = 0
    for (index, value) in given.enumerated() {
      if index < labels.count, let label = labels[index] {
        guard let place = parameters.firstIndex(where: { $0.name == label && !$0.isVariadic }) else {
          throw wrongLabel(label, index, builtin.function)
        }
        guard values[place].isNothing else { throw twice(label, index, builtin.function) }
        values[place] = value
      } else if next < parameters.count, parameters[next].isVariadic {
        rest.append(value)
      } else {
        while next < parameters.count, !values[next].isNothing { next += 1 }
        guard next < parameters.count else { throw wrongCount(given.count, builtin.function) }
        if parameters[next].isVariadic {
          rest.append(value)
        } else {
          values[next] = value
          next += 1
        }
      }
    }
    for (index, parameter) in parameters.enumerated() where values[index].isNothing && !parameter.isVariadic {
      guard let fallback = parameter.fallback else {
        if given.isEmpty { throw wrongCount(0, builtin.function) }
        throw machine.failure(
          "E0302", "\(builtin.name) is called without \(parameter.name)", at: site,
          notes: [.init("signature", builtin.signature)])
      }
      values[index] = fallback.value
    }
    do {
      return try builtin.body(
        BuiltinCall(builtin: builtin, machine: machine, site: self, values: values, rest: rest))
    } catch let error as ShapeError {
      throw shapeFault(error, builtin.name, given)
    } catch let problem as BuiltinProblem {
      throw failure(problem, builtin)
    } catch let failure as Fault {
      throw failure.at(site)
    }
  }

  func shapeFault(_ error: ShapeError, _ name: String, _ given: [Value]) -> Fault {
    let operands = zip(arguments, given).map { Operand($0.value, $1, source) }
    return machine.shapeFault(error, operands, doing: name, at: site)
  }

  private func failure(_ problem: BuiltinProblem, _ builtin: Builtin) -> Fault {
    var notes = problem.notes
    if problem.code.hasPrefix("E030") { notes.append(.init("signature", builtin.signature)) }
    return machine.failure(
      problem.code, problem.message, at: problem.parameter.map { site(ofArgument: $0) } ?? site,
      suggestions: problem.suggestions, notes: notes)
  }
}
