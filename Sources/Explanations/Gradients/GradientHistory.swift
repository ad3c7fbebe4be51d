import Display
import Language
import Networks

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The answer to `:grads net over`: how the gradient of each weight went through the epochs of a training.
struct GradientHistory {
  private let network: Network
  private let name: String
  private let style: Style
  /// For each parameter its norms, one an epoch.
  private let curves: [(name: String, isMinor: Bool, norms: [Double])]

  /// - Throws: E0831 if the network was not trained in this session.
  init(_ network: Network, _ name: String, _ style: Style) throws(Diagnostic) {
    let norms = network.history?.gradientNorms ?? []
    let parameters = network.parameters
    guard !norms.isEmpty, norms.allSatisfy({ $0.count == parameters.count }) else {
      throw Diagnostic(
        "E0831", "\(name) has no training behind it in this session",
        notes: [.init("hint", "train keeps the norms of each epoch: \(name) = train(\(name), …)")])
    }
    (self.network, self.name, self.style) = (network, name, style)
    curves = parameters.indices.map { index in
      (name + parameters[index].name, parameters[index].value.rank < 2, norms.map { $0[index] })
    }
  }

  func document() -> Document {
    var shown = curves
    if shown.count > GradientTable.most, shown.contains(where: { !$0.isMinor }) { shown = shown.filter { !$0.isMinor } }
    let epochs = curves[0].norms.count
    var table = Table(
      [
        .init("parameter"), .init("first", .right, gap: 2), .init("‖∇‖, log scale", gap: 2), .init("last", .right),
        .init("smallest, largest"),
      ],
      fold: (3, 3, GradientTable.most))
    for curve in shown {
      let finite = curve.norms.filter(\.isFinite)
      let heights = Sparkline.curve(curve.norms.map { $0 > 0 ? log($0) : .nan }, width: 20, style)
      table.append([
        Line(curve.name, .name), Line(NumberFormat.norm(curve.norms[0])), Line(heights, .bar),
        Line(NumberFormat.norm(curve.norms[epochs - 1])),
        Line("\(NumberFormat.norm(finite.min() ?? .nan)), \(NumberFormat.norm(finite.max() ?? .nan))", .dim),
      ])
    }
    var document = Document([
      Line(
        "  \(network.outline), ‖∇‖ over \(epochs) epoch\(epochs == 1 ? "" : "s")".shown(style),
        margin: "the last batch of each")
    ])
    document.append(table.document(style))
    document.append("  \("now", .hint)  :grads \(name)   \("see", .hint)  plot(history(\(name)))")
    return document
  }
}
