import KernelInterface
import Tensors

/// The convolutions of the documents' networks, forward and back, and their pooling.
func benchmarkConvolutions() {
  let same = WindowPadding(top: 1, left: 1, bottom: 1, right: 1)
  layer("D1 32 of 1x28x28 to 32", 32, 1, 28, 32, WindowPadding())
  layer("D3 128 of 3x32x32 to 32", 128, 3, 32, 32, same)
  layer("D3 128 of 32x16x16 to 64", 128, 32, 16, 64, same)
  layer("D4 64 of 1x28x28 to 32", 64, 1, 28, 32, WindowPadding())
  layer("D4 64 of 32x26x26 to 64", 64, 32, 26, 64, WindowPadding())
  pooling("D1 pool 32 of 32x26x26", 32 * 32, 26)
  pooling("D4 pool 64 of 64x24x24", 64 * 64, 24)
}

/// A layer with a kernel of three by three.
private func layer(_ name: String, _ batch: Int, _ inputs: Int, _ extent: Int, _ outputs: Int, _ padding: WindowPadding)
{
  let kernels = Instructions.best.floatKernels
  let g = Conv2dGeometry(
    batch: batch, inputChannels: inputs, inputHeight: extent, inputWidth: extent, outputChannels: outputs,
    kernelHeight: 3, kernelWidth: 3, padding: padding)
  let x = Field<Float>(g.inputCount)
  let kernel = Field<Float>(g.kernelCount)
  let bias = Field<Float>(outputs)
  let gradient = Field<Float>(g.outputCount)
  let out = Field<Float>(max(g.outputCount, g.inputCount, g.kernelCount))
  measure("\(name) forward") { kernels.conv2d(g, x.start, kernel.start, bias.start, out.start) }
  if inputs > 3 {
    measure("\(name) by input") { kernels.conv2dInputGradient(g, gradient.start, kernel.start, out.start) }
  }
  measure("\(name) by kernel") { kernels.conv2dKernelGradient(g, x.start, gradient.start, out.start) }
}

private func pooling(_ name: String, _ planes: Int, _ extent: Int) {
  let kernels = Instructions.best.floatKernels
  let g = Pool2dGeometry(
    planes: planes, inputHeight: extent, inputWidth: extent, windowHeight: 2, windowWidth: 2, strideHeight: 2,
    strideWidth: 2)
  let x = Field<Float>(g.inputCount)
  let (out, back) = (Field<Float>(g.outputCount), Field<Float>(g.inputCount))
  var winners = [Int32](repeating: 0, count: g.outputCount)
  measure("\(name) maximum") { kernels.maxPool2d(g, x.start, out.start, &winners) }
  measure("\(name) maximum back") { kernels.maxPool2dScatter(g, out.start, winners, back.start) }
  measure("\(name) average") { kernels.averagePool2d(g, x.start, out.start) }
  measure("\(name) average back") { kernels.averagePool2dGradient(g, out.start, back.start) }
}
