extension Lowering {
  /// `∂y/∂x`.
  func partial(_ value: Expression, by variable: Expression, _ whole: Expression, _ scope: Scope) throws -> Code {
    throw failure("E0901", "∂ of one name by another is not evaluated by this version", at: whole.range)
  }
}
