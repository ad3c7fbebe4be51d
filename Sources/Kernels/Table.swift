import KernelInterface

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The kernels of this build of the folder, for `Double`.
public let doubleKernels = KernelTable<Double>(
  unary: { unary($0, $1, $2, $3) },
  binary: { binary($0, $1, $2, $3, $4, $5, $6) },
  reduce: { reduce($0, $1, $2, $3, $4, $5) },
  softmax: { softmax($0, $1, $2, $3, $4) },
  softmaxGradient: { softmaxGradient($0, $1, $2, $3, $4, $5) },
  matrixProduct: { matrixProduct($0) })

/// The kernels of this build of the folder, for `Float`.
public let floatKernels = KernelTable<Float>(
  unary: { unary($0, $1, $2, $3) },
  binary: { binary($0, $1, $2, $3, $4, $5, $6) },
  reduce: { reduce($0, $1, $2, $3, $4, $5) },
  softmax: { softmax($0, $1, $2, $3, $4) },
  softmaxGradient: { softmaxGradient($0, $1, $2, $3, $4, $5) },
  matrixProduct: { matrixProduct($0) })
