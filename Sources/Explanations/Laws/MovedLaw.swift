import Display
import Language
import Tensors

/// Built-ins that only move numbers: every element of the result is an element of what they were given.
///
/// Which one is found by letting them move the numbers 1, 2, 3, … instead.
struct MovedLaw: Law {
  let names = [
    "reshape", "flatten", "transpose", "permute", "squeeze", "unsqueeze", "concat", "stack", "flip", "roll", "pad",
    "tile",
    "broadcast", "gather", "tril", "triu", "diag", "sort", "split", "f32", "f64", "cumsum", "embedding", "dropout",
  ]

  func element(_ call: LawCall) throws -> Calculation? {
    let (around, interpreter) = (call.around, call.around.interpreter)
    if call.builtin.name == "dropout" { return nil }
    if call.builtin.name == "cumsum" { return try running(call) }
    if call.builtin.name == "embedding" { return try row(call) }
    guard let places = call.at.numbers else {
      // In letters only where the axes are exchanged.
      if call.builtin.name == "transpose", call.arguments.count == 1, let x = call["x"] {
        return try call.elements.element(Expression(.transpose(x), call.expression.range), call.at, around)
      }
      return nil
    }
    var values: [Value] = []
    var starts: [(argument: Int, list: Int?, start: Int, extents: [Int])] = []
    var next = 1
    for (index, argument) in call.arguments.enumerated() {
      let value = try around.value(argument.value)
      func counted(_ tensor: Tensor, _ list: Int?) -> Value {
        starts.append((index, list, next, tensor.shape.dimensions))
        next += tensor.count
        return .tensor(
          Tensor((0..<tensor.count).map { Double(starts[starts.count - 1].start + $0) }, shape: tensor.shape))
      }
      let isMoved = index == 0 || ["concat", "stack"].contains(call.builtin.name) && argument.label == nil
      if isMoved, case .list(let items) = value {
        values.append(
          .list(
            items.enumerated().map { place, item in
              item.numbers(interpreter.elementType).map { counted($0, place) } ?? item
            }))
      } else if isMoved, let tensor = value.numbers(interpreter.elementType), tensor.rank > 0 {
        values.append(call.builtin.name == "sort" ? value : counted(tensor, nil))
      } else {
        values.append(value)
      }
    }
    if call.builtin.name == "sort" { return try sorted(call, places) }
    let labels = call.arguments.map { $0.label?.text }
    let moved = try interpreter.call(.function(call.builtin.function), values, labels: labels)
    let number = Int(try Elements.number(in: moved, places, around.text(call.expression), interpreter.elementType))
    guard let start = starts.last(where: { $0.start <= number }), number > 0 else {
      let value = try Elements.number(
        in: around.value(call.expression), places, around.text(call.expression), interpreter.elementType)
      // No number of the operand: one that the built-in puts in.
      call.elements.reads.remarks.append("\(call.builtin.name) puts it in")
      return .number(value)
    }
    var (rest, from): (Int, [Coordinate]) = (number - start.start, [])
    for extent in start.extents.reversed() {
      from.append(Coordinate(rest % max(1, extent)))
      rest /= max(1, extent)
    }
    let expression = call.arguments[start.argument].value
    if let list = start.list {
      if case .list(let items) = expression.kind, items.indices.contains(list) {
        return try call.elements.element(items[list], from.reversed(), around)
      }
      return try call.elements.whole(expression, [Coordinate(list)] + from.reversed(), around)
    }
    return try call.elements.taken(expression, from.reversed(), around)
  }

  /// A place of a sorted row: where `argsort` says the number was.
  private func sorted(_ call: LawCall, _ places: [Int]) throws -> Calculation? {
    guard let x = call["x"], let order = BuiltinCatalogue.builtin(named: "argsort") else { return nil }
    let values = try call.arguments.map { try call.around.value($0.value) }
    let found = try call.around.interpreter.call(
      .function(order.function), values, labels: call.arguments.map { $0.label?.text })
    let axis = try call.whole("axis") ?? -1
    let extents = try call.elements.extents(x, call.around)
    var from = places
    let place = axis < 0 ? axis + extents.count : axis
    guard from.indices.contains(place) else { return nil }
    from[place] = Int(try Elements.number(in: found, places, "argsort", call.around.interpreter.elementType))
    return try call.elements.taken(x, from.map { Coordinate($0) }, call.around)
  }

  /// The sum of the numbers so far.
  private func running(_ call: LawCall) throws -> Calculation? {
    guard let x = call["x"] else { return nil }
    let extents = try call.elements.extents(x, call.around)
    let axis = try call.whole("axis") ?? -1
    let place = axis < 0 ? axis + extents.count : axis
    guard call.at.indices.contains(place), let end = call.at[place].number else { return nil }
    let letter = call.elements.letter()
    return try call.elements.series(letter, end + 1) { number in
      var at = call.at
      at[place] = number
      return try call.elements.taking([letter]).element(x, at, call.around)
    }
  }

  /// The row of a table that a number names.
  private func row(_ call: LawCall) throws -> Calculation? {
    let operands = call.operands
    guard operands.count == 2, let last = call.at.last else { return nil }
    let (table, words) =
      call.builtin.parameters.first?.name.lowercased().hasPrefix("w") == true
      ? (operands[0], operands[1]) : (operands[1], operands[0])
    let word = try call.elements.element(words, Array(call.at.dropLast()), call.around)
    guard let number = Int(exactly: word.value) else { return nil }
    return try call.elements.taken(table, [Coordinate(number), last], call.around)
  }
}

extension Elements {
  /// An element of an operand that is only moved; of numbers that were typed which one it is: `[1, 2, 3][2]`.
  func taken(_ operand: Expression, _ at: [Coordinate], _ around: Meanings) throws -> Calculation {
    let found = try element(operand, at, around)
    guard case .number = found, at.numbers != nil, case .tensor = operand.kind else { return found }
    let text = around.text(operand)
    return .named((text.displayWidth > 40 ? "x" : text) + at.text, found)
  }
}
