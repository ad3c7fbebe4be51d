import CLanes
import KernelInterface

/// A scalar with the vectors that this build's registers hold.
protocol TileScalar: BinaryFloatingPoint, Codable, SIMDScalar, Sendable {
  /// One full register.
  associatedtype Wide: SIMD where Wide.Scalar == Self
  /// Half a register, for the last few columns.
  associatedtype Narrow: SIMD where Narrow.Scalar == Self
}

#if VECTOR512
  extension Float: TileScalar {
    typealias Wide = SIMD16<Float>
    typealias Narrow = SIMD8<Float>
  }
  extension Double: TileScalar {
    typealias Wide = SIMD8<Double>
    typealias Narrow = SIMD4<Double>
  }
#elseif VECTOR256
  extension Float: TileScalar {
    typealias Wide = SIMD8<Float>
    typealias Narrow = SIMD4<Float>
  }
  extension Double: TileScalar {
    typealias Wide = SIMD4<Double>
    typealias Narrow = SIMD2<Double>
  }
#else
  extension Float: TileScalar {
    typealias Wide = SIMD4<Float>
    typealias Narrow = SIMD2<Float>
  }
  extension Double: TileScalar {
    typealias Wide = SIMD2<Double>
    typealias Narrow = SIMD2<Double>
  }
#endif

/// The most rows of a tile: its sums, twice as many vectors, stay in registers with room for the operands.
#if VECTOR512
  let tileRows = 8
#elseif VECTOR256
  let tileRows = 6
#elseif arch(x86_64)
  let tileRows = 4
#else
  let tileRows = 8
#endif

/// `sum + a * b`, rounded once where the processor can.
@inline(__always)
func multiplyAdd<V: SIMD>(_ sum: V, _ a: V, _ b: V) -> V where V.Scalar: BinaryFloatingPoint {
  #if BASELINE && arch(x86_64)
    return sum + a * b
  #else
    return sum.addingProduct(a, b)
  #endif
}

@inline(__always)
func load<V: SIMD>(_ type: V.Type, _ source: UnsafePointer<V.Scalar>) -> V {
  UnsafeRawPointer(source).loadUnaligned(as: type)
}

@inline(__always)
func store<V: SIMD>(_ vector: V, _ target: UnsafeMutablePointer<V.Scalar>) {
  UnsafeMutableRawPointer(target).storeBytes(of: vector, as: V.self)
}

/// Where a tile finds its rows of A, its columns of B, and where it leaves its sums.
struct TileOperands<T> {
  /// `A[r, p]` is `a[r * aRow + p * aStep]`.
  var a: UnsafePointer<T>
  var aRow: Int
  var aStep: Int
  /// `B[p, j]` is `b[p * bStep + j]`.
  var b: UnsafePointer<T>
  var bStep: Int
  var steps: Int
  /// `C[r, j]` is `c[r * cRow + j]`.
  var c: UnsafeMutablePointer<T>
  var cRow: Int
  /// Whether the sums are added to what C holds.
  var accumulate: Bool
  /// One number for each row, added to it.
  var bias: UnsafePointer<T>?
  /// Where a full tile leaves the rows of B that it reads, side by side.
  var keep: UnsafeMutablePointer<T>?
}

/// The extents of a tile, known to the compiler.
protocol TileShape {
  associatedtype Rows: TileCount
  static var twice: Bool { get }
  /// Whether B's rows are far from each other: asked for ahead, and kept side by side.
  static var keeps: Bool { get }
}

extension TileShape {
  @inline(__always) static var rows: Int { Rows.count }
  static var keeps: Bool { false }
}

protocol TileCount {
  static var count: Int { get }
}

enum Rows1: TileCount { static var count: Int { 1 } }
enum Rows2: TileCount { static var count: Int { 2 } }
enum Rows3: TileCount { static var count: Int { 3 } }
enum Rows4: TileCount { static var count: Int { 4 } }
enum Rows5: TileCount { static var count: Int { 5 } }
enum Rows6: TileCount { static var count: Int { 6 } }
enum Rows7: TileCount { static var count: Int { 7 } }
enum Rows8: TileCount { static var count: Int { 8 } }
enum FullRows: TileCount { static var count: Int { tileRows } }

enum Single<Rows: TileCount>: TileShape { static var twice: Bool { false } }
enum Twofold<Rows: TileCount>: TileShape { static var twice: Bool { true } }
enum Keeping<Rows: TileCount>: TileShape {
  static var twice: Bool { true }
  static var keeps: Bool { true }
}

