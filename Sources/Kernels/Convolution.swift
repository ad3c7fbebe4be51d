import KernelInterface

func conv2d<T: BinaryFloatingPoint>(
  _ g: Conv2dGeometry, _ x: UnsafePointer<T>, _ kernel: UnsafePointer<T>, _ bias: UnsafePointer<T>?,
  _ out: UnsafeMutablePointer<T>
) {
  eachTap(g) { input, tap, output in
    out[output] += x[input] * kernel[tap]
  } start: {
    let plane = g.outputHeight * g.outputWidth
    for i in 0..<g.outputCount { out[i] = bias.map { $0[i / plane % g.outputChannels] } ?? 0 }
  }
}

func conv2dInputGradient<T: BinaryFloatingPoint>(
  _ g: Conv2dGeometry, _ gradient: UnsafePointer<T>, _ kernel: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>
) {
  eachTap(g) { input, tap, output in
    out[input] += gradient[output] * kernel[tap]
  } start: {
    out.update(repeating: 0, count: g.inputCount)
  }
}

func conv2dKernelGradient<T: BinaryFloatingPoint>(
  _ g: Conv2dGeometry, _ x: UnsafePointer<T>, _ gradient: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>
) {
  eachTap(g) { input, tap, output in
    out[tap] += gradient[output] * x[input]
  } start: {
    out.update(repeating: 0, count: g.kernelCount)
  }
}

@inline(__always)
private func eachTap(_ g: Conv2dGeometry, _ body: (_ input: Int, _ tap: Int, _ output: Int) -> Void, start: () -> Void)
{
  start()
  let (oh, ow) = (g.outputHeight, g.outputWidth)
  for n in 0..<g.batch {
    for o in 0..<g.outputChannels {
      for i in 0..<g.inputChannels {
        for k in 0..<g.kernelHeight {
          for l in 0..<g.kernelWidth {
            for y in 0..<oh {
              let row = y * g.strideHeight + k - g.padding.top
              if row < 0 || row >= g.inputHeight { continue }
              for x in 0..<ow {
                let column = x * g.strideWidth + l - g.padding.left
                if column < 0 || column >= g.inputWidth { continue }
                body(
                  ((n * g.inputChannels + i) * g.inputHeight + row) * g.inputWidth + column,
                  ((o * g.inputChannels + i) * g.kernelHeight + k) * g.kernelWidth + l,
                  ((n * g.outputChannels + o) * oh + y) * ow + x)
              }
            }
          }
        }
      }
    }
  }
}
