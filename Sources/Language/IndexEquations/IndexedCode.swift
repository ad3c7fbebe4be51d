import Tensors

/// A part of an index equation, ready to run for all values of its indices at once.
///
/// # How an index equation is computed
///
/// The equation is lowered to this tree once (`IndexedLowering`). Running it has three steps:
///
/// 1. **Ranges** (`IndexRanges`). Every subscript says something about its indices: a bare index has the extent of its axis, a
///    shifted one is cut to what stays inside, and so on. What was stated is kept.
/// 2. **Values** (`IndexedRun`). Each part becomes a tensor with an axis for every index it depends on. Reads such as `x[i+k, j]`
///    are views and copy nothing; operators and functions work on whole tensors.
/// 3. **Sums** (`IndexedRun+Sums`). Under `∑` the factors of a product are taken apart and go to the engine's kernels: a
///    convolution where a window meets a kernel (`WindowProduct`), else matrix products, pairwise by cost. The product itself is
///    never formed.
///
/// What fits nothing of this, such as a function that branches or a list of matrices of different sizes, is computed for one value
/// of its indices after the other: slower, but the same.
indirect enum IndexedCode {
  /// A part without indices: evaluated once.
  case plain(Invariant)
  /// An index as a number.
  case index(Int)
  /// A parameter of a function whose body is computed for many values at once.
  case local(Int)
  case read(IndexedRead)
  case binary(BinaryNode, IndexedCode, IndexedCode)
  /// `a · b`; a transposed side is that of `xᵀ`.
  case product(BinaryNode, IndexedCode, IndexedCode, transposed: (Bool, Bool))
  case join(BinaryNode, IndexedCode, IndexedCode)
  case negate(BinaryNode, IndexedCode)
  case transpose(IndexedCode, Expression)
  case choice(ChoiceNode, IndexedCode, IndexedCode, IndexedCode)
  case call(IndexedCall)
  case big(IndexedSum)
  /// Anything else: code that finds the indices in its frame.
  case opaque(Invariant, Set<Int>)

  /// The indices the value depends on, those summed inside left aside.
  var indices: Set<Int> {
    switch self {
    case .plain, .local: []
    case .index(let index): [index]
    case .read(let read): read.indices
    case .binary(_, let a, let b), .product(_, let a, let b, _), .join(_, let a, let b): a.indices.union(b.indices)
    case .negate(_, let a), .transpose(let a, _): a.indices
    case .choice(_, let a, let b, let c): a.indices.union(b.indices).union(c.indices)
    case .call(let call): call.indices
    case .big(let sum): sum.indices
    case .opaque(_, let indices): indices
    }
  }
}

/// A part of an equation that has no index in it, or finds them in its frame.
final class Invariant {
  let code: Code
  let expression: Expression

  init(_ expression: Expression, _ code: @escaping Code) {
    self.code = code
    self.expression = expression
  }
}

/// `x[i+k, j, :]`.
final class IndexedRead {
  let base: IndexedCode
  let subscripts: [IndexedSubscript]
  let expression: Expression
  let baseExpression: Expression
  let items: [Subscript]
  let indices: Set<Int>
  /// The variables of sums inside the base: their ranges are needed to know its shape.
  let bound: Set<Int>
  /// Whether it stands in a branch of `if`, where it limits no range.
  let isGuarded: Bool
  /// Whether it reads from the sequence that the equation defines.
  let isOwn: Bool

  init(
    base: IndexedCode, subscripts: [IndexedSubscript], expression: Expression, baseExpression: Expression,
    items: [Subscript], bound: Set<Int>, isGuarded: Bool, isOwn: Bool
  ) {
    self.bound = bound
    self.base = base
    self.subscripts = subscripts
    self.expression = expression
    self.baseExpression = baseExpression
    self.items = items
    self.isGuarded = isGuarded
    self.isOwn = isOwn
    indices = subscripts.reduce(base.indices) { $0.union($1.indices) }
  }
}

