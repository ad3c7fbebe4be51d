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
  /// Two-dimensional convolution of `x` with `kernel`, plus `bias: [outputChannels]` when there is one.
  public var conv2d:
    @Sendable (_ geometry: Conv2dGeometry, _ x: Source, _ kernel: Source, _ bias: Source?, _ out: Target) -> Void
  /// The pullback of `conv2d` to its input: from the gradient of the output, `out` has the input's shape.
  public var conv2dInputGradient:
    @Sendable (_ geometry: Conv2dGeometry, _ gradient: Source, _ kernel: Source, _ out: Target) -> Void
  /// The pullback of `conv2d` to its kernel: from the gradient of the output, `out` has the kernel's shape.
  public var conv2dKernelGradient:
    @Sendable (_ geometry: Conv2dGeometry, _ x: Source, _ gradient: Source, _ out: Target) -> Void
  /// The largest number of each window, and where it lay: its index in its own input plane. The first wins a tie; nan wins all.
  public var maxPool2d:
    @Sendable (_ geometry: Pool2dGeometry, _ x: Source, _ out: Target, _ winners: UnsafeMutablePointer<Int32>) -> Void
  /// The pullback of `maxPool2d`: each number of `gradient` (the output's shape) added at its winner, zero elsewhere.
  public var maxPool2dScatter:
    @Sendable (_ geometry: Pool2dGeometry, _ gradient: Source, _ winners: UnsafePointer<Int32>, _ out: Target) -> Void
  /// The pullback of `maxPool2dScatter`: of `x` (the input's shape), the number at each winner.
  public var maxPool2dGather:
    @Sendable (_ geometry: Pool2dGeometry, _ x: Source, _ winners: UnsafePointer<Int32>, _ out: Target) -> Void
  /// The mean of each window.
  public var averagePool2d: @Sendable (_ geometry: Pool2dGeometry, _ x: Source, _ out: Target) -> Void
  /// The pullback of `averagePool2d`: `out` has the input's shape.
  public var averagePool2dGradient: @Sendable (_ geometry: Pool2dGeometry, _ gradient: Source, _ out: Target) -> Void

  public init(
    unary: @escaping @Sendable (UnaryOperation, Source, Target, Int) -> Void,
    binary: @escaping @Sendable (BinaryOperation, Source, Int, Source, Int, Target, Int) -> Void,
    reduce: @escaping @Sendable (ReduceOperation, Source, Target, Int, Int, Int) -> Void,
    softmax: @escaping @Sendable (Bool, Source, Target, Int, Int) -> Void,
    softmaxGradient: @escaping @Sendable (Bool, Source, Source, Target, Int, Int) -> Void,
    matrixProduct: @escaping @Sendable (MatrixProductCall<Scalar>) -> Void,
    conv2d: @escaping @Sendable (Conv2dGeometry, Source, Source, Source?, Target) -> Void,
    conv2dInputGradient: @escaping @Sendable (Conv2dGeometry, Source, Source, Target) -> Void,
    conv2dKernelGradient: @escaping @Sendable (Conv2dGeometry, Source, Source, Target) -> Void,
    maxPool2d: @escaping @Sendable (Pool2dGeometry, Source, Target, UnsafeMutablePointer<Int32>) -> Void,
    maxPool2dScatter: @escaping @Sendable (Pool2dGeometry, Source, UnsafePointer<Int32>, Target) -> Void,
    maxPool2dGather: @escaping @Sendable (Pool2dGeometry, Source, UnsafePointer<Int32>, Target) -> Void,
    averagePool2d: @escaping @Sendable (Pool2dGeometry, Source, Target) -> Void,
    averagePool2dGradient: @escaping @Sendable (Pool2dGeometry, Source, Target) -> Void
  ) {
    self.unary = unary
    self.binary = binary
    self.reduce = reduce
    self.softmax = softmax
    self.softmaxGradient = softmaxGradient
    self.matrixProduct = matrixProduct
    self.conv2d = conv2d
    self.conv2dInputGradient = conv2dInputGradient
    self.conv2dKernelGradient = conv2dKernelGradient
    self.maxPool2d = maxPool2d
    self.maxPool2dScatter = maxPool2dScatter
    self.maxPool2dGather = maxPool2dGather
    self.averagePool2d = averagePool2d
    self.averagePool2dGradient = averagePool2dGradient
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
