/// The kernels of one instruction set for one scalar type: everything that loops over numbers.
///
/// A kernel module fills one table for `Float` and one for `Double`; `Tensors` picks the tables once, at first use, by what the
/// processor offers. All buffers are contiguous unless strides are named; counts are in elements; outputs may be the same
/// buffer as an input of the same shape unless said otherwise. Kernels never allocate results and check nothing: callers have.
public struct KernelTable<Scalar: Sendable>: Sendable {
  public typealias Source = UnsafePointer<Scalar>
  public typealias Target = UnsafeMutablePointer<Scalar>

  /// `out[i] = op(x[i])` for `count` elements.
  public var unary: @Sendable (_ op: UnaryOperation, _ x: Source, _ out: Target, _ count: Int) -> Void
  /// `out[i] = op(a[i * aStep], b[i * bStep])`, steps 0 (one number for all) or 1.
  public var binary:
    @Sendable (
      _ op: BinaryOperation, _ a: Source, _ aStep: Int, _ b: Source, _ bStep: Int, _ out: Target, _ count: Int
    ) -> Void
  /// `x: [outer, count, inner] -> out: [outer, inner]`.
  public var reduce:
    @Sendable (_ op: ReduceOperation, _ x: Source, _ out: Target, _ outer: Int, _ count: Int, _ inner: Int) -> Void
  /// Softmax, or log-softmax, over the last axis of `x: [rows, count]`, with the row's maximum taken out first.
  public var softmax: @Sendable (_ logarithm: Bool, _ x: Source, _ out: Target, _ rows: Int, _ count: Int) -> Void
  /// The pullback of softmax (or log-softmax): from `g` and the output `y`, both `[rows, count]`.
  public var softmaxGradient:
    @Sendable (_ logarithm: Bool, _ g: Source, _ y: Source, _ out: Target, _ rows: Int, _ count: Int) -> Void
  /// `C = A B`, or `C += A B` when accumulating; any strides for A and B, rows of C contiguous with stride `ldc`.
  public var matrixProduct: @Sendable (_ product: MatrixProductCall<Scalar>) -> Void

  public init(
    unary: @escaping @Sendable (UnaryOperation, Source, Target, Int) -> Void,
    binary: @escaping @Sendable (BinaryOperation, Source, Int, Source, Int, Target, Int) -> Void,
    reduce: @escaping @Sendable (ReduceOperation, Source, Target, Int, Int, Int) -> Void,
    softmax: @escaping @Sendable (Bool, Source, Target, Int, Int) -> Void,
    softmaxGradient: @escaping @Sendable (Bool, Source, Source, Target, Int, Int) -> Void,
    matrixProduct: @escaping @Sendable (MatrixProductCall<Scalar>) -> Void
  ) {
    self.unary = unary
    self.binary = binary
    self.reduce = reduce
    self.softmax = softmax
    self.softmaxGradient = softmaxGradient
    self.matrixProduct = matrixProduct
  }
}

/// One matrix product to compute: `C[i,j] = ∑[p] A[i,p]·B[p,j]` with element strides for A and B.
public struct MatrixProductCall<Scalar> {
  public var rows: Int
  public var columns: Int
  public var inner: Int
  public var a: UnsafePointer<Scalar>
  public var aRowStride: Int
  public var aColumnStride: Int
  public var b: UnsafePointer<Scalar>
  public var bRowStride: Int
  public var bColumnStride: Int
  public var c: UnsafeMutablePointer<Scalar>
  public var cRowStride: Int
  public var accumulate: Bool

  public init(
    rows: Int, columns: Int, inner: Int,
    a: UnsafePointer<Scalar>, aRowStride: Int, aColumnStride: Int,
    b: UnsafePointer<Scalar>, bRowStride: Int, bColumnStride: Int,
    c: UnsafeMutablePointer<Scalar>, cRowStride: Int, accumulate: Bool = false
  ) {
    self.rows = rows
    self.columns = columns
    self.inner = inner
    self.a = a
    self.aRowStride = aRowStride
    self.aColumnStride = aColumnStride
    self.b = b
    self.bRowStride = bRowStride
    self.bColumnStride = bColumnStride
    self.c = c
    self.cRowStride = cRowStride
    self.accumulate = accumulate
  }
}