/// One subscript of a read.
enum IndexedSubscript {
  /// `:`
  case all
  /// `...`
  case rest
  /// A subscript without indices: a number, a range, a tensor.
  case fixed(Invariant)
  /// A sum of indices times numbers, if the parts without indices turn out to be numbers; else what `value` says.
  case affine(AffineCode, value: IndexedCode, Expression)
  /// Any other expression of the indices: a gather.
  case value(IndexedCode, Expression)

  var indices: Set<Int> {
    switch self {
    case .all, .rest, .fixed: []
    case .affine(_, let code, _), .value(let code, _): code.indices
    }
  }
}

/// The form of a subscript that is affine in the indices.
indirect enum AffineCode {
  case index(Int)
  /// `end`, the last place of the axis.
  case end
  case constant(Invariant)
  case sum(AffineCode, AffineCode)
  case difference(AffineCode, AffineCode)
  case scaled(AffineCode, by: Invariant)
  case negated(AffineCode)
}

/// `∑[k in 0..<K, l] …`.
final class IndexedSum {
  let op: BigOperator
  let variables: [IndexTable.Entry]
  let body: IndexedCode
  let expression: Expression
  let indices: Set<Int>

  init(op: BigOperator, variables: [IndexTable.Entry], body: IndexedCode, expression: Expression) {
    self.op = op
    self.variables = variables
    self.body = body
    self.expression = expression
    indices = variables.compactMap(\.range).reduce(body.indices) { $0.union($1.indices) }
      .subtracting(variables.map(\.id))
  }
}

/// A range that was said: its ends, which may depend on other indices (`k in 0...i`).
final class IndexedRange {
  /// The whole, where it is not written with its two ends: a name bound to a range.
  let whole: Invariant?
  let low: IndexedCode
  let high: IndexedCode
  let isClosed: Bool
  let expression: Expression
  let indices: Set<Int>
  /// The variables of sums inside: their ranges are needed too.
  let bound: Set<Int>

  init(
    whole: Invariant?, low: IndexedCode, high: IndexedCode, isClosed: Bool, expression: Expression, bound: Set<Int>
  ) {
    self.bound = bound
    self.whole = whole
    self.low = low
    self.high = high
    self.isClosed = isClosed
    self.expression = expression
    indices = low.indices.union(high.indices)
  }
}

/// A call with arguments that depend on indices.
final class IndexedCall {
  let callee: Invariant
  let arguments: [IndexedCode]
  let labels: [String?]
  let site: CallSite
  let indices: Set<Int>
  /// The body of the user function that was called last, lowered for many values at once.
  var inlined: (function: UserFunction, body: InlinedFunction?)?

  init(callee: Invariant, arguments: [IndexedCode], labels: [String?], site: CallSite) {
    self.callee = callee
    self.arguments = arguments
    self.labels = labels
    self.site = site
    indices = arguments.reduce([]) { $0.union($1.indices) }
  }
}

/// The body of a user function, lowered for arguments that are values for many indices.
final class InlinedFunction {
  let parameters: [Int]
  let body: IndexedCode
  let table: IndexTable
  let slotCount: Int

  init(parameters: [Int], body: IndexedCode, table: IndexTable, slotCount: Int) {
    self.parameters = parameters
    self.body = body
    self.table = table
    self.slotCount = slotCount
  }
}

/// The index variables of one equation and all that says something about their ranges.
final class IndexTable {
  struct Entry {
    let id: Int
    let name: Name
    /// Where code that works on one value at a time finds it.
    let slot: Int
    let isOnLeft: Bool
    let range: IndexedRange?
  }
  var entries: [Entry] = []
  /// Every read, in the order of the text.
  var reads: [IndexedRead] = []
  /// Where an index stands as a number, not in a subscript.
  var numberUses: [(id: Int, range: SourceRange)] = []
  /// Every place where an index stands on the right, with the whole subscript if it is in one.
  var uses: [(id: Int, range: SourceRange, subscriptExpression: Expression?)] = []
  /// Names in subscripts that are no index: bound to something, or free.
  var candidates: [(name: String, read: SourceRange, place: Int, isLocal: Bool)] = []

  func entry(_ id: Int) -> Entry? { entries.first { $0.id == id } }
}
