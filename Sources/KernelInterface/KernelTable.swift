/// The kernels of one instruction set for one scalar type: everything that loops over numbers.
///
/// A kernel module fills one table for `Float` and one for `Double`; `Tensors` picks the tables once, at first use, by what the
/// processor offers. All buffers are contiguous unless strides are named; counts are in elements; outputs may be the same
/// buffer as an input of the same shape unless said otherwise. Kernels never allocate results and check nothing: callers have.
///
/// A class, since generic code that is not specialised copies a struct to read one of its fields: forty counted references.
public final class KernelTable<Scalar: Sendable>: Sendable {
  public typealias Source = UnsafePointer<Scalar>
  public typealias Target = UnsafeMutablePointer<Scalar>

  /// `out[i] = op(x[i])` for `count` elements.
  public let unary: @Sendable (_ op: UnaryOperation, _ x: Source, _ out: Target, _ count: Int) -> Void
  /// `out[i] = op(a[i * aStep], b[i * bStep])`, steps 0 (one number for all) or 1.
  public let binary:
    @Sendable (
      _ op: BinaryOperation, _ a: Source, _ aStep: Int, _ b: Source, _ bStep: Int, _ out: Target, _ count: Int
    ) -> Void
  /// `x: [outer, count, inner] -> out: [outer, inner]`.
  public let reduce:
    @Sendable (_ op: ReduceOperation, _ x: Source, _ out: Target, _ outer: Int, _ count: Int, _ inner: Int) -> Void
  /// Softmax, or log-softmax, over the last axis of `x: [rows, count]`, with the row's maximum taken out first.
  public let softmax: @Sendable (_ logarithm: Bool, _ x: Source, _ out: Target, _ rows: Int, _ count: Int) -> Void
  /// The pullback of softmax (or log-softmax): from `g` and the output `y`, both `[rows, count]`.
  public let softmaxGradient:
    @Sendable (_ logarithm: Bool, _ g: Source, _ y: Source, _ out: Target, _ rows: Int, _ count: Int) -> Void
  /// `out[r] = ln ∑[k] exp(x[r, k])` for `x: [rows, count]`, with the row's maximum taken out first.
  public let logSumExp: @Sendable (_ x: Source, _ out: Target, _ rows: Int, _ count: Int) -> Void
  /// `∑ a[i] b[i]`, summed as `reduce` sums.
  public let dot: @Sendable (_ a: Source, _ b: Source, _ count: Int) -> Scalar
  /// The index of the largest (or smallest) along the middle axis, `[outer, count, inner] -> [outer, inner]`: the first at a tie,
  /// the first nan before all else.
  public let argument:
    @Sendable (
      _ ofMaximum: Bool, _ x: Source, _ out: UnsafeMutablePointer<Int>, _ outer: Int, _ count: Int, _ inner: Int
    ) -> Void

  /// `out[r, i] = op(a[r * aRowStep + i * aStep], b[r * bRowStep + i * bStep])` for `rows` rows of `count`, steps 0 or 1, row
  /// steps any: broadcasting of a row (`bRowStep` 0) or a column (`bStep` 0, `bRowStep` 1) in one call.
  public let binaryRows:
    @Sendable (
      _ op: BinaryOperation, _ a: Source, _ aRowStep: Int, _ aStep: Int, _ b: Source, _ bRowStep: Int, _ bStep: Int,
      _ out: Target, _ rows: Int, _ count: Int
    ) -> Void
  /// `out[i] = condition[i] != 0 ? a[i] : b[i]`, each with a step of 0 or 1.
  public let select:
    @Sendable (
      _ condition: Source, _ conditionStep: Int, _ a: Source, _ aStep: Int, _ b: Source, _ bStep: Int, _ out: Target,
      _ count: Int
    ) -> Void
  /// `out[i] = min(max(x[i], lower), upper)`; nan stays nan.
  public let clamp: @Sendable (_ x: Source, _ lower: Scalar, _ upper: Scalar, _ out: Target, _ count: Int) -> Void
  /// `out[i] += scale * x[i]`.
  public let accumulate: @Sendable (_ scale: Scalar, _ x: Source, _ out: Target, _ count: Int) -> Void
  /// `out[i] = value`.
  public let fill: @Sendable (_ value: Scalar, _ out: Target, _ count: Int) -> Void
  /// `out[i] = start + i * step`, each rounded by itself.
  public let ramp: @Sendable (_ start: Scalar, _ step: Scalar, _ out: Target, _ count: Int) -> Void

