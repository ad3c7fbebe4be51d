#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Every built-in, by theme. What is not in this list does not exist for the language, help and the tests.
package enum BuiltinCatalogue {
  /// The built-ins in the order of help; made anew at each call, kept by `Builtins`.
  static func make() -> [Builtin] { [] }

  /// The numbers with a name.
  static let constants: [(name: String, value: Double)] = [
    ("π", .pi), ("pi", .pi), ("e", M_E), ("∞", .infinity), ("inf", .infinity), ("nan", .nan), ("true", 1), ("false", 0),
  ]

  static var names: [String] { [] }
  static func value(named name: String) -> Value? {
    constants.first { $0.name == name }.map { .number($0.value) }
  }
}
