/// A matrix product as Falk draws it: the right factor above, the left one at the left, each result where its row meets its
/// column; what follows elementwise is stacked below, so that a unit stays in its column (R9).
///
/// ```
///                                ⎡  0.200  -0.500   0.310 ⎤
///                                ⎢ -0.400   0.100  -0.120 ⎥   W [4, 3]
///                                ⎢  0.600   0.700   0.770 ⎥
///          X [2, 4]              ⎣  0.100  -0.200   0.050 ⎦
///   ⎡ 5.1  3.5  1.4  0.2 ⎤       ⎡  0.480  -1.260   2.249 ⎤   X @ W
///   ⎣ 6.2  3.4  5.4  2.3 ⎦       ⎣  3.350   0.560   5.787 ⎦
///                              + [  0.100  -0.300   0.100 ]   b [3], to every row
///                              = ⎡  0.580  -1.560   2.349 ⎤   z [2, 3]
///                                ⎣  3.450   0.260   5.887 ⎦
/// ```
///
/// Up to 8 × 8 every number is drawn; of more the corners, fewer of them where lines or columns are short.
package struct FalkScheme: Sendable {
  package var left: NumberGrid
  package var leftLabel: String
  package var right: NumberGrid
  package var rightLabel: String
  package var product: NumberGrid
  package var productLabel: String
  /// What is done to the product: `+ b`, `= z`, `relu h`.
  package var following: [MatrixStack.Row]

  /// - Precondition: `left` is [m, k], `right` [k, n], `product` [m, n].
  package init(
    left: NumberGrid, _ leftLabel: String, right: NumberGrid, _ rightLabel: String, product: NumberGrid,
    _ productLabel: String, following: [MatrixStack.Row] = []
  ) {
    precondition(left.columns == right.rows && product.rows == left.rows && product.columns == right.columns)
    self.left = left
    self.leftLabel = leftLabel
    self.right = right
    self.rightLabel = rightLabel
    self.product = product
    self.productLabel = productLabel
    self.following = following
  }

  /// The scheme in so many columns and lines; where it cannot be that narrow, the line of shapes `X [2, 4] @ W [4, 3] = …` (R13).
  package func drawing(width: Int = 78, height: Int = 17, _ style: Style = .plain) -> Drawing {
    /// How many rows of the left factor, columns of the right one, and places of the axis between them are drawn.
    var (rows, columns, inner) = (8, 8, 8)
    // Fewer digits before fewer numbers.
    for digits in [style.digits, style.digits - 1, style.digits - 2] where digits > 1 {
      let whole = drawing(rows: rows, columns: columns, inner: inner, style.with(digits: digits))
      if whole.width <= width && whole.height <= height { return whole }
    }
    while true {
      let drawing = drawing(rows: rows, columns: columns, inner: inner, style)
      if drawing.width > width {
        let isLeftWider = min(left.columns, inner) > min(right.columns, columns)
        if isLeftWider, MatrixStack.Limits.next(&inner) { continue }
        if MatrixStack.Limits.next(&columns) || MatrixStack.Limits.next(&inner) { continue }
        return Drawing("\(leftLabel) @ \(rightLabel) = \(productLabel)", .plain, style)
      }
      if drawing.height > height {
        let isRightTaller = min(right.rows, inner) > min(left.rows, rows)
        if isRightTaller, MatrixStack.Limits.next(&inner) { continue }
        if MatrixStack.Limits.next(&rows) || MatrixStack.Limits.next(&inner) { continue }
      }
      return drawing
    }
  }

  private func drawing(rows: Int, columns: Int, inner: Int, _ style: Style) -> Drawing {
    let stack = MatrixStack(
      [.init("", right, rightLabel, role: .operandB), .init("", product, productLabel)] + following)
    var limits = MatrixStack.Limits()
    limits.columns = columns
    let rowLimits = [inner] + Array(repeating: rows, count: stack.rows.count - 1)
    var ownLimits = limits
    (ownLimits.rows, ownLimits.columns) = (rows, inner)
    // The left factor folds as the product's rows and the right factor's rows do.
    let leftLines = MatrixStack([.init("", left, "", role: .operandA)]).lines(ownLimits, indent: 0, style)[0]
    let leftWidth = leftLines.map(\.width).max() ?? 0
    let leadWidth = following.map { $0.lead.shown(style).displayWidth }.max() ?? 0
    let label = leftLabel.shown(style)
    let indent = max(leftWidth + max(7, leadWidth + 3), label.displayWidth + 2)
    let lines = stack.lines(limits, indent: indent, rowLimits: rowLimits, style)
    var (factor, product) = (lines[0], lines[1])
    let start = max(0, (leftWidth - label.displayWidth) / 2)
    factor[factor.count - 1] = Self.placing(Line(label, .dim), at: start, in: factor[factor.count - 1], indent)
    for index in leftLines.indices {
      product[index] = Self.placing(leftLines[index], at: 0, in: product[index], indent)
    }
    return Drawing(factor + product + lines[2...].joined(), axis: 0)
  }

  /// A line whose first `indent` columns are empty, with something put there.
  private static func placing(_ part: Line, at start: Int, in line: Line, _ indent: Int) -> Line {
    var result = Line(String(repeating: " ", count: start))
    result.append(part)
    result.pad(to: indent)
    var rest = line
    if let first = rest.spans.first { rest.spans[0].text = String(first.text.dropFirst(indent)) }
    result.append(rest)
    return result
  }
}
