import Tensors

extension Lowering {
  func call(_ callee: Expression, _ arguments: [Argument], _ whole: Expression, _ scope: Scope) throws -> Code {
    let site = CallSite(
      machine: machine, source: source, range: whole.range, callee: callee, arguments: arguments)
    let target = try expression(callee, scope)
    if arguments.count == 1, arguments[0].label == nil {
      return call(target, try expression(arguments[0].value, scope), site)
    }
    let codes = try arguments.map { try expression($0.value, scope) }
    let machine = machine
    if arguments.contains(where: { $0.label != nil }) {
      let labels = arguments.map { $0.label?.text }
      return { frame in
        let function = try target(frame)
        return try site.apply(function, try codes.map { try $0(frame) }, labels)
      }
    }
    let count = codes.count
    return { frame in
      let value = try target(frame)
      if case .function(let function) = value, case .user(let user) = function.kind,
        user.requiredCount <= count, user.parameters.count >= count
      {
        return try machine.run(function, user, site) { inner in
          for index in 0..<count { inner[index] = try codes[index](frame) }
        }
      }
      return try site.apply(value, try codes.map { try $0(frame) })
    }
  }

  /// The call of anything with one argument: the commonest call, without a detour.
  private func call(_ target: @escaping Code, _ code: @escaping Code, _ site: CallSite) -> Code {
    let machine = machine
    return { frame in
      let value = try target(frame)
      guard case .function(let function) = value else { return try site.apply(value, [try code(frame)]) }
      let argument = try code(frame)
      switch function.kind {
      case .user(let user) where user.requiredCount <= 1 && user.parameters.count >= 1:
        return try machine.run(function, user, site) { $0[0] = argument }
      case .builtin(let builtin):
        if let scalar = builtin.scalar, case .number(let number) = argument { return .number(scalar(number)) }
        if let change = builtin.tensorBody, case .tensor(let tensor) = argument {
          do { return Value(try change(tensor)) } catch let error as ShapeError {
            throw site.shapeFault(error, builtin.name, [argument])
          }
        }
      default: break
      }
      return try site.apply(value, [argument])
    }
  }

  func field(_ base: Expression, _ field: Name, _ whole: Expression, _ scope: Scope) throws -> Code {
    let code = try expression(base, scope)
    let (machine, site, name) = (machine, site(whole.range), field.text)
    return { frame in
      let value = try code(frame)
      if case .record(let record) = value, let part = record[name] { return part }
      return try machine.field(name, of: value, at: site)
    }
  }
}

extension Machine {
  /// A field of a value: of a record, and what networks and datasets say of themselves.
  func field(_ name: String, of value: Value, at site: Fault.Site) throws -> Value {
    switch value {
    case .record(let record):
      if let part = record[name] { return part }
    case .network(let network):
      if let part = network.field(name) { return part }
    case .dataset(let dataset):
      if let part = try dataset.field(name, elementType) { return part }
    case .optimizer(let optimizer):
      if let part = optimizer.field(name) { return part }
    case .tensor(let tensor) where name == "shape":
      return .list(tensor.shape.dimensions.map { .number(Double($0)) })
    default: break
    }
    throw noField(name, in: value, at: site)
  }

  func noField(_ name: String, in value: Value, at site: Fault.Site) -> Fault {
    let names: [String] =
      switch value {
      case .record(let record): record.names
      case .network(let network): network.fieldNames
      case .dataset: ["x", "y", "count", "classes"]
      default: []
      }
    var notes = names.isEmpty ? [] : [Diagnostic.Note("fields", names.joined(separator: "  "))]
    if name == "backward" {
      notes.append(.init("derivatives", "∂L/∂w of a loss L by w; :backward L goes the way step by step"))
    }
    return failure(
      "E0111", "\(value.article) has no field \(name)", at: site,
      suggestions: isTrial ? [] : first(of: changes(ofMethod: name, at: site), in: site.source), notes: notes)
  }

  /// Runs a function of the user; `fill` puts the arguments into the first places of its frame.
  @inline(__always)
  func run(
    _ function: Function, _ user: UserFunction, _ site: CallSite?, _ fill: (Frame) throws -> Void
  ) throws -> Value {
    try Frame.with(user.slotCount) { frame in
      try fill(frame)
      do { try enter(function) } catch let fault as Fault { throw site.map { fault.at($0.site) } ?? fault }
      defer { leave() }
      for (_, slot, value) in user.captures { frame[slot] = value }
      if let slot = user.ownSlot { frame[slot] = .function(function) }
      do {
        if user.requiredCount < user.parameters.count {
          for (slot, parameter) in user.parameters.enumerated() where frame[slot].isNothing {
            if let code = parameter.defaultValue { frame[slot] = try code(frame) }
          }
        }
        return try user.body(frame)
      } catch let failure as Fault {
        throw site.map { failure.called(from: $0, function) } ?? failure
      }
    }
  }

  /// Calls a function that is a value, from inside a built-in.
  func call(_ function: Value, _ arguments: [Value], _ site: CallSite) throws -> Value {
    try site.apply(function, arguments)
  }
}

extension Fault {
  /// The failure with the line that called the function, where that is another text.
  func called(from site: CallSite, _ function: Function) -> Fault {
    guard let source, source != site.source, !isStop, !diagnostic.notes.contains(where: { $0.title == "called in" })
    else { return self }
    var failure = self
    let line = site.source.lineNumber(at: site.range.start)
    failure.diagnostic.notes.append(.init("called in", "line \(line): \(site.source.text(site.range).firstLine)"))
    return failure
  }
}

