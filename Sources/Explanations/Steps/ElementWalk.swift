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
  /// The calculation rung by rung; of one too long for the screen a column of its terms, and what is done to their sum.
  func steps(_ name: String, _ style: Style) -> Document {
    let ladder = ladder(name, style).document(style)
    if ladder.lines.allSatisfy({ $0.width <= style.width }) { return ladder }
    if case .call(let function, let inputs, let rule) = self, inputs.count == 1,
      let column = inputs[0].column("s", style)
    {
      var document = column
      document.append(Line())
      document.append(
        Calculation.call(function, [.read("s", inputs[0].value)], rule).ladder(name, style).document(style))
      return document
    }
    return column(name, style) ?? Document(["  \(name.shown(style), .name) = \(style.number(value), .result)"])
  }

  /// The terms of a sum one below the other; nil of what is none.
  private func column(_ name: String, _ style: Style) -> Document? {
    guard case .sum = self else { return nil }
    let terms = self.terms
    let products = terms.filter { if case .product(let factors) = $0 { factors.count == 2 } else { false } }
    let rest = terms.filter { if case .product(let factors) = $0 { factors.count != 2 } else { true } }
    guard products.count > 1 else { return nil }
    let body = Calculation.product([.read("left", 0), .read("right", 0)])
    let series = Series("", count: products.count, body: body, place: { "\($0 + 1)" }) { products[$0] }
    return TermTable(
      series: series, rest: rest, subject: name.shown(style), style: style, isWhole: products.count <= 12
    )
    .document().document
  }

  /// What it adds up, sums in sums taken apart.
  private var terms: [Calculation] {
    guard case .sum(let parts) = self else { return [self] }
    return parts.flatMap(\.terms)
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
