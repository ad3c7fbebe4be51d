import Display
import Language
import Networks
import Tensors

/// Makes walks: through the lines that led to a value, the statements of a function, the layers of a network.
package struct WalkMaker {
  let interpreter: Interpreter

  package init(_ interpreter: Interpreter) { self.interpreter = interpreter }

  /// A step that is not made yet: its name in the path, and what makes it from its title.
  struct Entry {
    var name: String
    var make: (_ title: Title) -> Step
  }

  /// The walk to the value of an expression.
  /// - Throws: E0820 where there is nothing to step through, and what the expression itself throws.
  package func walk(to text: String) throws(Diagnostic) -> Walk {
    let source = SourceText(text)
    let program = Parser.parse(source)
    if let diagnostic = program.diagnostics.first { throw diagnostic }
    guard program.statements.count == 1, case .expression(let expression) = program.statements[0].kind else {
      throw Diagnostic(
        "E0820", "a stepper goes to the value of an expression",
        suggestions: [.init(.try, ":step y", remark: "y a name of yours")])
    }
    let around = Surroundings(interpreter: interpreter, source: source)
    if let name = expression.name?.text {
      try checkSteps(to: name)
      guard let ancestry = interpreter.ancestry(of: name) else { throw nothing(name) }
      let (start, entries) = try entries(of: ancestry)
      guard !entries.isEmpty else { throw nothing(name) }
      return Self.walk(from: start, entries)
    }
    let value = try interpreter.value(of: expression, in: source)
    if let inner = callWalk(expression, around) { return inner }
    guard expression.children.count > 0, value.numbers != nil || expression.children.count > 1 else {
      throw nothing(text)
    }
    var (start, entries) = ("", [Entry]())
    for name in expression.freeNames {
      guard let ancestry = interpreter.ancestry(of: name), let found = try? self.entries(of: ancestry) else { continue }
      if start.isEmpty { start = found.entries.isEmpty ? name : found.start }
      for entry in found.entries where !entries.contains(where: { $0.name == entry.name }) { entries.append(entry) }
    }
    let last = entry("ans", expression, value, around, statement: text, isLast: true)
    return Self.walk(from: start, entries + [last])
  }

  private func checkSteps(to name: String) throws(Diagnostic) {
    guard let value = interpreter.value(named: name) else {
      let near = Spelling.nearest(to: name, in: interpreter.names.map(\.name))
      throw Diagnostic("E0101", "no name \(name)", suggestions: near.map { [.init(.try, ":step \($0)")] } ?? [])
    }
    switch value {
    case .network:
      throw Diagnostic(
        "E0820", "\(name) is a network: a stepper goes through what it does with an input",
        suggestions: [.init(.try, ":step \(name)(X)", remark: "X the input")])
    case .function(let function):
      throw Diagnostic(
        "E0820", "\(name) is a function: a stepper goes through what it does with its arguments",
        suggestions: [.init(.try, ":step \(name)(\(function.parameterNames.joined(separator: ", ")))")])
    default: break
    }
  }

  private func nothing(_ text: String) -> Diagnostic {
    let others = interpreter.names.filter { name in
      interpreter.origin(of: name.name).map { !Ancestry.inputs(of: $0).isEmpty } ?? false
    }.sorted { $0.line > $1.line }
    return Diagnostic(
      "E0820", "\(text) was not computed from other values: there is nothing to step through",
      suggestions: others.first.map { [.init(.try, ":step \($0.name)", remark: "computed by line \($0.line)")] } ?? [])
  }

  static func walk(from start: String, _ entries: [Entry]) -> Walk {
    let names = (start.isEmpty ? [] : [start]) + entries.map(\.name)
    let offset = start.isEmpty ? 0 : 1
    return Walk(
      count: entries.count,
      place: { entries.place(of: $0) }
    ) { index in
      entries[index].make(.path(names, index + offset))
    }
  }

  // MARK: Lines

  /// The lines behind a value as steps, each time step of a loop a step of its own, and the value that the first one begins with.
  func entries(of ancestry: Ancestry) throws(Diagnostic) -> (start: String, entries: [Entry]) {
    let lines = ancestry.origins.filter {
      !$0.isForgotten && (!Ancestry.inputs(of: $0).isEmpty || $0 === ancestry.root.origin && computes($0))
    }
    var entries: [Entry] = []
    var start = ""
    for (origin, versions) in ancestry.versions(along: lines) {
      let around = Surroundings(interpreter: interpreter, source: origin.source, origin: origin)
      if start.isEmpty {
        // What the numbers of the problem are called, if that can be told from their names.
        let used = Ancestry.inputs(of: origin)
        start = (used.first { LeafKind.of($0, in: ancestry) == .samples } ?? used.first)?.name ?? ""
      }
      if let passes = Recurrence(origin, versions, around)?.entries(self) {
        if entries.isEmpty, let first = passes.start { start = first }
        entries += passes.entries
        continue
      }
      if origin.statement.isLoopOrChoice, let trace = Trace([origin.statement], around) {
        entries += self.entries(trace.lines)
        continue
      }
      for version in versions where version.value.numbers != nil {
        let isLast = version === ancestry.root
        if let written = origin.statement.expression(for: version.name) {
          let draws = around.namingDraws(of: written)
          let (expression, around) = (draws.expression, draws.around)
          entries.append(
            entry(
              version.name, expression, version.value, around, statement: origin.text, isLast: isLast,
              equation: origin.statement.places(of: version.name),
              // What was bound again since is no longer what can be asked for.
              isLocal: interpreter.version(of: version.name) !== version))
        } else if case .bind(_, let values, _) = origin.statement.kind, values.count == 1 {
          entries.append(partEntry(version.name, values[0], version.value, around, origin.text))
        } else {
          entries.append(plainEntry(version.name, version.value, around, statement: origin.text))
        }
      }
    }
    // A single line that calls a network or a function is what it does.
    if entries.count == 1, let last = ancestry.origins.last,
      let expression = last.statement.expression(for: ancestry.root.name),
      let inner = callEntries(expression, Surroundings(interpreter: interpreter, source: last.source, origin: last))
    {
      return inner
    }
    return (start, entries)
  }

  /// Whether a line without names computes something that can be seen: `softmax([1, 2])`, not `randn(3)`.
  private func computes(_ origin: Origin) -> Bool {
    let around = Surroundings(interpreter: interpreter, source: origin.source, origin: origin)
    return origin.statement.expressions.contains { expression in
      expression.nestedCalls.contains { call in
        guard case .call(let callee, _) = call.kind else { return false }
        switch around.value(callee) {
        case .network?: return true
        case .function(let function)?:
          guard case .builtin(let builtin) = function.kind else { return true }
          return [.elementwise, .neural, .losses, .reduce].contains(builtin.theme)
        default: return false
        }
      }
    }
  }

  // MARK: Single steps

  /// The step of a statement `name = expression`.
  func entry(
    _ name: String, _ expression: Expression, _ value: Value, _ around: Surroundings, statement: String,
    isLast: Bool = false, equation places: [Place]? = nil, isLocal: Bool = false
  ) -> Entry {
    Entry(name: name) { title in
      let picture = StepPicture(name: name, expression: expression, value: value, around: around)
      var step = Step(title, statement) { picture.document($0) }
      step.names = around.names + [(name, value)]
      let numbers = value.numbers
      step.example = numbers.map { name.element($0.subscripts()) }
      if let cut = Self.cut(by: expression, value, around) {
        step.remark = { cut.remark($0) }
        if let place = cut.place { step.example = name + place }
      } else if isLast, places == nil, let numbers {
        step.remark = { _ in resultRemark(name, numbers) }
      }
      step.inners = inners(name, expression, value, around, places)
      // What is no name of the session can be asked for only where its terms are inside.
      let isHidden = isLocal || around.origin == nil && !around.names.isEmpty
      if isHidden, places == nil, !step.answersItself,
        name == "ans" || step.inners.isEmpty || !around.isBuiltinCall(expression)
      {
        step.example = nil
      }
      // The terms of a product are what `why` shows.
      if case .call = expression.kind {
      } else {
        step.offersInner = places != nil || expression.nestedCalls.contains { isCallWithSteps($0, around) }
      }
      return step
    }
  }

  /// A statement that binds more than one name, or a loop: what it gave.
  private func plainEntry(_ name: String, _ value: Value, _ around: Surroundings, statement: String) -> Entry {
    Entry(name: name) { title in
      var step = Step(title, statement) { _ in
        Document(around.interpreter.echo(value, named: name).lines.prefix(StepPicture.mostLines).map { $0 }).indented(
          by: 2)
      }
      step.names = around.names + [(name, value)]
      step.example = value.numbers.map { name + $0.subscripts() }
      return step
    }
  }

  /// `two scores for each row, the larger one wins`, if they are a classification's.
  private func resultRemark(_ name: String, _ numbers: Tensor) -> [String] {
    guard numbers.rank == 2 else { return numbers.rank == 0 ? [] : ["\(name) is the result"] }
    let words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    let count = numbers.shape[1] < words.count ? words[numbers.shape[1]] : "\(numbers.shape[1])"
    let noun = numbers.shape[1] == 1 ? "number" : "numbers"
    let isScored = interpreter.names.contains { bound in
      interpreter.origin(of: bound.name)?.statement.calls("cross_entropy", on: name) ?? false
    }
    guard isScored, numbers.shape[1] > 1 else { return ["\(name) is the result: \(count) \(noun) for each row"] }
    return [
      "\(name) is the result: \(count) scores for each row, the \(count == "two" ? "larger" : "largest") one wins"
    ]
  }

  /// What relu cut: how many, and the first one.
  private static func cut(by expression: Expression, _ value: Value, _ around: Surroundings)
    -> (place: String?, remark: (Style) -> [String])?
  {
    guard case .call(let callee, let arguments) = expression.kind, callee.name?.text == "relu", arguments.count == 1,
      let before = around.tensor(arguments[0].value), before.rank > 0, before.count > 0
    else { return nil }
    let elements = before.elements
    let count = elements.count { $0 < 0 }
    guard count > 0, let first = elements.firstIndex(where: { $0 < 0 }) else {
      return (nil, { _ in ["none of \(before.count) was below 0: relu changes nothing here"] })
    }
    let place = before.place(of: first)
    let name = around.text(arguments[0].value)
    let whole = arguments[0].value.name == nil ? "(\(name))" : name
    let verb = count == 1 ? "was below 0 and is 0 now" : "were below 0 and are 0 now"
    return (
      place,
      { style in
        [
          "\(count) of \(before.count) \(verb): \(count == 1 ? "" : "the first is ")\(whole)\(place) = \(style.number(elements[first]))"
        ]
      }
    )
  }
}

