import Language
import Tensors

/// The largest and the smallest number, and where it stands: of several numbers elementwise, of a tensor, along an axis.
struct ExtremeLaw: Law {
  let names = ["max", "min", "argmax", "argmin", "all", "any"]

  func element(_ call: LawCall) throws -> Calculation? {
    let operands = call.operands
    if operands.count > 1, ["max", "min"].contains(call.builtin.name) {
      return .call(call.builtin.name, try operands.map { try call.operand($0) }, elementaryFunction(call.builtin.name)!)
    }
    guard let x = operands.first, !call.hasLetters else { return nil }
    return try ReductionLaw.over(x, call) { series in
      let terms = (0..<min(series.count, TermTable.mostTerms)).map { series.term($0) }
      let values = terms.map(\.value)
      let name = call.builtin.name
      if name == "all" || name == "any" {
        let rule: ([Double]) -> Double = { numbers in
          (name == "all" ? numbers.allSatisfy { $0 != 0 } : numbers.contains { $0 != 0 }) ? 1 : 0
        }
        return Self.few(name, terms, values, rule)
      }
      let isLargest = name.hasSuffix("max")
      var winner = 0
      for (index, value) in values.enumerated() where isLargest ? value > values[winner] : value < values[winner] {
        winner = index
      }
      if !values.isEmpty {
        let ties = values.indices.filter { $0 != winner && values[$0] == values[winner] }
        let place = terms[winner].text()
        call.elements.reads.remarks.append(
          "won by \(place)" + (ties.isEmpty ? "" : "; \(terms[ties[0]].text()) ties, the first one wins"))
      }
      return name.hasPrefix("arg")
        ? Self.few(name, terms, values) { numbers in
          var best = 0
          for (index, value) in numbers.enumerated() where isLargest ? value > numbers[best] : value < numbers[best] {
            best = index
          }
          return Double(best)
        }
        : Self.few(name, terms, values, elementaryFunction(name)!)
    }
  }

  /// The call with its numbers, if there are few; else the three that count: the first, the best, the last.
  private static func few(
    _ name: String, _ terms: [Calculation], _ values: [Double], _ rule: @escaping ([Double]) -> Double
  ) -> Calculation {
    if terms.count <= 12 { return .call(name, terms, rule) }
    return .named(
      "\(name)(\(terms[0].text()), \(terms[1].text()), …, \(terms[terms.count - 1].text()))", .number(rule(values)))
  }
}
