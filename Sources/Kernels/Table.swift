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
  logSumExp: { logSumExp($0, $1, $2, $3) },
  dot: { dot($0, $1, $2) },
  argument: { argument($0, $1, $2, $3, $4, $5) },
  binaryRows: { binaryRows($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) },
  select: { select($0, $1, $2, $3, $4, $5, $6, $7) },
  clamp: { clamp($0, $1, $2, $3, $4) },
  accumulate: { accumulate($0, $1, $2, $3) },
  fill: { fill($0, $1, $2) },
  ramp: { ramp($0, $1, $2, $3) },
  copy: { copy($0, $1, $2, $3, $4) },
  place: { place($0, $1, $2, $3, $4, $5) },
  gather: { gather($0, $1, $2, $3, $4) },
  scatterAdd: { scatterAdd($0, $1, $2, $3, $4) },
  toFloat: { convert($0, $1, $2) },
  toDouble: { convert($0, $1, $2) },
  random: { random($0, $1, $2, $3) },
  descentStep: { descentStep($0) },
  adamStep: { adamStep($0) },
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
  logSumExp: { logSumExp($0, $1, $2, $3) },
  dot: { dot($0, $1, $2) },
  argument: { argument($0, $1, $2, $3, $4, $5) },
  binaryRows: { binaryRows($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) },
  select: { select($0, $1, $2, $3, $4, $5, $6, $7) },
  clamp: { clamp($0, $1, $2, $3, $4) },
  accumulate: { accumulate($0, $1, $2, $3) },
  fill: { fill($0, $1, $2) },
  ramp: { ramp($0, $1, $2, $3) },
  copy: { copy($0, $1, $2, $3, $4) },
  place: { place($0, $1, $2, $3, $4, $5) },
  gather: { gather($0, $1, $2, $3, $4) },
  scatterAdd: { scatterAdd($0, $1, $2, $3, $4) },
  toFloat: { convert($0, $1, $2) },
  toDouble: { convert($0, $1, $2) },
  random: { random($0, $1, $2, $3) },
  descentStep: { descentStep($0) },
  adamStep: { adamStep($0) },
  matrixProduct: { matrixProduct($0) },
  conv2d: { conv2d($0, $1, $2, $3, $4) },
  conv2dInputGradient: { conv2dInputGradient($0, $1, $2, $3) },
  conv2dKernelGradient: { conv2dKernelGradient($0, $1, $2, $3) },
  maxPool2d: { maxPool2d($0, $1, $2, $3) },
  maxPool2dScatter: { maxPool2dScatter($0, $1, $2, $3) },
  maxPool2dGather: { maxPool2dGather($0, $1, $2, $3) },
  averagePool2d: { averagePool2d($0, $1, $2) },
  averagePool2dGradient: { averagePool2dGradient($0, $1, $2) })
