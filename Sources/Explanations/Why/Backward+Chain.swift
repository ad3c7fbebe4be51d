import Display
import Language
import Tensors

/// Where a line has no law of its own: the chain rule, written out.
extension Backward {
  /// `∂L/∂x[p] = ∑ ∂L/∂z[q]·∂z[q]/∂x[p]` over the elements of what the lines that used `x` gave.
  func chain(
    _ x: Version, _ variable: Expression, _ ancestry: Ancestry, _ y: String, _ question: Why.Question, _ result: Double,
    _ difference: CentralDifference?
  ) throws -> Document? {
    let users = ancestry.origins.filter {
      Ancestry.inputs(of: $0).contains { $0 === x } || $0 === x.origin && $0.isCompound
    }
    var names: [String] = []
    for user in users where ancestry.root.origin !== user {
      for origin in ancestry.origins where origin !== user {
        for version in Ancestry.inputs(of: origin)
        where version.origin === user && version !== x && !names.contains(version.name) {
          names.append(version.name)
        }
      }
    }
    guard !names.isEmpty, users.allSatisfy({ $0 !== ancestry.root.origin }) else { return nil }
    let variableText = Printer().text(variable) + question.places.text
    var terms: [(label: String, calculation: Calculation)] = []
    var count = 0
    for name in names {
      guard let outer = try? interpreter.value(of: "∂\(y)/∂\(name)").numbers(interpreter.elementType),
        let inner = try? interpreter.value(of: "∂\(name)/∂\(variableText)").numbers(interpreter.elementType),
        outer.count == inner.count
      else { return nil }
      count += outer.count
      for flat in 0..<outer.count where outer[flat: flat] != 0 && inner[flat: flat] != 0 {
        var (rest, places): (Int, [Coordinate]) = (flat, [])
        for extent in outer.shape.dimensions.reversed() {
          places.append(Coordinate(rest % max(1, extent)))
          rest /= max(1, extent)
        }
        let at = places.reversed().map { $0 }.text
        terms.append(
          (
            at,
            .product([
              .read("∂\(y)/∂\(name)\(at)", outer[flat: flat]),
              .read("∂\(name)\(at)/∂\(variableText)", inner[flat: flat]),
            ])
          ))
      }
    }
    let series = Calculation.Series(
      "q", count: terms.count,
      body: .product([.read("∂\(y)/∂\(names[0])[q]", .nan), .read("∂\(names[0])[q]/∂\(variableText)", .nan)]),
      place: { terms[$0].label }, term: { terms[$0].calculation })
    let calculation = Calculation.series(series)
    guard calculation.agrees(result, interpreter.elementType) else { return nil }
    var document = Document()
    let lines = users.map(\.text).first ?? ""
    let general = names.map { "∑[q] ∂\(y)/∂\($0)[q]·∂\($0)[q]/∂\(Printer().text(variable))" }.joined(separator: " + ")
    document.append(
      Line(
        "  \(Printer().text(question.base)) = \(general)".shown(style), .dim,
        margin: "from \(lines)".cut(to: 26, style: style)))
    document.append(
      Line(
        "  q: the places of \(names.joined(separator: ", ")); \(terms.count) of \(count) are not 0".shown(style), .dim))
    document.append(Line())
    let path = Why.Path(steps: [], rungs: [calculation.text()], calculation: calculation, reads: Elements.Reads())
    if terms.count <= 4 {
      document.append(contentsOf: checked(calculation.ladder(question.subject, style), difference, result))
    } else {
      document.append(why.calculation(question, path))
      if let difference {
        document.append(Line("", margin: LetterAnswer.check(result, difference, why)))
      }
    }
    return document
  }
}
