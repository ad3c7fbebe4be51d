/// How far a window over an image may reach beyond each edge; what lies there counts as zero (or as nothing, for a maximum).
public struct WindowPadding: Sendable, Hashable {
  public var top: Int
  public var left: Int
  public var bottom: Int
  public var right: Int

  public init(top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0) {
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }
}

/// The extents of a two-dimensional convolution (cross-correlation).
///
/// `out[n,o,y,x] = bias[o] + ∑[i,k,l] input[n, i, y·strideHeight + k − top, x·strideWidth + l − left] · kernel[o,i,k,l]`
///
/// **Shapes** `input: [batch, inputChannels, inputHeight, inputWidth]`,
/// `kernel: [outputChannels, inputChannels, kernelHeight, kernelWidth]`,
/// `out: [batch, outputChannels, outputHeight, outputWidth]`, all contiguous.
public struct Conv2dGeometry: Sendable, Hashable {
  public var batch: Int
  public var inputChannels: Int
  public var inputHeight: Int
  public var inputWidth: Int
  public var outputChannels: Int
  public var kernelHeight: Int
  public var kernelWidth: Int
  public var strideHeight: Int
  public var strideWidth: Int
  public var padding: WindowPadding

  public init(
    batch: Int, inputChannels: Int, inputHeight: Int, inputWidth: Int,
    outputChannels: Int, kernelHeight: Int, kernelWidth: Int,
    strideHeight: Int = 1, strideWidth: Int = 1, padding: WindowPadding = WindowPadding()
  ) {
    self.batch = batch
    self.inputChannels = inputChannels
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.outputChannels = outputChannels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.strideHeight = strideHeight
    self.strideWidth = strideWidth
    self.padding = padding
  }

  /// `(H + top + bottom − K) / stride + 1`, rounded down; 0 when the kernel does not fit.
  public var outputHeight: Int {
    windowCount(inputHeight + padding.top + padding.bottom, window: kernelHeight, stride: strideHeight)
  }

  /// `(W + left + right − K) / stride + 1`, rounded down; 0 when the kernel does not fit.
  public var outputWidth: Int {
    windowCount(inputWidth + padding.left + padding.right, window: kernelWidth, stride: strideWidth)
  }

  public var inputCount: Int { batch * inputChannels * inputHeight * inputWidth }
  public var kernelCount: Int { outputChannels * inputChannels * kernelHeight * kernelWidth }
  public var outputCount: Int { batch * outputChannels * outputHeight * outputWidth }
}

/// The extents of a two-dimensional pooling; a last window that does not fit whole is dropped.
///
/// **Shapes** `input: [planes, inputHeight, inputWidth]`, `out: [planes, outputHeight, outputWidth]`, both contiguous; `planes` is
/// batch times channels.
public struct Pool2dGeometry: Sendable, Hashable {
  public var planes: Int
  public var inputHeight: Int
  public var inputWidth: Int
  public var windowHeight: Int
  public var windowWidth: Int
  public var strideHeight: Int
  public var strideWidth: Int
  /// Each edge's padding must be smaller than the window, so that no window sees padding alone.
  public var padding: WindowPadding
  /// Whether an average divides by the whole window, padding included, or only by the numbers it saw.
  public var countsPadding: Bool

  public init(
    planes: Int, inputHeight: Int, inputWidth: Int, windowHeight: Int, windowWidth: Int,
    strideHeight: Int, strideWidth: Int, padding: WindowPadding = WindowPadding(), countsPadding: Bool = false
  ) {
    self.planes = planes
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.windowHeight = windowHeight
    self.windowWidth = windowWidth
    self.strideHeight = strideHeight
    self.strideWidth = strideWidth
    self.padding = padding
    self.countsPadding = countsPadding
  }

  public var outputHeight: Int {
    windowCount(inputHeight + padding.top + padding.bottom, window: windowHeight, stride: strideHeight)
  }

  public var outputWidth: Int {
    windowCount(inputWidth + padding.left + padding.right, window: windowWidth, stride: strideWidth)
  }

  public var inputCount: Int { planes * inputHeight * inputWidth }
  public var outputCount: Int { planes * outputHeight * outputWidth }
}

private func windowCount(_ extent: Int, window: Int, stride: Int) -> Int {
  extent < window ? 0 : (extent - window) / stride + 1
}