  /// A strided view, in row-major order, to contiguous numbers: `x[∑ index[d] * strides[d]]` over all indices below `extents`.
  /// Strides are in elements and may be 0 (broadcast) or negative; `rank` up to 8; `out` must not overlap `x`.
  public let copy:
    @Sendable (
      _ x: Source, _ out: Target, _ extents: UnsafePointer<Int>, _ strides: UnsafePointer<Int>, _ rank: Int
    ) -> Void
  /// The other way: contiguous numbers into (or, accumulating, onto) a strided view of `out`; the pullback of `copy`. With
  /// `accumulate` a stride may be 0: numbers are added in the order of `x`.
  public let place:
    @Sendable (
      _ x: Source, _ out: Target, _ extents: UnsafePointer<Int>, _ strides: UnsafePointer<Int>, _ rank: Int,
      _ accumulate: Bool
    ) -> Void
  /// `out[i, :] = x[index[i], :]` for `count` rows of `width`; width 1 takes single elements.
  public let gather:
    @Sendable (_ x: Source, _ index: UnsafePointer<Int>, _ out: Target, _ count: Int, _ width: Int) -> Void
  /// `out[index[i], :] += x[i, :]` for `count` rows of `width`, in order of `i`; the pullback of `gather`.
  public let scatterAdd:
    @Sendable (_ x: Source, _ index: UnsafePointer<Int>, _ out: Target, _ count: Int, _ width: Int) -> Void
  /// Each number as a `Float`.
  public let toFloat: @Sendable (_ x: Source, _ out: UnsafeMutablePointer<Float>, _ count: Int) -> Void
  /// Each number as a `Double`.
  public let toDouble: @Sendable (_ x: Source, _ out: UnsafeMutablePointer<Double>, _ count: Int) -> Void

  /// Random numbers, one for each word of a stream from a position on.
  public let random: @Sendable (_ draw: RandomDraw<Scalar>, _ words: RandomWords, _ out: Target, _ count: Int) -> Void
  /// The words of a random stream themselves.
  public let randomWords: @Sendable (_ words: RandomWords, _ out: UnsafeMutablePointer<UInt64>, _ count: Int) -> Void
  /// One step of gradient descent, in place.
  public let descentStep: @Sendable (_ step: DescentStep<Scalar>) -> Void
  /// One step of Adam or AdamW, in place.
  public let adamStep: @Sendable (_ step: AdamStep<Scalar>) -> Void

  /// `C = A B`, or `C += A B` when accumulating; any strides for A and B, rows of C contiguous with stride `ldc`.
  public let matrixProduct: @Sendable (_ product: MatrixProductCall<Scalar>) -> Void
  /// Two-dimensional convolution of `x` with `kernel`, plus `bias: [outputChannels]` when there is one.
  public let conv2d:
    @Sendable (_ geometry: Conv2dGeometry, _ x: Source, _ kernel: Source, _ bias: Source?, _ out: Target) -> Void
  /// The pullback of `conv2d` to its input: from the gradient of the output, `out` has the input's shape.
  public let conv2dInputGradient:
    @Sendable (_ geometry: Conv2dGeometry, _ gradient: Source, _ kernel: Source, _ out: Target) -> Void
  /// The pullback of `conv2d` to its kernel: from the gradient of the output, `out` has the kernel's shape.
  public let conv2dKernelGradient:
    @Sendable (_ geometry: Conv2dGeometry, _ x: Source, _ gradient: Source, _ out: Target) -> Void
  /// The largest number of each window, and where it lay: its index in its own input plane. The first wins a tie; nan wins all.
  public let maxPool2d:
    @Sendable (_ geometry: Pool2dGeometry, _ x: Source, _ out: Target, _ winners: UnsafeMutablePointer<Int32>) -> Void
  /// The pullback of `maxPool2d`: each number of `gradient` (the output's shape) added at its winner, zero elsewhere.
  public let maxPool2dScatter:
    @Sendable (_ geometry: Pool2dGeometry, _ gradient: Source, _ winners: UnsafePointer<Int32>, _ out: Target) -> Void
  /// The pullback of `maxPool2dScatter`: of `x` (the input's shape), the number at each winner.
  public let maxPool2dGather:
    @Sendable (_ geometry: Pool2dGeometry, _ x: Source, _ winners: UnsafePointer<Int32>, _ out: Target) -> Void
  /// The mean of each window.
  public let averagePool2d: @Sendable (_ geometry: Pool2dGeometry, _ x: Source, _ out: Target) -> Void
  /// The pullback of `averagePool2d`: `out` has the input's shape.
  public let averagePool2dGradient: @Sendable (_ geometry: Pool2dGeometry, _ gradient: Source, _ out: Target) -> Void

  /// One step of a recurrent layer, after the product of the last state with the recurrent weights.
  public let recurrentStep: @Sendable (_ step: RecurrentStep<Scalar>) -> Void
  /// The pullback of `recurrentStep`.
  public let recurrentStepBack: @Sendable (_ step: RecurrentStepBack<Scalar>) -> Void

