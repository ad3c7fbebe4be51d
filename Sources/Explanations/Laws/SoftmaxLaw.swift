import Language
import Tensors

/// Softmax and its logarithm: an exponential over the sum of all, the largest number subtracted first.
struct SoftmaxLaw: Law {
  let names = ["softmax", "log_softmax", "logsumexp"]

  func element(_ call: LawCall) throws -> Calculation? {
    guard let x = call["x"] else { return nil }
    let parts = try Self.parts(x, call)
    guard let parts else { return nil }
    switch call.builtin.name {
    case "softmax": return parts.own.map { .call("exp", [$0 - parts.largest], elementaryFunction("exp")!) / parts.sum }
    case "log_softmax":
      return parts.own.map { $0 - parts.largest - .call("ln", [parts.sum], elementaryFunction("ln")!) }
    default: return parts.largest + .call("ln", [parts.sum], elementaryFunction("ln")!)
    }
  }

  /// The number itself, the largest of its row, and the sum of the exponentials.
  struct Parts {
    let own: Calculation?
    let largest: Calculation
    let sum: Calculation
    let series: Calculation.Series
    /// Which term of the sum the element is.
    let place: Int?
    /// `z[0,:]`
    let row: String
  }

  static func parts(_ x: Expression, _ call: LawCall) throws -> Parts? {
    let elements = call.elements
    var (x, around) = (x, call.around)
    if !x.isPathText, case .transpose = x.kind {
    } else if !x.isPathText {
      // A longer expression is a letter of the answer.
      let letter = Known("z", nil, .expression(x, around))
      let text = "z = \(around.text(x))"
      if !elements.reads.standings.contains(text) { elements.reads.standings.append(text) }
      around = Meanings(around.interpreter, SourceText("z"), locals: ["z": letter])
      x = Expression(.name("z"), SourceRange(0, 1))
    }
    let extents = try elements.extents(x, around)
    guard !extents.isEmpty else { return nil }
    var axes = [extents.count - 1]
    if let axis = try call.whole("axis") { axes = [axis < 0 ? axis + extents.count : axis] }
    let isReduced = call.builtin.name == "logsumexp"
    if isReduced, call["axis"] == nil { axes = Array(extents.indices) }
    guard axes.allSatisfy(extents.indices.contains), axes.count == 1 else { return nil }
    let axis = axes[0]
    var places = call.at
    if isReduced { places.insert(Coordinate(0), at: min(axis, places.count)) }
    guard places.count == extents.count else { return nil }
    func at(_ place: Coordinate) -> [Coordinate] {
      var result = places
      result[axis] = place
      return result
    }
    let letter = elements.letter()
    let inner = elements.taking([letter])
    let terms = try (0..<extents[axis]).map { try elements.element(x, at(Coordinate($0)), around) }
    let largest = Calculation.read("m", terms.reduce(-.infinity) { max($0, $1.value) })
    let body = try inner.element(x, at(Coordinate(letter: letter)), around)
    let exp = elementaryFunction("exp")!
    let series = Calculation.Series(
      letter, count: terms.count, body: .call("exp", [body - largest], exp),
      term: { .call("exp", [terms[$0] - largest], exp) })
    let row = try inner.element(x, at(Coordinate(letter: ":")), around).text()
    return Parts(
      own: isReduced ? nil : try elements.element(x, places, around), largest: largest, sum: .series(series),
      series: series, place: places[axis].number, row: row)
  }
}
