import Display
import Language
import Tensors

/// A walk from element to element: each with its terms, rung by rung.
func elementWalk(
  _ whole: Tensor, names: [(name: String, value: Value)], law: String,
  _ element: @escaping (Int) -> (name: String, calculation: Calculation?)
) -> Walk {
  Walk(
    "element", count: whole.count,
    place: { words in
      guard words.hasPrefix("["), let place = whole.number(of: words) else { return nil }
      return place
    }
  ) { unit in
    let (name, calculation) = element(unit)
    var step = Step(.words(""), law) { style in
      guard let calculation else { return Document(["  \(name) = \(style.number(whole[flat: unit]), .result)"]) }
      return calculation.steps(name, style)
    }
    step.ordinal = "element \(unit + 1) of \(whole.count)"
    step.names = names
    step.example = name
    step.offers = whole.rank > 0 && whole.count > 1 ? ["goto \(whole.place(of: whole.count - 1))"] : []
    return step
  }
}

extension Calculation {
  /// The calculation rung by rung; one too long for the screen as a column of its terms, or by its result alone.
  func steps(_ name: String, _ style: Style) -> Document {
    let ladder = ladder(name, style).document(style)
    if ladder.lines.allSatisfy({ $0.width <= style.width }) { return ladder }
    guard case .sum(let terms) = self,
      terms.allSatisfy({ if case .product(let factors) = $0 { factors.count == 2 } else { false } })
    else { return Document(["  \(name.shown(style), .name) = \(style.number(value), .result)"]) }
    let body = Calculation.product([.read("one", 0), .read("other", 0)])
    let series = Series("", count: terms.count, body: body, place: { "\($0 + 1)" }) { terms[$0] }
    return TermTable(series: series, rest: [], subject: name.shown(style), style: style, isWhole: terms.count <= 12)
      .document().document
  }
}

extension Tensor {
  /// The row-major number of an element by its subscripts, `[2,0]`.
  func number(of words: String) -> Int? {
    let inner = words.filter { $0 != " " }.dropFirst().dropLast()
    let places = inner.split(separator: ",").map { Int($0) }
    guard words.hasPrefix("["), words.hasSuffix("]"), places.count == rank, !places.contains(nil) else { return nil }
    var number = 0
    for (place, extent) in zip(places.compactMap { $0 }, shape.dimensions) {
      guard (0..<extent).contains(place) else { return nil }
      number = number * extent + place
    }
    return number
  }
}
