import KernelInterface

private let grain = 32768

func fill<T: VectorScalar>(_ value: T, _ out: UnsafeMutablePointer<T>, _ count: Int) {
  typealias V = T.Vector
  let lanes = V(value)
  inParts(count, 2 * grain) { start, count in
    let out = out + start
    var i = 0
    while i + V.count <= count {
      lanes.store(out + i)
      i += V.count
    }
    if i < count { lanes.store(out + i, first: count - i) }
  }
}

func ramp<T: VectorScalar>(_ start: T, _ step: T, _ out: UnsafeMutablePointer<T>, _ count: Int) {
  for i in 0..<count { out[i] = start + T(i) * step }
}

func convert<From: BinaryFloatingPoint, To: BinaryFloatingPoint>(
  _ x: UnsafePointer<From>, _ out: UnsafeMutablePointer<To>, _ count: Int
) {
  inParts(count, grain) { start, count in
    let (x, out) = (x + start, out + start)
    for i in 0..<count { out[i] = To(x[i]) }
  }
}

func gather<T: VectorScalar>(
  _ x: UnsafePointer<T>, _ index: UnsafePointer<Int>, _ out: UnsafeMutablePointer<T>, _ count: Int, _ width: Int
) {
  inParts(count, max(1, grain / max(width, 1))) { start, count in
    if width == 1 {
      for i in start..<start + count { out[i] = x[index[i]] }
    } else {
      for i in start..<start + count { copyRow(x + index[i] * width, out + i * width, width, T.Vector.self) }
    }
  }
}

func scatterAdd<T: VectorScalar>(
  _ x: UnsafePointer<T>, _ index: UnsafePointer<Int>, _ out: UnsafeMutablePointer<T>, _ count: Int, _ width: Int
) {
  if width == 1 {
    for i in 0..<count { out[index[i]] += x[i] }
  } else {
    for i in 0..<count { addRow(x + i * width, out + index[i] * width, width, T.Vector.self) }
  }
}

@inline(__always)
func copyRow<V: Lanes>(
  _ x: UnsafePointer<V.Scalar>, _ out: UnsafeMutablePointer<V.Scalar>, _ count: Int, _: V.Type
) {
  var i = 0
  while i + V.count <= count {
    V(load: x + i).store(out + i)
    i += V.count
  }
  if i < count { V(load: x + i, first: count - i).store(out + i, first: count - i) }
}

@inline(__always)
func addRow<V: Lanes>(
  _ x: UnsafePointer<V.Scalar>, _ out: UnsafeMutablePointer<V.Scalar>, _ count: Int, _: V.Type
) {
  var i = 0
  while i + V.count <= count {
    (V(load: out + i) + V(load: x + i)).store(out + i)
    i += V.count
  }
  if i < count {
    (V(load: out + i, first: count - i) + V(load: x + i, first: count - i)).store(out + i, first: count - i)
  }
}