extension Tensor {
  /// The subscripts of an element by its row-major number: `[0,1]`.
  func place(of index: Int) -> String {
    var rest = index
    var places: [Int] = []
    for extent in shape.dimensions.reversed() {
      places.insert(rest % extent, at: 0)
      rest /= extent
    }
    return "[" + places.map(String.init).joined(separator: ",") + "]"
  }
}

extension Statement {
  var isLoopOrChoice: Bool {
    switch kind {
    case .forLoop, .whileLoop, .repeatLoop, .conditional: true
    default: false
    }
  }

  /// What a name is bound to by it, where that is one expression.
  func expression(for name: String) -> Expression? {
    switch kind {
    case .expression(let expression): return expression
    case .bind(let targets, let values, _):
      guard targets.count == values.count, let index = targets.firstIndex(where: { $0.root == name }) else {
        return nil
      }
      if case .field = targets[index] { return nil }
      return values[index]
    default: return nil
    }
  }

  /// The indices on the left, where a name is bound element by element.
  func places(of name: String) -> [Place]? {
    guard case .bind(let targets, _, _) = kind else { return nil }
    for case .indexed(let own, let places, _) in targets where own.text == name { return places }
    return nil
  }

  /// Whether it calls a built-in with a name as its first argument.
  func calls(_ function: String, on name: String) -> Bool {
    expressions.contains { expression in
      var isFound = false
      expression.walk { part in
        if case .call(let callee, let arguments) = part.kind, callee.name?.text == function,
          arguments.first?.value.name?.text == name
        {
          isFound = true
        }
      }
      return isFound
    }
  }
}