  public init(
    unary: @escaping @Sendable (UnaryOperation, Source, Target, Int) -> Void,
    binary: @escaping @Sendable (BinaryOperation, Source, Int, Source, Int, Target, Int) -> Void,
    reduce: @escaping @Sendable (ReduceOperation, Source, Target, Int, Int, Int) -> Void,
    softmax: @escaping @Sendable (Bool, Source, Target, Int, Int) -> Void,
    softmaxGradient: @escaping @Sendable (Bool, Source, Source, Target, Int, Int) -> Void,
    logSumExp: @escaping @Sendable (Source, Target, Int, Int) -> Void,
    dot: @escaping @Sendable (Source, Source, Int) -> Scalar,
    argument: @escaping @Sendable (Bool, Source, UnsafeMutablePointer<Int>, Int, Int, Int) -> Void,
    binaryRows: @escaping @Sendable (BinaryOperation, Source, Int, Int, Source, Int, Int, Target, Int, Int) -> Void,
    select: @escaping @Sendable (Source, Int, Source, Int, Source, Int, Target, Int) -> Void,
    clamp: @escaping @Sendable (Source, Scalar, Scalar, Target, Int) -> Void,
    accumulate: @escaping @Sendable (Scalar, Source, Target, Int) -> Void,
    fill: @escaping @Sendable (Scalar, Target, Int) -> Void,
    ramp: @escaping @Sendable (Scalar, Scalar, Target, Int) -> Void,
    copy: @escaping @Sendable (Source, Target, UnsafePointer<Int>, UnsafePointer<Int>, Int) -> Void,
    place: @escaping @Sendable (Source, Target, UnsafePointer<Int>, UnsafePointer<Int>, Int, Bool) -> Void,
    gather: @escaping @Sendable (Source, UnsafePointer<Int>, Target, Int, Int) -> Void,
    scatterAdd: @escaping @Sendable (Source, UnsafePointer<Int>, Target, Int, Int) -> Void,
    toFloat: @escaping @Sendable (Source, UnsafeMutablePointer<Float>, Int) -> Void,
    toDouble: @escaping @Sendable (Source, UnsafeMutablePointer<Double>, Int) -> Void,
    random: @escaping @Sendable (RandomDraw<Scalar>, RandomWords, Target, Int) -> Void,
    randomWords: @escaping @Sendable (RandomWords, UnsafeMutablePointer<UInt64>, Int) -> Void,
    descentStep: @escaping @Sendable (DescentStep<Scalar>) -> Void,
    adamStep: @escaping @Sendable (AdamStep<Scalar>) -> Void,
    matrixProduct: @escaping @Sendable (MatrixProductCall<Scalar>) -> Void,
    conv2d: @escaping @Sendable (Conv2dGeometry, Source, Source, Source?, Target) -> Void,
    conv2dInputGradient: @escaping @Sendable (Conv2dGeometry, Source, Source, Target) -> Void,
    conv2dKernelGradient: @escaping @Sendable (Conv2dGeometry, Source, Source, Target) -> Void,
    maxPool2d: @escaping @Sendable (Pool2dGeometry, Source, Target, UnsafeMutablePointer<Int32>) -> Void,
    maxPool2dScatter: @escaping @Sendable (Pool2dGeometry, Source, UnsafePointer<Int32>, Target) -> Void,
    maxPool2dGather: @escaping @Sendable (Pool2dGeometry, Source, UnsafePointer<Int32>, Target) -> Void,
    averagePool2d: @escaping @Sendable (Pool2dGeometry, Source, Target) -> Void,
    averagePool2dGradient: @escaping @Sendable (Pool2dGeometry, Source, Target) -> Void,
    recurrentStep: @escaping @Sendable (RecurrentStep<Scalar>) -> Void,
    recurrentStepBack: @escaping @Sendable (RecurrentStepBack<Scalar>) -> Void
  ) {
    self.unary = unary
    self.binary = binary
    self.reduce = reduce
    self.softmax = softmax
    self.softmaxGradient = softmaxGradient
    self.logSumExp = logSumExp
    self.dot = dot
    self.argument = argument
    self.binaryRows = binaryRows
    self.select = select
    self.clamp = clamp
    self.accumulate = accumulate
    self.fill = fill
    self.ramp = ramp
    self.copy = copy
    self.place = place
    self.gather = gather
    self.scatterAdd = scatterAdd
    self.toFloat = toFloat
    self.toDouble = toDouble
    self.random = random
    self.randomWords = randomWords
    self.descentStep = descentStep
    self.adamStep = adamStep
    self.matrixProduct = matrixProduct
    self.conv2d = conv2d
    self.conv2dInputGradient = conv2dInputGradient
    self.conv2dKernelGradient = conv2dKernelGradient
    self.maxPool2d = maxPool2d
    self.maxPool2dScatter = maxPool2dScatter
    self.maxPool2dGather = maxPool2dGather
    self.averagePool2d = averagePool2d
    self.averagePool2dGradient = averagePool2dGradient
    self.recurrentStep = recurrentStep
    self.recurrentStepBack = recurrentStepBack
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
