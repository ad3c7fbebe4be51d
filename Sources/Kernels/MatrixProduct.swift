import KernelInterface

func matrixProduct<T: BinaryFloatingPoint>(_ call: MatrixProductCall<T>) {
  for i in 0..<call.rows {
    let row = call.c + i * call.cRowStride
    if !call.accumulate { for j in 0..<call.columns { row[j] = 0 } }
    for p in 0..<call.inner {
      let a = call.a[i * call.aRowStride + p * call.aColumnStride]
      let b = call.b + p * call.bRowStride
      for j in 0..<call.columns { row[j] += a * b[j * call.bColumnStride] }
    }
  }
}
