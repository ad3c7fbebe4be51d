import KernelInterface

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

func reduce<T: BinaryFloatingPoint>(
  _ op: ReduceOperation, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ outer: Int, _ count: Int, _ inner: Int
) {
  for o in 0..<outer {
    for i in 0..<inner {
      let base = x + o * count * inner + i
      var total: T
      switch op {
      case .sum:
        total = 0
        for k in 0..<count { total += base[k * inner] }
      case .product:
        total = 1
        for k in 0..<count { total *= base[k * inner] }
      case .maximum:
        total = -.infinity
        for k in 0..<count where !(total >= base[k * inner]) && !total.isNaN { total = base[k * inner] }
      case .minimum:
        total = .infinity
        for k in 0..<count where !(total <= base[k * inner]) && !total.isNaN { total = base[k * inner] }
      }
      out[o * inner + i] = total
    }
  }
}

func softmax<T: BinaryFloatingPoint>(
  _ logarithm: Bool, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ rows: Int, _ count: Int
) {
  for r in 0..<rows {
    let row = x + r * count
    let target = out + r * count
    var top = -T.infinity
    for k in 0..<count where !(top >= row[k]) { top = row[k] }
    var total: T = 0
    for k in 0..<count { total += T(Glibc.exp(Double(row[k] - top))) }
    if logarithm {
      let shift = top + T(Glibc.log(Double(total)))
      for k in 0..<count { target[k] = row[k] - shift }
    } else {
      for k in 0..<count { target[k] = T(Glibc.exp(Double(row[k] - top))) / total }
    }
  }
}

func softmaxGradient<T: BinaryFloatingPoint>(
  _ logarithm: Bool, _ g: UnsafePointer<T>, _ y: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ rows: Int,
  _ count: Int
) {
  for r in 0..<rows {
    let (g, y, out) = (g + r * count, y + r * count, out + r * count)
    var total: T = 0
    if logarithm {
      for k in 0..<count { total += g[k] }
      for k in 0..<count { out[k] = g[k] - T(Glibc.exp(Double(y[k]))) * total }
    } else {
      for k in 0..<count { total += g[k] * y[k] }
      for k in 0..<count { out[k] = y[k] * (g[k] - total) }
    }
  }
}

func logSumExp<T: BinaryFloatingPoint>(
  _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ rows: Int, _ count: Int
) {
  for r in 0..<rows {
    let row = x + r * count
    var top = -T.infinity
    for k in 0..<count where !(top >= row[k]) { top = row[k] }
    var total: T = 0
    let shift = top.isFinite ? top : 0
    for k in 0..<count { total += T(Glibc.exp(Double(row[k] - shift))) }
    out[r] = shift + T(Glibc.log(Double(total)))
  }
}

func dot<T: BinaryFloatingPoint>(_ a: UnsafePointer<T>, _ b: UnsafePointer<T>, _ count: Int) -> T {
  var total: T = 0
  for i in 0..<count { total += a[i] * b[i] }
  return total
}

func argument<T: BinaryFloatingPoint>(
  _ ofMaximum: Bool, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<Int>, _ outer: Int, _ count: Int, _ inner: Int
) {
  for o in 0..<outer {
    for i in 0..<inner {
      let base = x + o * count * inner + i
      var (place, best) = (0, base[0])
      for k in 1..<max(count, 1) where !best.isNaN {
        let value = base[k * inner]
        if value.isNaN || (ofMaximum ? value > best : value < best) { (place, best) = (k, value) }
      }
      out[o * inner + i] = place
    }
  }
}
