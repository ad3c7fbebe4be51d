import Networks
import Tensors

/// What an explanation asks about the parts of a line: their values and the ranges of their letters.
extension Interpreter {
  /// The range of an index letter, and where in the text the letter is introduced.
  package typealias LetterRange = (name: String, start: Int, range: Range<Int>)

  /// What a part of a text gives where some names mean given values, sequences as sequences; nothing changes.
  ///
  /// - Parameter origin: the remembered statement the part belongs to, whose other names mean what they meant then.
  package func value(
    of expression: Expression, in source: SourceText, where names: [(name: String, value: Value)],
    within origin: Origin?
  ) throws(Diagnostic) -> Value {
    let machine = machine
    return try machine.answering {
      try machine.withNames(of: origin) {
        try machine.withLocals(names) { scope in
          try Lowering(machine: machine, source: source).expression(expression, scope)
        }
      }
    }
  }

  /// The ranges of the letters of an index equation, or of a sum where `letters` is empty.
  package func ranges(
    of expression: Expression, in source: SourceText, letters: [Name], stated: [Index],
    where names: [(name: String, value: Value)], within origin: Origin?
  ) throws(Diagnostic) -> [LetterRange] {
    let machine = machine
    return try machine.answering {
      var found: [LetterRange] = []
      _ = try machine.withNames(of: origin) {
        try machine.withLocals(names) { scope in
          let table = IndexTable()
          var lowering = IndexedLowering(Lowering(machine: machine, source: source), scope, table)
          for letter in letters {
            let range = stated.first { $0.name == letter }?.range
            lowering = try lowering.binding(Index(letter, in: range), isOnLeft: true).0
          }
          if letters.isEmpty, case .big(let op, let indices, let body) = expression.kind {
            _ = try lowering.sum(op, indices, body, expression)
          } else {
            _ = try lowering.lower(expression)
          }
          return { frame in
            let run = IndexedRun(machine: machine, source: source, frame: frame, table: table)
            try run.findRanges()
            for entry in table.entries {
              if let range = run.ranges[entry.id] { found.append((entry.name.text, entry.name.range.start, range)) }
            }
            return .nothing
          }
        }
      }
      return found
    }
  }

  /// What calling a function, a network or a built-in gives.
  package func call(_ function: Value, _ arguments: [Value], labels: [String?] = []) throws(Diagnostic) -> Value {
    let machine = machine
    return try machine.answering {
      let site = CallSite(
        machine: machine, source: SourceText("call"), range: SourceRange(0, 4),
        callee: Expression(.name("call"), SourceRange(0, 4)), arguments: [])
      return labels.isEmpty ? try site.apply(function, arguments) : try site.apply(function, arguments, labels)
    }
  }

  package var elementType: ElementType { machine.elementType }
}

extension Origin {
  /// What it read of a global name; nil if it did not, or if the name was built in.
  package func version(of name: String) -> Version? {
    for use in uses { if let version = use.version, version.cell != nil, version.name == name { return version } }
    return nil
  }

  /// The number of the line in which a part of it stands.
  package func line(of range: SourceRange) -> Int {
    source.lineNumber(at: range.start)
  }
}

extension Value {
  /// The numbers that the value is, of its own precision.
  package func numbers(_ type: ElementType) -> Tensor? {
    if case .sequence(let sequence) = self { return sequence.whole(type).tensor(type) }
    return tensor(type)
  }
}

extension Machine {
  /// Runs `body` where global names mean what they meant to a remembered statement.
  fileprivate func withNames(of origin: Origin?, _ body: () throws -> Value) throws -> Value {
    guard let origin else { return try body() }
    var cells: [(cell: Cell, value: Value, version: Version?)] = []
    for use in origin.uses {
      if let version = use.version, let cell = version.cell, !version.isForgotten {
        cells.append((cell, version.value, version))
      }
    }
    random = origin.random
    return try with(cells, of: origin, body)
  }

  /// Runs code lowered where some names have values.
  fileprivate func withLocals(
    _ names: [(name: String, value: Value)], _ lower: (Scope) throws -> Code
  ) throws -> Value {
    let scope = Scope(outer: nil, isFunction: false)
    let slots = names.map { scope.declare($0.name, isFilled: true) }
    let code = try lower(scope)
    return try Frame.with(scope.slotCount) { frame in
      for (slot, (_, value)) in zip(slots, names) { frame[slot] = value }
      return try code(frame)
    }
  }
}

extension Interpreter {
  /// The function of the language that a layer of a network is; nil for those of the engine.
  package func function(of layer: FunctionLayer) -> Value? {
    (layer.origin as? Caller).map { .function($0.function) }
  }
}

extension NetworkValue {
  /// One layer as a network.
  package init(layer: any Layer) { self.init(Network([layer])) }
}

extension Interpreter {
  /// The version of a sequence in which one of its values was given or computed.
  package func source(of number: Int, in version: Version) -> Version { Lineage.source(of: number, in: version) }
}
