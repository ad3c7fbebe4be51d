import Display
import KernelInterface
import Language
import Tensors

/// `:set`, `:set NAME VALUE`.
package enum Setting: Command {
  package static let name = "set"
  package static let argument = "[NAME VALUE]"
  package static let summary = "how the session is set, or one setting: precision, seed, digits, threads, memory, ascii"

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let words = argument.split(separator: " ").map(String.init)
    guard let name = words.first else { return .shown(all(console)) }
    guard names.contains(name) else {
      let near = Spelling.nearest(to: name, in: names)
      throw Diagnostic(
        "E0805", "no setting \(name)", suggestions: near.map { [.init(.try, ":set \($0)")] } ?? [],
        notes: [.init("settings", names.joined(separator: "  "))])
    }
    guard words.count > 1 else { return .shown(Document([Line("  \(name.padded(to: 10)) \(value(name, console))")])) }
    try set(name, words[1], console)
    return .shown(Document([Line("  \(name.padded(to: 10)) \(value(name, console))", .dim)]))
  }

  static let names = ["precision", "seed", "digits", "threads", "memory", "ascii", "tolerance"]

  private static func all(_ console: Console) -> Document {
    Document(names.map { "  \($0.padded(to: 10), .dim) \(value($0, console))" })
  }

  private static func value(_ name: String, _ console: Console) -> String {
    let settings = console.settings
    return switch name {
    case "precision": settings.precision.rawValue
    case "seed": "\(settings.seed)"
    case "digits": "\(settings.digits)"
    case "threads": "\(Parallel.threads)"
    case "memory":
      SummaryText.bytes(MemoryLimit.bytes)
        + (MemoryLimit.hasWhole ? ", the most for all together" : ", the most for one tensor")
    case "ascii": settings.ascii ? "on" : "off"
    default: NumberFormat(digits: 3).text(settings.tolerance) + ", for ≈"
    }
  }

  private static func set(_ name: String, _ word: String, _ console: Console) throws(Diagnostic) {
    func wrong(_ expected: String) -> Diagnostic { Diagnostic("E0805", "\(name) is \(expected), not \(word)") }
    switch name {
    case "precision":
      guard let precision = Precision(rawValue: word) else { throw wrong("f64 or f32") }
      console.settings.precision = precision
    case "seed":
      guard let seed = UInt64(word) else { throw wrong("a whole number from 0") }
      // Set anew even to the same number: the draws begin again.
      console.settings.seed = seed &+ 1
      console.settings.seed = seed
    case "digits":
      guard let digits = Int(word), (1...17).contains(digits) else { throw wrong("from 1 to 17") }
      console.settings.digits = digits
    case "threads":
      guard let threads = Int(word), (1...256).contains(threads) else { throw wrong("a number from 1 to 256") }
      try refuseIfPlayed(console, "the threads")
      Parallel.threads = threads
    case "memory":
      guard let bytes = ShellOptions.byteCount(word) else { throw wrong("a size such as 512M or 8G") }
      if bytes > MemoryLimit.bytes { try refuseIfPlayed(console, "more memory") }
      if console.isAlone { MemoryLimit.setWhole(bytes: bytes) }
      console.settings.memoryLimit = bytes
    case "ascii":
      guard ["on", "off"].contains(word) else { throw wrong("on or off") }
      console.settings.ascii = word == "on"
    default:
      guard let tolerance = Double(word), tolerance >= 0 else { throw wrong("a number such as 1e-6") }
      console.settings.tolerance = tolerance
    }
  }

  /// What holds for the whole program is the user's to set, not that of a file somebody sent.
  private static func refuseIfPlayed(_ console: Console, _ what: String) throws(Diagnostic) {
    guard console.settings.isConfined else { return }
    throw Diagnostic(
      "E0805", "a session that is played cannot take \(what)",
      notes: [.init("hint", "nabla --threads and --memory say what it may take")])
  }
}