/// The innermost loop: rows and one or two vectors of columns as the shape says, summed over all steps in registers.
///
/// Compiled once for each shape, and never inlined: beside other loops the sums would not get all registers.
@inline(never)
private func tile<V: SIMD, W: SIMD, S: TileShape>(
  _ first: V.Type, _ second: W.Type, _: S.Type, _ o: TileOperands<V.Scalar>
)
where V.Scalar: BinaryFloatingPoint, W.Scalar == V.Scalar {
  let (rows, twice) = (S.rows, S.twice)
  let width = V.scalarCount
  var (s0, s1, s2, s3) = (V.zero, V.zero, V.zero, V.zero)
  var (s4, s5, s6, s7) = (V.zero, V.zero, V.zero, V.zero)
  var (t0, t1, t2, t3) = (W.zero, W.zero, W.zero, W.zero)
  var (t4, t5, t6, t7) = (W.zero, W.zero, W.zero, W.zero)
  var a = o.a
  var b = o.b
  let (aRow, aStep, bStep) = (o.aRow, o.aStep, o.bStep)
  var keep = o.keep
  for _ in 0..<o.steps {
    let x = load(first, b)
    let y = twice ? load(second, b + width) : W.zero
    if S.keeps, let place = keep {
      nabla_prefetch(b + 16 * bStep)
      nabla_prefetch(b + 16 * bStep + width)
      store(x, place)
      store(y, place + width)
      keep = place + 2 * width
    }
    @inline(__always) func row(_ r: Int, _ s: inout V, _ t: inout W) {
      let factor = a[r * aRow]
      s = multiplyAdd(s, V(repeating: factor), x)
      if twice { t = multiplyAdd(t, W(repeating: factor), y) }
    }
    row(0, &s0, &t0)
    if rows > 1 { row(1, &s1, &t1) }
    if rows > 2 { row(2, &s2, &t2) }
    if rows > 3 { row(3, &s3, &t3) }
    if rows > 4 { row(4, &s4, &t4) }
    if rows > 5 { row(5, &s5, &t5) }
    if rows > 6 { row(6, &s6, &t6) }
    if rows > 7 { row(7, &s7, &t7) }
    a += aStep
    b += bStep
  }
  @inline(__always) func finish(_ r: Int, _ s: V, _ t: W) {
    var (s, t) = (s, t)
    let c = o.c + r * o.cRow
    if let bias = o.bias {
      s += V(repeating: bias[r])
      if twice { t += W(repeating: bias[r]) }
    }
    if o.accumulate {
      s += load(first, UnsafePointer(c))
      if twice { t += load(second, UnsafePointer(c + width)) }
    }
    store(s, c)
    if twice { store(t, c + width) }
  }
  finish(0, s0, t0)
  if rows > 1 { finish(1, s1, t1) }
  if rows > 2 { finish(2, s2, t2) }
  if rows > 3 { finish(3, s3, t3) }
  if rows > 4 { finish(4, s4, t4) }
  if rows > 5 { finish(5, s5, t5) }
  if rows > 6 { finish(6, s6, t6) }
  if rows > 7 { finish(7, s7, t7) }
}

/// The tile two vectors wide, the second perhaps narrower, with the given number of rows, at most `tileRows`.
@inline(__always)
func doubleTile<V: SIMD, W: SIMD>(_ first: V.Type, _ second: W.Type, rows: Int, _ o: TileOperands<V.Scalar>)
where V.Scalar: BinaryFloatingPoint, W.Scalar == V.Scalar {
  if o.keep != nil { return tile(first, second, Keeping<FullRows>.self, o) }
  switch rows {
  case 1: tile(first, second, Twofold<Rows1>.self, o)
  case 2: tile(first, second, Twofold<Rows2>.self, o)
  case 3: tile(first, second, Twofold<Rows3>.self, o)
  case 4: tile(first, second, Twofold<Rows4>.self, o)
  case 5 where tileRows > 4: tile(first, second, Twofold<Rows5>.self, o)
  case 6 where tileRows > 4: tile(first, second, Twofold<Rows6>.self, o)
  case 7 where tileRows > 6: tile(first, second, Twofold<Rows7>.self, o)
  default: if tileRows > 6 { tile(first, second, Twofold<Rows8>.self, o) }
  }
}

/// The tile one vector wide with the given number of rows, at most `tileRows`.
@inline(__always)
func singleTile<V: SIMD>(_ type: V.Type, rows: Int, _ o: TileOperands<V.Scalar>) where V.Scalar: BinaryFloatingPoint {
  switch rows {
  case 1: tile(type, type, Single<Rows1>.self, o)
  case 2: tile(type, type, Single<Rows2>.self, o)
  case 3: tile(type, type, Single<Rows3>.self, o)
  case 4: tile(type, type, Single<Rows4>.self, o)
  case 5 where tileRows > 4: tile(type, type, Single<Rows5>.self, o)
  case 6 where tileRows > 4: tile(type, type, Single<Rows6>.self, o)
  case 7 where tileRows > 6: tile(type, type, Single<Rows7>.self, o)
  default: if tileRows > 6 { tile(type, type, Single<Rows8>.self, o) }
  }
}
