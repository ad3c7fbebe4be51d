import Language
import Networks
import Tensors

/// What the answers of this room ask of a session.
extension Interpreter {
  /// What a name is bound to.
  /// - Throws: E0101 with the nearest name.
  func bound(_ name: String, for command: String) throws(Diagnostic) -> Value {
    if names.contains(where: { $0.name == name }), let value = value(named: name) { return value }
    if value(named: name) != nil {
      throw Diagnostic("E0830", "\(name) is built in, and \(command) is about what your lines have bound")
    }
    let near = Spelling.nearest(to: name, in: names.map(\.name))
    throw Diagnostic("E0101", "no name \(name)", suggestions: near.map { [.init(.try, "\(command) \($0)")] } ?? [])
  }

  /// What a name means that nobody has bound.
  func builtin(_ name: String) -> Value? {
    names.contains { $0.name == name } ? nil : value(named: name)
  }

  /// What an expression gives; an error without the places of a text that nobody typed.
  func value(of expression: Expression, in source: SourceText, strippingPlaces: Bool) throws(Diagnostic) -> Value {
    do throws(Diagnostic) {
      return try value(of: expression, in: source)
    } catch {
      throw error.withoutPlaces
    }
  }

  /// A loss by its name or as the user's own function.
  func loss(_ value: Value) throws(Diagnostic) -> any Loss {
    guard case .function(let function) = value else {
      throw Diagnostic("E0804", "loss: wants a loss such as mse, this is \(value.article)")
    }
    if let loss = Self.loss(named: function.name) { return loss }
    return self.loss(calling: function)
  }

  static func loss(named name: String) -> (any Loss)? {
    guard let kind = LossCatalogue.loss(named: name),
      let arguments = try? Arguments([.number(0), .number(0)], for: kind.card)
    else { return nil }
    return kind.init(arguments)
  }

  /// The leaves that a value may be changed by: what was typed or drawn, without samples, labels and constants of loops.
  func parameters(of ancestry: Ancestry) throws(Diagnostic) -> [Version] {
    let numbers = ancestry.givenValues.filter { !$0.value.tensors.isEmpty && $0 !== ancestry.root }
    let free = numbers.filter { !LeafKind.isData($0, in: ancestry) }
    let leaves = free.isEmpty ? numbers.filter { LeafKind.of($0, in: ancestry) != .labels } : free
    guard !leaves.isEmpty else {
      if ancestry.isIncomplete {
        throw Diagnostic("E0707", "not all that led to \(ancestry.root.name) is remembered")
      }
      throw Diagnostic(
        "E0834", "\(ancestry.root.name) was not computed from other names, so there is nothing to change",
        notes: ancestry.origins.last.map { [.init("line \($0.line)", $0.text)] } ?? [])
    }
    return leaves
  }
}

extension Ancestry {
  /// The leaves; but a network's weights are its own, whatever they were copied from.
  var givenValues: [Version] {
    var seen: Set<ObjectIdentifier> = [ObjectIdentifier(root)]
    var found: [Version] = []
    var pending = [root]
    while let version = pending.popLast() {
      guard let origin = version.origin else { continue }
      for input in Self.inputs(of: origin) where seen.insert(ObjectIdentifier(input)).inserted {
        if case .network = input.value, !input.value.tensors.isEmpty {
          found.append(input)
        } else if Self.isLeaf(input) {
          found.append(input)
        } else {
          pending.append(input)
        }
      }
    }
    return found.sorted { $0.order < $1.order }
  }
}

/// What a leaf of a computation is for, as far as its name, its line and its use tell.
enum LeafKind {
  case labels, samples, parameter

  static func isData(_ version: Version, in ancestry: Ancestry) -> Bool { of(version, in: ancestry) != .parameter }

  static func of(_ version: Version, in ancestry: Ancestry) -> LeafKind {
    if isLabels(version, in: ancestry) { return .labels }
    let name = version.name
    if name.first == "x" || name.first == "X" { return .samples }
    if let text = version.origin?.text, text.contains("iris()") || text.contains("digits()") || text.contains(".x") {
      return .samples
    }
    if case .dataset = version.value { return .samples }
    return .parameter
  }

  /// Whether it is only ever used as the target of a loss.
  private static func isLabels(_ version: Version, in ancestry: Ancestry) -> Bool {
    var isTarget = false
    for origin in ancestry.origins where Ancestry.inputs(of: origin).contains(where: { $0 === version }) {
      for expression in origin.statement.expressions {
        for use in expression.uses(of: version.name) {
          guard use else { return false }
          isTarget = true
        }
      }
    }
    return isTarget
  }
}

extension Statement {
  /// The expressions on its right side; of a loop none.
  var expressions: [Expression] {
    switch kind {
    case .expression(let expression): [expression]
    case .bind(_, let values, _): values
    default: []
    }
  }
}

extension Expression {
  /// For each place where a name is read: whether it is the second argument of a loss.
  fileprivate func uses(of name: String, asTarget isTarget: Bool = false) -> [Bool] {
    if case .name(let own) = kind { return own == name ? [isTarget] : [] }
    if case .call(let callee, let arguments) = kind, case .name(let function) = callee.kind,
      LossCatalogue.loss(named: function) != nil
    {
      return arguments.enumerated().flatMap { $1.value.uses(of: name, asTarget: $0 == 1 || $1.label?.text == "target") }
    }
    return children.flatMap { $0.uses(of: name) }
  }
}

extension Diagnostic {
  /// The same without places, where the text that was read is not the one that was typed.
  package var withoutPlaces: Diagnostic {
    var copy = self
    copy.range = nil
    copy.labels = []
    return copy
  }
}

extension String {
  /// Its words, split at spaces that stand outside of brackets.
  var words: [String] {
    var words: [String] = []
    var word = ""
    var depth = 0
    for character in self {
      if "([".contains(character) { depth += 1 }
      if ")]".contains(character) { depth -= 1 }
      if character == " ", depth <= 0 {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        word.append(character)
      }
    }
    return word.isEmpty ? words : words + [word]
  }
}

extension Shape {
  /// The shape with n for the batch: `[n, 4]`.
  var batched: String {
    "[" + dimensions.enumerated().map { $0 == 0 ? "n" : $1 == 0 ? "t" : "\($1)" }.joined(separator: ", ") + "]"
  }
}
