import Display
import Language
import Networks
import Tensors

/// The answer to `:why g[0].W[0,0]` or `:why g[0]` where a line computed `g = ∇L(net)`: the derivative of the function's body.
struct GradientRecord {
  let why: Why

  private var interpreter: Interpreter { why.interpreter }

  /// Nil where no line of the session took the gradient, or where its function has no law.
  func answer(_ question: Why.Question) throws -> Document? {
    guard let root = question.base.rootName, let record = interpreter.version(of: root), let origin = record.origin,
      !origin.isForgotten, let value = origin.statement.expressions.last,
      case .call(let callee, let arguments) = value.kind,
      case .gradient(let names, let function) = callee.kind, let places = question.places.numbers
    else { return nil }
    let whole = try why.value(of: question)
    guard let tensor = whole.numbers(interpreter.elementType), tensor.rank == places.count else { return nil }
    let result = try Elements.number(in: whole, places, question.subject, interpreter.elementType)
    let path = String(Printer().text(question.base).dropFirst(root.count))
    if let use = NetworkUse.find(gradient: record, interpreter) {
      guard !path.isEmpty, let trace = try NetworkTrace(use) else { return nil }
      guard let law = try LayerChain(trace: trace, interpreter: interpreter).law(of: use.name + path) else {
        return nil
      }
      let answer = LetterAnswer(
        why: why, difference: difference(use, path, places),
        meaning: { meaning(use.name + path, use.lossName, question, $0) })
      return try answer.document(question, law, result)
    }
    // ∇[w, b] f(w, b) is a record of its names, ∇f(w) what the first argument is.
    let around = Meanings(interpreter, origin.source, origin: origin)
    guard case .function(let meant)? = try? around.value(function), case .user(let user) = meant.kind,
      let inner = try Elements().entering(user, meant.name, arguments, around)
    else { return nil }
    let parameters = user.parameters.map(\.name)
    let field = path.isEmpty ? nil : path.hasPrefix(".") ? String(path.dropFirst()) : ""
    guard let name = field ?? parameters.first, names.isEmpty == path.isEmpty,
      let index = parameters.firstIndex(of: name),
      index < arguments.count
    else { return nil }
    var rule = Derivatives(around: inner.around, name: name)
    let loss = function.name?.text ?? "the loss"
    var standings = ["\(loss) = \(inner.around.text(inner.body))"]
    let given = Printer().text(arguments[index].value)
    if given != name { standings.append("\(name) = \(given)") }
    func answer(_ law: LetterLaw) throws -> Document? {
      let answer = LetterAnswer(
        why: why, difference: try difference(function, arguments, index, places, around),
        meaning: { meaning(given, loss, question, $0) })
      return try answer.document(question, law, result)
    }
    guard let found = try rule.cotangent(of: inner.body, "1") else {
      // The body at these numbers, differentiated.
      guard let slopes = try FunctionSlopes(function, arguments, of: name, around) else { return nil }
      let symbols = LayerDerivatives.letters(tensor.rank)
      return try answer(
        LetterLaw(
          symbols, formula: "∂\(loss)/∂\(name)\(symbols.map { Coordinate(letter: $0) }.text)", margin: "",
          standings: ["\(loss)(\(parameters.joined(separator: ", "))) your function"]
        ) { _, _ in
          guard let slope = slopes.slope(by: [places]) else { throw Diagnostic("E0814", "no rule") }
          return slope
        })
    }
    let letters = Meanings(interpreter, inner.around.source, origin: origin, locals: inner.around.locals)
    var asked: [Known] = []
    for (letter, definition) in rule.letters {
      guard let expression = Why.parsed(definition) else { return nil }
      let known = Known(
        letter, nil,
        .expression(
          expression, Meanings(interpreter, SourceText(definition), origin: origin, locals: inner.around.locals)))
      known.isLetter = true
      letters.locals[letter] = known
      asked.append(known)
      standings.append("\(letter) = \(definition)")
    }
    for known in rule.given where letters.locals[known.label] == nil {
      letters.locals[known.label] = known
      asked.append(known)
    }
    standings += rule.meanings
    let law = try LetterLaw(
      whole: found, tensor.rank, letters, margin: rule.card, standings: standings, letters: asked)
    return try answer(law)
  }

  private func meaning(_ below: String, _ above: String, _ question: Why.Question, _ result: Double) -> String {
    Backward.meaning(below + question.places.text, above, result)
  }

  /// The function called again with one number moved.
  private func difference(
    _ function: Expression, _ arguments: [Language.Argument], _ index: Int, _ places: [Int], _ around: Meanings
  ) throws -> CentralDifference? {
    let type = interpreter.elementType
    let callee = try around.value(function)
    let values = try arguments.map { try around.value($0.value) }
    guard let leaf = values[index].numbers(type) else { return nil }
    return CentralDifference(of: leaf, at: places) { moved in
      var changed = values
      changed[index] = Value(moved)
      return try? interpreter.call(callee, changed, labels: arguments.map { $0.label?.text })
        .numbers(.float64)
    }
  }

  private func difference(_ use: NetworkUse, _ path: String, _ places: [Int]) -> CentralDifference? {
    let parameters = use.network.parameters
    guard
      let index = parameters.firstIndex(where: { $0.name == path || use.network.count == 1 && $0.name == "[0]" + path })
    else { return nil }
    return CentralDifference(of: parameters[index].value, at: places) { moved in
      var values = parameters.map { $0.value.cast(to: moved.elementType) }
      values[index] = moved
      return try? use.loss(use.network.replacing(values))
    }
  }
}
