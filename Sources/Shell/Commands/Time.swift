import Display
import Language

/// `:time EXPR`: how long an input takes.
package enum Time: Command {
  package static let name = "time"
  package static let argument = "EXPR"
  package static let summary = "runs a line and says how long it took"
  package static let details = ["Short lines are run again until 0.2 seconds are full; the shortest run is shown."]

  package static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome {
    let text = argument.trimmed
    guard !text.isEmpty else {
      throw Diagnostic(
        "E0804", ":time wants something to run", suggestions: [.init(.try, ":time randn(500, 500) @ randn(500, 500)")])
    }
    let clock = ContinuousClock()
    let begin = clock.now
    // The first run shows what the line gives; the others only count.
    guard case .done = console.answer(text) else { return .shown(Document()) }
    var best = begin.duration(to: clock.now)
    var runs = 1
    // How often it ran depends on the machine: names, draws and the count of lines are those of one run.
    let after = console.interpreter.moment
    let remembered = console.interpreter.remembersSteps
    console.interpreter.remembersSteps = true
    defer {
      console.interpreter.goBack(to: after)
      console.interpreter.remembersSteps = remembered
    }
    let show = console.show
    console.show = { _ in }
    defer { console.show = show }
    while begin.duration(to: clock.now) < .milliseconds(200), runs < 10_000 {
      let start = clock.now
      guard case .done = console.answer(text) else { break }
      best = min(best, start.duration(to: clock.now))
      runs += 1
    }
    let seconds = Double(best.components.seconds) + Double(best.components.attoseconds) * 1e-18
    let (scale, unit) = seconds >= 1 ? (1, "s") : seconds >= 1e-3 ? (1e3, "ms") : (1e6, "µs")
    let amount = NumberFormat(digits: 3).text(seconds * scale)
    let remark = runs == 1 ? "one run" : "the shortest of \(NumberFormat.count(runs)) runs"
    return .shown(Document(["  \(amount, .result) \(unit)   \(remark, .dim)"]))
  }
}
