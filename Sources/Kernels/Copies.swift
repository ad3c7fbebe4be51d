import KernelInterface

func fill<T>(_ value: T, _ out: UnsafeMutablePointer<T>, _ count: Int) {
  for i in 0..<count { out[i] = value }
}

func ramp<T: BinaryFloatingPoint>(_ start: T, _ step: T, _ out: UnsafeMutablePointer<T>, _ count: Int) {
  for i in 0..<count { out[i] = start + T(i) * step }
}

func convert<From: BinaryFloatingPoint, To: BinaryFloatingPoint>(
  _ x: UnsafePointer<From>, _ out: UnsafeMutablePointer<To>, _ count: Int
) {
  for i in 0..<count { out[i] = To(x[i]) }
}

/// Calls `visit(offset)` for every index of a strided view in row-major order.
@inline(__always)
private func forEachOffset(
  _ extents: UnsafePointer<Int>, _ strides: UnsafePointer<Int>, _ rank: Int, _ visit: (Int) -> Void
) {
  var index = SIMD8<Int>(repeating: 0)
  var count = 1
  for axis in 0..<rank { count *= extents[axis] }
  var offset = 0
  for _ in 0..<count {
    visit(offset)
    var axis = rank - 1
    while axis >= 0 {
      index[axis] += 1
      offset += strides[axis]
      if index[axis] < extents[axis] { break }
      offset -= strides[axis] * extents[axis]
      index[axis] = 0
      axis -= 1
    }
  }
}

func copy<T>(
  _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ extents: UnsafePointer<Int>, _ strides: UnsafePointer<Int>,
  _ rank: Int
) {
  var next = out
  forEachOffset(extents, strides, rank) { offset in
    next.pointee = x[offset]
    next += 1
  }
}

func place<T: BinaryFloatingPoint>(
  _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ extents: UnsafePointer<Int>, _ strides: UnsafePointer<Int>,
  _ rank: Int, _ accumulate: Bool
) {
  var next = x
  forEachOffset(extents, strides, rank) { offset in
    if accumulate { out[offset] += next.pointee } else { out[offset] = next.pointee }
    next += 1
  }
}

func gather<T>(
  _ x: UnsafePointer<T>, _ index: UnsafePointer<Int>, _ out: UnsafeMutablePointer<T>, _ count: Int, _ width: Int
) {
  if width == 1 {
    for i in 0..<count { out[i] = x[index[i]] }
  } else {
    for i in 0..<count { (out + i * width).update(from: x + index[i] * width, count: width) }
  }
}

func scatterAdd<T: BinaryFloatingPoint>(
  _ x: UnsafePointer<T>, _ index: UnsafePointer<Int>, _ out: UnsafeMutablePointer<T>, _ count: Int, _ width: Int
) {
  for i in 0..<count {
    let (row, target) = (x + i * width, out + index[i] * width)
    for j in 0..<width { target[j] += row[j] }
  }
}