extension String {
  /// The first line, cut where it is long.
  var firstLine: String {
    let line = split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init) ?? ""
    return line.count > 60 ? line.prefix(57) + "…" : line
  }
}

/// A call as it stands in a text: what its errors need to say.
final class CallSite {
  let machine: Machine
  let source: SourceText
  let range: SourceRange
  let callee: Expression
  let arguments: [Argument]

  init(machine: Machine, source: SourceText, range: SourceRange, callee: Expression, arguments: [Argument]) {
    self.machine = machine
    self.source = source
    self.range = range
    self.callee = callee
    self.arguments = arguments
  }

  var site: Fault.Site { Fault.Site(source: source, range: range) }
  var calleeText: String { source.text(callee.range).firstLine }

  func site(ofArgument index: Int) -> Fault.Site {
    arguments.indices.contains(index) ? Fault.Site(source: source, range: arguments[index].value.range) : site
  }

  /// Calls whatever is called.
  @inline(never)
  func apply(_ value: Value, _ values: [Value], _ labels: [String?] = []) throws -> Value {
    for (index, argument) in values.enumerated() where argument.isNothing {
      throw machine.failure("E0304", "this gives nothing to pass on", at: site(ofArgument: index))
    }
    switch value {
    case .function(let function): return try apply(function, values, labels)
    case .network(let network): return try network.call(values, labels, on: machine, self)
    default:
      var suggestions: [Diagnostic.Suggestion] = []
      if values.count == 1, case .some = value.shape {
        let text = "\(calleeText) * \(parenthesised(0))"
        suggestions = [machine.suggestion(replacing: [(range, text)], in: source)].compactMap { $0 }
      }
      var notes: [Diagnostic.Note] = []
      if let name = callee.name?.text, case .function? = BuiltinCatalogue.value(named: name) {
        notes = [.init("built in", ":clear \(name) gives the function back")]
      }
      throw machine.failure(
        "E0301", "\(calleeText) is \(value.outline) and cannot be called",
        at: Fault.Site(source: source, range: callee.range), suggestions: suggestions, notes: notes)
    }
  }

  private func parenthesised(_ index: Int) -> String {
    guard arguments.indices.contains(index) else { return "x" }
    let text = source.text(arguments[index].value.range)
    return arguments[index].value.children.isEmpty ? text : "(\(text))"
  }

  func apply(_ function: Function, _ values: [Value], _ labels: [String?]) throws -> Value {
    switch function.kind {
    case .user(let user):
      let slots = try place(values, labels, user, function)
      return try machine.run(function, user, self) { frame in
        for (value, slot) in zip(values, slots) { frame[slot] = value }
      }
    case .builtin(let builtin):
      return try apply(builtin, values, labels)
    case .composed(let parts):
      var current = values
      var names = labels
      for part in parts {
        current = [try apply(part, current, names)]
        names = []
      }
      return current[0]
    case .gradient(let inner, let names):
      return try machine.gradient(of: inner, by: names, values, labels, self)
    case .derivative(let inner):
      return try machine.derivative(of: inner, values, labels, self)
    case .schedule(let schedule):
      return try rate(of: schedule, values, function)
    }
  }

  /// Where each argument goes.
  private func place(
    _ values: [Value], _ labels: [String?], _ user: UserFunction, _ function: Function
  ) throws -> [Int] {
    var slots: [Int] = []
    var next = 0
    for index in values.indices {
      if index < labels.count, let label = labels[index] {
        guard let slot = user.parameters.firstIndex(where: { $0.name == label }) else {
          throw wrongLabel(label, index, function)
        }
        if slots.contains(slot) { throw twice(label, index, function) }
        slots.append(slot)
      } else {
        while slots.contains(next) { next += 1 }
        guard next < user.parameters.count else { throw wrongCount(values.count, function) }
        slots.append(next)
        next += 1
      }
    }
    for (slot, parameter) in user.parameters.enumerated()
    where parameter.defaultValue == nil && !slots.contains(slot) {
      if values.count >= user.requiredCount || labels.contains(where: { $0 != nil }) {
        throw machine.failure(
          "E0302", "\(function.signature) is called without \(parameter.name)", at: site)
      }
      throw wrongCount(values.count, function)
    }
    return slots
  }

  func wrongCount(_ count: Int, _ function: Function) -> Fault {
    let name = function.name.isEmpty ? "the function" : function.name
    return machine.failure(
      "E0302", "\(name) is given \(count) argument\(count == 1 ? "" : "s")", at: site,
      notes: [.init("signature", function.signature)])
  }

  func wrongLabel(_ label: String, _ index: Int, _ function: Function) -> Fault {
    let names = function.parameterNames
    let range = arguments.indices.contains(index) ? arguments[index].label?.range : nil
    var suggestions: [Diagnostic.Suggestion] = []
    let elsewhere = NamesElsewhere.arguments[label].flatMap { names.contains($0) ? $0 : nil }
    if let close = elsewhere ?? Spelling.nearest(to: label, in: names), arguments.indices.contains(index) {
      let value = source.text(arguments[index].value.range)
      suggestions = [.init(.try, "\(close): \(value)")]
    }
    return machine.failure(
      "E0302", "\(function.name.isEmpty ? "the function" : function.name) has no argument \(label)",
      at: Fault.Site(source: source, range: range ?? self.range), suggestions: suggestions,
      notes: [.init("signature", function.signature)])
  }

  func twice(_ label: String, _ index: Int, _ function: Function) -> Fault {
    machine.failure(
      "E0302", "\(label) is given twice", at: site(ofArgument: index), notes: [.init("signature", function.signature)])
  }
}
