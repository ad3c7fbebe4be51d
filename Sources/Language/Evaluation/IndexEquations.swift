extension Lowering {
  /// `z[i,j] = …`, `θ[0] = …`, `h[t+1] = …`.
  func indexEquation(
    _ targets: [Target], _ values: [Expression], _ indices: [Index], _ statement: Statement, _ scope: Scope
  ) throws -> Code {
    throw notEvaluated("index equations are not evaluated by this version", at: statement.range)
  }

  /// `∑[k] …`.
  func big(
    _ op: BigOperator, _ indices: [Index], _ body: Expression, _ whole: Expression, _ scope: Scope
  ) throws -> Code {
    throw notEvaluated("sums over an index are not evaluated by this version", at: whole.range)
  }

  private func notEvaluated(_ message: String, at range: SourceRange) -> Fault {
    failure("E0901", message, at: range)
  }
}
