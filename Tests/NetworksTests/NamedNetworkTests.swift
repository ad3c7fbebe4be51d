import Networks
import Tensors
import Testing

/// The networks of the fourth document by name, with the counts and last feature maps that torchvision's have.
@Suite("Networks the documents name") struct NamedNetworkTests {
  let input: Shape = [1, 3, 224, 224]

  /// Drawn as zeros: only shapes and counts are looked at.
  private func convolution(
    _ inputs: Int, _ outputs: Int, _ side: Int, stride: Int = 1, padding: Int = 0, bias: Bool = true
  ) -> Networks.Conv2d {
    var random = RandomGenerator(seed: 1)
    return Conv2d(
      inputs, outputs, side, stride: stride, padding: .places(padding), initializer: .zeros, bias: bias,
      elementType: .float32, random: &random)
  }

  private func dense(_ sizes: Int...) -> Int { zip(sizes, sizes.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 + $1.1 } }

  @Test("AlexNet in one tower") func alexNet() throws {
    let relu = FunctionLayer.relu
    let pool = Networks.MaxPool2d(3, stride: 2)
    let features = Network(
      Input([3, 224, 224]), convolution(3, 64, 11, stride: 4, padding: 2), relu, pool,
      convolution(64, 192, 5, padding: 2), relu, pool, convolution(192, 384, 3, padding: 1), relu,
      convolution(384, 256, 3, padding: 1), relu, convolution(256, 256, 3, padding: 1), relu, pool)
    #expect(features.outputShape == [1, 256, 6, 6])
    #expect(features.parameterCount + dense(256 * 6 * 6, 4096, 4096, 1000) == 61_100_840)
  }

  @Test("VGG-16") func vgg() throws {
    var layers: [any Layer] = [Input([3, 224, 224])]
    var channels = 3
    for (next, count) in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)] {
      for _ in 0..<count {
        layers += [convolution(channels, next, 3, padding: 1), FunctionLayer.relu]
        channels = next
      }
      layers.append(Networks.MaxPool2d(2))
    }
    let features = Network(layers)
    #expect(features.outputShape == [1, 512, 7, 7])
    #expect(features.parameterCount + dense(512 * 7 * 7, 4096, 4096, 1000) == 138_357_544)
  }

  @Test("ResNet-50") func resNet() throws {
    let relu = FunctionLayer.relu
    func norm(_ channels: Int) -> BatchNorm { BatchNorm(channels, elementType: .float32) }
    func normed(_ inputs: Int, _ outputs: Int, _ side: Int, stride: Int = 1) -> [any Layer] {
      [convolution(inputs, outputs, side, stride: stride, padding: side / 2, bias: false), norm(outputs)]
    }
    var layers: [any Layer] = normed(3, 64, 7, stride: 2) + [relu, Networks.MaxPool2d(3, stride: 2, padding: 1)]
    var channels = 64
    for (width, count, stride) in [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)] {
      for block in 0..<count {
        let step = block == 0 ? stride : 1
        let body: [any Layer] =
          normed(channels, width, 1) + [relu] + normed(width, width, 3, stride: step) + [relu]
          + normed(width, 4 * width, 1)
        let shortcut = block == 0 ? Network(normed(channels, 4 * width, 1, stride: step)) : nil
        layers += [Residual(Network(body), shortcut: shortcut), relu]
        channels = 4 * width
      }
    }
    let features = Network(layers)
    #expect(try features.outputShape(for: input) == [1, 2048, 7, 7])
    #expect(features.parameterCount + dense(2048, 1000) == 25_557_032)
  }
}
