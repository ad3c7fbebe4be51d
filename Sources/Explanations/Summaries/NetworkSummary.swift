import Display
import Language
import Networks
import Tensors

/// The answer to `:summary`: a network's table with what the layers' own tables do not know, the system it is and where counts come from.
package enum NetworkSummary {
  package static func document(_ value: NetworkValue, named name: String, _ style: Style) -> Document {
    SummaryText(text(value.network, value.text(named: name))).document(style)
  }

  private static func text(_ network: Network, _ table: NetworkText) -> NetworkText {
    var text = table
    text.source = source(of: network)
    var shape = network.inputShape
    // The sizes that a flattening made one axis of, as long as nothing changes them.
    var flattened: [Int]?
    for (index, layer) in network.layers.enumerated() {
      let input = shape
      shape = input.flatMap { try? layer.outputShape(for: $0) }
      if text.layers[index].description.hasSuffix("()") { text.layers[index].description.removeLast(2) }
      if layer is Flatten {
        flattened = input.map { Array($0.dimensions.dropFirst()) }
      } else if let dense = layer as? Dense, let sizes = flattened, sizes.count > 1, sizes.reduce(1, *) == dense.inputs
      {
        let own = "\(dense.inputs)·"
        if text.layers[index].countFormula.hasPrefix(own) {
          text.layers[index].countFormula =
            sizes.map { "\($0)·" }.joined() + text.layers[index].countFormula.dropFirst(own.count)
        }
        flattened = nil
      } else if layer.parameterCount > 0 {
        flattened = nil
      }
    }
    return text
  }

  /// The networks of the documents, as their layers are typed.
  private static let systems: [(id: String, layers: String)] = [
    ("D1.S3", "Conv2d(1, 32, 3) >> relu >> MaxPool2d(2) >> Flatten() >> Dense(5408, 10)"),
    ("D1.S4", "RNN(28, 100) >> Dense(100, 10)"),
    (
      "D3.S1",
      "Conv2d(3, 32, 3) >> relu >> MaxPool2d(2) >> Conv2d(32, 64, 3) >> relu >> MaxPool2d(2) >> Flatten() >> Dense(2304, 10)"
    ),
    (
      "D4.S1",
      "Conv2d(1, 32, 3) >> relu >> Conv2d(32, 64, 3) >> MaxPool2d(2) >> Dropout(0.25) >> Flatten() >> Dense(9216, 128) >> relu >> "
        + "Dropout(0.5) >> Dense(128, 10)"
    ),
  ]

  /// The id of the document's network that this is; a last layer of probabilities makes no difference.
  private static func source(of network: Network) -> String {
    var layers = network.layers.map(\.description)
    if let last = layers.last, last == "softmax" || last == "log_softmax" { layers.removeLast() }
    return systems.first { $0.layers == layers.joined(separator: " >> ") }?.id ?? ""
  }
}
