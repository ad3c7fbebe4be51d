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
  matrixProduct: { matrixProduct($0) },
  conv2d: { conv2d($0, $1, $2, $3, $4) },
  conv2dInputGradient: { conv2dInputGradient($0, $1, $2, $3) },
  conv2dKernelGradient: { conv2dKernelGradient($0, $1, $2, $3) },
  maxPool2d: { maxPool2d($0, $1, $2, $3) },
  maxPool2dScatter: { maxPool2dScatter($0, $1, $2, $3) },
  maxPool2dGather: { maxPool2dGather($0, $1, $2, $3) },
  averagePool2d: { averagePool2d($0, $1, $2) },
  averagePool2dGradient: { averagePool2dGradient($0, $1, $2) })

/// The kernels of this build of the folder, for `Float`.
public let floatKernels = KernelTable<Float>(
  unary: { unary($0, $1, $2, $3) },
  binary: { binary($0, $1, $2, $3, $4, $5, $6) },
  reduce: { reduce($0, $1, $2, $3, $4, $5) },
  softmax: { softmax($0, $1, $2, $3, $4) },
  softmaxGradient: { softmaxGradient($0, $1, $2, $3, $4, $5) },
  matrixProduct: { matrixProduct($0) },
  conv2d: { conv2d($0, $1, $2, $3, $4) },
  conv2dInputGradient: { conv2dInputGradient($0, $1, $2, $3) },
  conv2dKernelGradient: { conv2dKernelGradient($0, $1, $2, $3) },
  maxPool2d: { maxPool2d($0, $1, $2, $3) },
  maxPool2dScatter: { maxPool2dScatter($0, $1, $2, $3) },
  maxPool2dGather: { maxPool2dGather($0, $1, $2, $3) },
  averagePool2d: { averagePool2d($0, $1, $2) },
  averagePool2dGradient: { averagePool2dGradient($0, $1, $2) })
