import Language
import Tensors

/// Variance, deviation and length, over all numbers or along an axis: sums of squares.
struct SpreadLaw: Law {
  let names = ["var", "std", "norm"]

  func element(_ call: LawCall) throws -> Calculation? {
    guard try call.whole("axis") != nil else {
      return try DefinedLaw.definitions.first { $0.names == [call.builtin.name] }?.element(call)
    }
    guard let x = call["x"], Set(call.arguments.compactMap { $0.label?.text }).isSubset(of: ["axis", "keep", "x"])
    else {
      return nil
    }
    let mean = call.builtin.name == "norm" ? nil : try self.mean(x, call)
    call.elements.reads.margins.append(call.builtin.name)
    return try ReductionLaw.over(x, call) { series in
      func square(_ part: Calculation) -> Calculation { .power(mean.map { part - $0 } ?? part, 2) }
      let term = series.term
      let squares = Calculation.series(
        .init(
          series.letters, count: series.count, body: square(series.body), place: series.place,
          term: { square(term($0)) }))
      let sum = mean == nil ? squares : squares / .number(Double(series.count))
      return call.builtin.name == "var" ? sum : .root(sum)
    }
  }

  /// `μ[1]`, a letter of the answer.
  private func mean(_ x: Expression, _ call: LawCall) throws -> Calculation? {
    let kept = call.arguments.filter { $0.label != nil && $0.label?.text != "keep" || $0.value == x }
    // A place of its own, so that it is told from other parts of the line.
    let range = SourceRange(-1000 - x.range.start, -1000 - x.range.end)
    let expression = Expression(.call(Expression(.name("mean"), range), kept), range)
    let letter = Known("μ", nil, .expression(expression, call.around))
    letter.isLetter = true
    let text = "μ = \(call.around.text(expression))"
    if !call.elements.reads.letters.contains(where: { $0.text == text }) {
      call.elements.reads.letters.insert(("μ", text, letter), at: 0)
      call.elements.reads.standings.append(text)
    }
    var at = call.at
    let extents = try call.elements.extents(x, call.around)
    if try call.flag("keep"), let axis = try call.whole("axis") {
      at.remove(at: axis < 0 ? axis + extents.count : axis)
    }
    return try call.elements.read(letter, at, call.around)
  }
}
