import Display
import KernelInterface
import Tensors

/// The language at work: text in, documents out, names kept in between.
///
/// One interpreter lives on one thread. It reads an input, runs its statements one at a time, and hands every echo and everything
/// printed to `output` as it comes, so that a long loop shows what it does. A statement that fails leaves every name as it was and
/// gives its random draws back.
///
/// ```swift
/// let interpreter = Interpreter(settings: Settings())
/// interpreter.output = { print(PlainWriter(.plain).write($0), terminator: "") }
/// interpreter.evaluate("x = [1, 2; 3, 4]")        // .done, after the echo
/// ```
package final class Interpreter {
  /// How an input ended.
  package enum Outcome {
    case done
    /// Something is wrong; the text is that to which the diagnostic's ranges refer, often but not always the input.
    case failed(Diagnostic, SourceText)
    /// More lines could make it right.
    case incomplete
    /// A line for the shell, with its `:` or `?`.
    case command(String)
  }

  /// What is known of a bound name.
  package struct BoundName {
    package let name: String
    /// `tensor`, `number`, `function`, …
    package let kind: String
    /// `[2, 3]`, `f(x, η: 0.1)`, `131 parameters`; empty where there is nothing to say.
    package let shape: String
    package let byteCount: Int
    /// The input that bound it.
    package let line: Int
  }

  let machine: Machine
  /// The inputs accepted so far; the next one is `line + 1`.
  package private(set) var line = 0

  package init(settings: Settings = Settings()) {
    machine = Machine(settings: settings)
    if let bytes = settings.memoryLimit { MemoryLimit.setForThread(bytes: bytes) }
  }

  /// Whether the value of an expression is echoed as that of `ans`, as at the prompt; else it stands alone.
  package var namesAnswers = true

  deinit { machine.clearAll() }

  /// Called with everything that is to be shown, in order.
  package var output: (Document) -> Void {
    get { machine.output }
    set { machine.output = newValue }
  }

  /// When whatever runs is stopped, with an error; nil for never.
  package var deadline: ContinuousClock.Instant? {
    get { machine.deadline }
    set { machine.deadline = newValue }
  }

  /// Called while a network is trained, several times a second at most.
  package var progress: (TrainingProgress) -> Void {
    get { machine.progress }
    set { machine.progress = newValue }
  }

  package var settings: Settings {
    get { machine.settings }
    set {
      if newValue.seed != machine.settings.seed { machine.random = RandomGenerator(seed: newValue.seed) }
      if newValue.memoryLimit != machine.settings.memoryLimit, let bytes = newValue.memoryLimit {
        MemoryLimit.setForThread(bytes: bytes)
      }
      machine.settings = newValue
      machine.watch()
    }
  }

  /// Whether a text could become right by more lines.
  package func isIncomplete(_ text: String) -> Bool { Parser.parse(SourceText(text)).isIncomplete }

  /// Runs one input, one line or several.
  ///
  /// - Parameters:
  ///   - text: what was typed.
  ///   - path: the file it comes from; what is typed has none.
  ///   - firstLine: the number of its first line in that file.
  @discardableResult
  package func evaluate(_ text: String, named path: String? = nil, firstLine: Int? = nil) -> Outcome {
    evaluate(bytes: Array(text.utf8), named: path, firstLine: firstLine)
  }

  /// Runs one input given as bytes, which need not be UTF-8.
  @discardableResult
  package func evaluate(bytes: [UInt8], named path: String? = nil, firstLine: Int? = nil) -> Outcome {
    let number = line + 1
    let source = SourceText(bytes: bytes, firstLine: firstLine ?? (path == nil ? number : 1), path: path)
    let program = Parser.parse(source)
    if program.isIncomplete { return .incomplete }
    if let diagnostic = program.diagnostics.first { return .failed(diagnostic, source) }
    for statement in program.statements {
      if case .command(let text) = statement.kind { return .command(text) }
      let shown = firstLine == nil && path == nil ? number : source.lineNumber(at: statement.range.start)
      let origin = Origin(line: shown, source: source, statement: statement, random: machine.random)
      do {
        try run(statement, origin)
        line = number
      } catch let failure as Fault {
        if failure.isStop { Interrupt.clear() }
        if let kept = machine.kept, case .bind(let targets, _, _) = statement.kind, targets.count == 1,
          case .name(let name) = targets[0]
        {
          _ = try? machine.transaction(origin) {
            machine.bind(machine.cell(name.text), kept)
            return kept
          }
        }
        return .failed(failure.diagnostic, failure.source ?? source)
      } catch {
        return .failed(Diagnostic("E0999", "\(error)", at: statement.range), source)
      }
    }
    return .done
  }

  private func run(_ statement: Statement, _ origin: Origin) throws {
    let source = origin.source
    let scope = Scope(outer: nil, isFunction: false)
    let value = try machine.transaction(origin) {
      let (code, reads) = try machine.reading {
        try Lowering(machine: machine, source: source).statement(statement, scope)
      }
      let value = try Frame.with(scope.slotCount) { frame in
        machine.begin(origin, reads, code, scope, frame)
        return try code(frame)
      }
      if case .expression = statement.kind, !value.isNothing { machine.bind(machine.cell("ans"), value) }
      return value
    }
    guard !statement.isSilenced else { return }
    switch statement.kind {
    case .expression:
      if case .expression(let expression) = statement.kind, !value.isNothing {
        // A name alone is shown as itself.
        machine.echo(namesAnswers ? expression.name?.text ?? "ans" : nil, value, after: statement)
      }
    case .bind(let targets, _, _):
      var shown: Set<String> = []
      for target in targets where shown.insert(target.rootName).inserted {
        var (name, shown) = (target.rootName, machine.cell(target.rootName).value)
        if case .indexed(_, let places, _) = target, places.count == 1, case .sequence(let sequence) = shown {
          // A first value is shown by itself.
          switch places[0].kind {
          case .index: break
          case .integer, .value:
            let number = machine.lastPlace
            if let value = sequence[number] { (name, shown) = ("\(name)[\(number)]", value) }
          }
        }
        machine.echo(name, shown, after: statement)
      }
    case .forLoop(let names, _, let block): machine.echo(loopOver: names[0].text, block)
    default: break
    }
  }

  /// The inputs a text is made of: each a line, or the lines that belong together, with the number of its first line.
  package static func inputs(of text: String) -> [(text: String, line: Int)] {
    var inputs: [(text: String, line: Int)] = []
    var pending: [Substring] = []
    var start = 1
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if pending.isEmpty {
        start = index + 1
        if line.allSatisfy({ $0 == " " || $0 == "\t" || $0 == "\r" }) { continue }
      }
      pending.append(line)
      let input = pending.joined(separator: "\n")
      if index + 1 < lines.count, Parser.parse(SourceText(input)).isIncomplete { continue }
      inputs.append((input, start))
      pending = []
    }
    return inputs
  }

  /// What an expression gives, tried out without any effect: its shape in a few characters, or why it fails.
  package func outline(of expression: Expression, in source: SourceText) -> (outline: String?, failure: Diagnostic?) {
    var failure: Diagnostic?
    let outline = machine.trial {
      do {
        let scope = Scope(outer: nil, isFunction: false)
        let code = try Lowering(machine: machine, source: source).expression(expression, scope)
        return try Frame.with(scope.slotCount, code).outline
      } catch let fault as Fault {
        failure = fault.diagnostic
        throw fault
      }
    }
    return (outline, failure)
  }

  // MARK: Names

  /// Every name bound by the user, in the order of their letters.
  package var names: [BoundName] {
    machine.cells.values.filter { $0.origin != nil && !$0.value.isNothing }.sorted { $0.name < $1.name }.map { cell in
      BoundName(
        name: cell.name, kind: cell.value.kind, shape: cell.value.summary, byteCount: cell.value.byteCount,
        line: cell.origin?.line ?? 0)
    }
  }

  /// What a name is bound to, built-in or not.
  package func value(named name: String) -> Value? {
    let value = machine.cells[name]?.value ?? BuiltinCatalogue.value(named: name) ?? .nothing
    if case .sequence(let sequence) = value { return sequence.whole(machine.elementType) }
    return value.isNothing ? nil : value
  }

  /// The line that bound a name.
  package func origin(of name: String) -> Origin? { machine.cells[name]?.origin }

  /// Takes a binding away; false if there is none. A built-in gets its meaning back.
  @discardableResult
  package func clear(_ name: String) -> Bool { machine.clear(name) }

  /// Takes every binding away.
  package func clearAll() {
    for name in names.map(\.name) { _ = machine.clear(name) }
  }

  /// The echo of a value under a name, as `:vars` and help show it.
  package func echo(_ value: Value, named name: String?) -> Document {
    ValueText(value, machine).document(name: name, machine.style)
  }

  // MARK: Going back

  /// A moment to which the interpreter can go back.
  package struct Moment {
    let steps: Int
    let line: Int
    let random: RandomGenerator
    let settings: Settings
  }

  /// Whether what statements do is remembered, so that it can be taken back.
  package var remembersSteps: Bool {
    get { machine.changes.isKept }
    set { machine.changes.isKept = newValue }
  }

  /// Lets go what is kept of earlier inputs; moments before this one are out of reach.
  package func forgetSteps() { machine.changes.forget() }

  /// This moment; good while `remembersSteps` stays on and the memory it needs is not given up.
  package var moment: Moment {
    Moment(steps: machine.changes.end, line: line, random: machine.random, settings: settings)
  }

  /// Makes names, settings, random numbers and the count of lines what they were; false if that is too long ago.
  @discardableResult
  package func goBack(to moment: Moment) -> Bool {
    guard machine.goBack(to: moment.steps) else { return false }
    settings = moment.settings
    machine.random = moment.random
    line = moment.line
    return true
  }

  /// The names that were bound or forgotten since a moment, but `ans`.
  package func changes(since moment: Moment) -> [String] { machine.changes.names(since: moment.steps) }

  /// Whether nothing at all has happened since a moment.
  package func isUnchanged(since moment: Moment) -> Bool {
    machine.changes.end == moment.steps && machine.random == moment.random && settings == moment.settings
  }

  /// Runs `body` on a thread whose stack is large enough for deep recursion, and waits for it.
  ///
  /// The stack is reserved, not touched: memory is used as far as calls really nest.
  package static func onLargeStack(_ body: () -> Void) { Stack.run(1 << 30, body) }
}
