import Language

/// The four gates and two states of an LSTM written line by line, known by their names.
struct LSTMGate {
  let name: String
  private static let titles = [
    "f": "forget gate", "i": "input gate", "C̃": "candidate", "C": "new cell", "o": "output gate", "h": "new state",
  ]

  init?(_ step: Derivation?) {
    guard let step, let origin = step.origin, case .forLoop(_, _, let block) = origin.statement.kind,
      let statement = step.statement, case .bind(let targets, _, _) = statement.kind, targets.count == 1
    else { return nil }
    var names: Set<String> = []
    for statement in block.statements {
      if case .bind(let targets, _, _) = statement.kind { names.formUnion(targets.map(\.rootText)) }
    }
    guard Set(Self.titles.keys).isSubset(of: names) else { return nil }
    name = targets[0].rootText
  }

  var title: String? { Self.titles[name] }

  func remark(_ value: Double) -> (text: String, column: Int?, onTerms: Bool)? {
    let percent = Int((100 * value).rounded())
    return switch name {
    case "f": ("keeps \(percent) % of the old cell", 43, false)
    case "i": ("lets in \(percent) % of the candidate", 43, false)
    case "o": ("shows \(percent) % of the cell", 43, false)
    case "C": ("kept, plus newly written", 48, true)
    default: nil
    }
  }
}
