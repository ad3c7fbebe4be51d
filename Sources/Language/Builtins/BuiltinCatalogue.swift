#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Every built-in, by theme. What is not in this list does not exist for the language, help and the tests.
package enum BuiltinCatalogue {
  /// The built-ins in the order of help.
  package static let all: [Builtin] =
    make + shape + elementwise + reduce + algebra + neural + losses + metrics + data + files + words + plots + layers
    + training
    + optimizers + schedules
    + derivatives + output

  /// The numbers with a name.
  package static let constants: [(name: String, value: Double)] = [
    ("π", .pi), ("pi", .pi), ("e", M_E), ("∞", .infinity), ("inf", .infinity), ("nan", .nan), ("true", 1), ("false", 0),
  ]

  /// Second names: `σ` is `sigmoid`.
  package static let aliases: [(name: String, of: String)] = [("σ", "sigmoid")]

  private static let byName: [String: Builtin] = {
    var table: [String: Builtin] = [:]
    for builtin in all { table[builtin.name] = builtin }
    for alias in aliases { table[alias.name] = table[alias.of] }
    return table
  }()

  /// The built-in of this name.
  package static func builtin(named name: String) -> Builtin? { byName[name] }

  package static var names: [String] { Array(byName.keys) + constants.map(\.name) }

  /// What a name means that nobody has bound.
  static func value(named name: String) -> Value? {
    if let builtin = byName[name] { return .function(builtin.function) }
    return constants.first { $0.name == name }.map { .number($0.value) }
  }
}
