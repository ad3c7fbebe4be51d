import Display
import Language
import Tensors

/// Index equations on the way back: for each name on the right the equation that gives its derivative.
extension FlowPicture {
  func equation(_ places: [Place], _ style: Style) -> Document? {
    let laws = equationLaws(places)
    guard !laws.isEmpty else { return nil }
    var document = plain(style)
    document.append(Line())
    for law in laws { document.append(Line("  " + law.shown(style).cut(to: style.width - 2, style: style))) }
    return document
  }

  /// `∂L/∂w[k,l] = ∑[i,j] ∂L/∂z[i,j]·x[i+k, j+l]` for each factor that something goes back to.
  func equationLaws(_ places: [Place]) -> [String] {
    let letters = places.compactMap { place -> String? in
      if case .index(let name, 0) = place.kind { name.text } else { nil }
    }
    guard letters.count == places.count else { return [] }
    var laws: [String] = []
    let delta = "\(d(name))[\(letters.joined(separator: ","))]"
    collect(expression, [delta], letters, &laws)
    return laws
  }

  /// Goes down to the reads, gathering what each is multiplied with and the letters that run.
  private func collect(_ part: Expression, _ factors: [String], _ letters: [String], _ laws: inout [String]) {
    switch part.kind {
    case .negate(let inner): collect(inner, ["-1"] + factors, letters, &laws)
    case .binary(let op, let left, let right):
      switch op.kind {
      case .add:
        collect(left, factors, letters, &laws)
        collect(right, factors, letters, &laws)
      case .subtract:
        collect(left, factors, letters, &laws)
        collect(right, ["-1"] + factors, letters, &laws)
      case .multiply:
        collect(left, factors + [dotted(right)], letters, &laws)
        collect(right, factors + [dotted(left)], letters, &laws)
      case .divide: collect(left, factors + ["1/\(dotted(right))"], letters, &laws)
      default: break
      }
    case .big(.sum, let indices, let body): collect(body, factors, letters + indices.map(\.name.text), &laws)
    case .call(let callee, let arguments):
      guard arguments.count == 1, let function = callee.name?.text else { return }
      collect(
        arguments[0].value, factors + ["\(function)'(\(arguments[0].value.isLong ? "…" : dotted(arguments[0].value)))"],
        letters, &laws)
    case .index(let base, let items):
      let name = around.text(base)
      guard out(name) != nil, !data.contains(name) || outgoing.count == 1 else { return }
      let own = items.map { $0.value?.name?.text }
      let read = items.compactMap { $0.value.map { around.text($0) } }.joined(separator: ",")
      // Letters that stand alone: the others are summed over.
      guard !own.contains(nil), own.allSatisfy({ letters.contains($0 ?? "") }), Set(own).count == own.count else {
        return
      }
      let summed = letters.filter { !own.contains($0) }
      let sum = summed.isEmpty ? "" : "∑[\(summed.joined(separator: ","))] "
      laws.append("\(d(name))[\(read)] = \(sum)\(factors.joined(separator: "·"))")
    default: break
    }
  }

  private func dotted(_ part: Expression) -> String {
    around.text(part).replacing(" * ", with: "·").replacing(" ⊙ ", with: "·").asFactor
  }
}

extension Expression {
  /// Whether it is too long to be written once more.
  fileprivate var isLong: Bool {
    if case .big = kind { return true }
    return children.contains { $0.isLong }
  }
}