extension Target {
  /// The name that is bound.
  var root: String? {
    switch self {
    case .name(let name), .indexed(let name, _, _): name.text
    case .field: nil
    }
  }
}

extension Expression {
  /// The names in it, each once, in the order in which they stand; those of indices left out.
  var freeNames: [String] {
    var names: [String] = []
    var letters: Set<String> = []
    walk { part in
      switch part.kind {
      case .name(let name): if !names.contains(name) { names.append(name) }
      case .big(_, let indices, _): for index in indices { letters.insert(index.name.text) }
      default: break
      }
    }
    return names.filter { !letters.contains($0) }
  }
}

extension String {
  /// `2` of `t = 2` and of `h[2]`.
  var timeNumber: String? {
    if hasPrefix("t = ") { return String(dropFirst(4)) }
    guard let open = firstIndex(of: "["), hasSuffix("]") else { return nil }
    return String(self[index(after: open)...].dropLast())
  }

  func replacing(_ part: String, with other: String) -> String { components(part).joined(separator: other) }
}

extension [WalkMaker.Entry] {
  /// The step that what stands behind `goto` means: its name, or its time as in `t=1`.
  func place(of words: String) -> Int? {
    let bare = words.filter { $0 != " " }
    return firstIndex {
      $0.name == words || $0.name.filter { $0 != " " } == bare || "t=" + ($0.name.timeNumber ?? "-") == bare
    }
  }
}
