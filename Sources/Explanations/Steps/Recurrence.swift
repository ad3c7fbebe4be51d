import Display
import Language
import Networks
import Tensors

/// Lines that are run for one number after another: a loop over time steps, or an equation in which a sequence follows from itself.
struct Recurrence {
  struct Equation {
    let name: String
    /// What is added to the loop's variable: 1 in `θ[t+1] = …`; nil for a plain name.
    let offset: Int?
    let value: Expression
    let line: Int
  }

  /// The loop's variable.
  let letter: String
  let times: [Int]
  let equations: [Equation]
  let around: Surroundings
  /// The value that goes on: it names the steps.
  let main: String
  private let sequences: [String: (Int) -> Value?]

  init?(_ origin: Origin, _ versions: [Version], _ around: Surroundings) {
    self.init(
      origin.statement, around, line: origin.line, main: versions.last?.name ?? "",
      sequences: { name in
        // What nothing else used is still what the session has, if the same line bound it.
        let known = versions.first { $0.name == name }
        guard let version = known ?? around.interpreter.version(of: name), known != nil || version.origin === origin,
          case .sequence(let sequence) = version.value
        else { return nil }
        return ({ sequence[$0] }, sequence.numbers, sequence.firstNumbers)
      })
  }

  /// - Parameter sequences: the values of a name by their numbers, all numbers, those that were given first.
  init?(
    _ statement: Statement, _ around: Surroundings, line: Int, main: String,
    sequences lookUp: (String) -> (values: (Int) -> Value?, numbers: Range<Int>, first: Range<Int>)?
  ) {
    self.around = around
    self.main = main
    let firstLine = around.source.lineNumber(at: statement.range.start)
    func number(_ range: SourceRange) -> Int { line + around.source.lineNumber(at: range.start) - firstLine }
    var equations: [Equation] = []
    var sequences: [String: (Int) -> Value?] = [:]
    switch statement.kind {
    case .forLoop(let names, let range, let block):
      guard names.count == 1, let numbers = around.tensor(range), numbers.rank == 1, numbers.count > 0 else {
        return nil
      }
      letter = names[0].text
      times = numbers.elements.map { Int($0) }
      for inner in block.statements {
        // What is more than bindings is followed line by line.
        guard case .bind(let targets, let values, _) = inner.kind else { return nil }
        let parts = values.count == targets.count ? values : targets.indices.map { values[0].taking("[\($0)]") }
        for (target, value) in zip(targets, parts) {
          guard let name = target.root else { continue }
          if case .indexed(_, let places, _) = target {
            guard case .index(let own, let offset)? = places.first?.kind, own.text == names[0].text,
              let found = lookUp(name)
            else { return nil }
            sequences[name] = found.values
            equations.append(Equation(name: name, offset: offset, value: value, line: number(inner.range)))
          } else {
            equations.append(Equation(name: name, offset: nil, value: value, line: number(inner.range)))
          }
        }
      }
    case .bind(let targets, let values, _):
      guard targets.count == 1, values.count == 1, case .indexed(let name, let places, _) = targets[0],
        case .index(let own, let offset)? = places.first?.kind, let found = lookUp(name.text)
      else { return nil }
      letter = own.text
      let computed = found.numbers.filter { !found.first.contains($0) }
      let isDownward = !found.first.isEmpty && (computed.first ?? 0) < found.first.lowerBound
      times = (isDownward ? computed.reversed() : computed).map { $0 - offset }
      sequences[name.text] = found.values
      equations.append(Equation(name: name.text, offset: offset, value: values[0], line: number(statement.range)))
    default: return nil
    }
    guard !equations.isEmpty, equations.contains(where: { $0.offset != nil }), !times.isEmpty else { return nil }
    self.equations = equations
    self.sequences = sequences
  }

  /// The steps, one for each pass, and where they begin.
  func entries(_ maker: WalkMaker) -> (start: String?, entries: [WalkMaker.Entry]) {
    let last =
      equations.last { $0.offset != nil && ($0.name == main || !equations.contains { $0.name == main }) }
      ?? equations[equations.count - 1]
    let offset = last.offset ?? 0
    let first = "\(last.name)[\(times[0] + offset - 1)]"
    return (
      first,
      times.indices.map { index in
        WalkMaker.Entry(name: "\(last.name)[\(times[index] + offset)]") { title in step(index, title, last) }
      }
    )
  }

  var lines: String {
    let (low, high) = (equations.map(\.line).min() ?? 0, equations.map(\.line).max() ?? 0)
    return low == high ? "line \(low)" : "lines \(low) to \(high)"
  }

  private func step(_ index: Int, _ title: Title, _ last: Equation) -> Step {
    let pass = Pass(self, index)
    let count = equations.count == 1 ? "" : "\(equations.count) equations, "
    let place = isOfLayer ? "" : equations.count == 1 ? lines : count + lines
    let words =
      "\(letter) = \(times[index])" + (isOfLayer && equations.count > 1 ? ", \(equations.count) equations" : "")
    var step = Step(title, words + (place.isEmpty ? "" : ", \(place)")) { style in
      pass.overview(style)
    }
    step.names = pass.names
    step.example = pass.value(last).map { "\(last.name)[\(times[index] + (last.offset ?? 0))\(pass.lastUnit($0))]" }
    step.inners = [("", { pass.walk })]
    return step
  }

  /// Whether it is what a layer does: lines that nobody typed.
  var isOfLayer: Bool { around.origin == nil }

  /// Each of its sequences as a name: `h[0]`, `h[-1]`.
  var wholeSequences: [(name: String, value: Value)] {
    guard let first = times.first, let last = times.last else { return [] }
    return sequences.keys.sorted().compactMap { name in
      let numbers = (min(first, last) - 1...max(first, last) + 1).filter { value(name, $0) != nil }
      guard let start = numbers.first else { return nil }
      return (name, .sequence(ValueSequence(numbers.compactMap { value(name, $0) }, from: start)))
    }
  }

  func value(_ name: String, _ number: Int) -> Value? { sequences[name]?(number) }
  func isSequence(_ name: String) -> Bool { sequences[name] != nil }
}
