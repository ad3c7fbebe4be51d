import Display
import Tensors

extension BuiltinCatalogue {
  /// Pictures in characters.
  static let plots: [Builtin] = [
    Builtin(
      "plot(x, y: none, title: \"\")", .plots,
      "A curve over the places of a vector, or y over x; several rows are several curves.",
      shapes: "[n] or [k, n]", example: ("plot([1, 4, 9])", "")
    ) { call in try call.plot(.curves) },
    Builtin(
      "scatter(x, y, title: \"\")", .plots, "Points at x and y.", shapes: "x, y: [n]",
      example: ("scatter([1, 2], [3, 4])", "")
    ) { call in try call.plot(.points) },
    Builtin(
      "hist(x, bins: none, title: \"\")", .plots, "How many numbers lie in each of some equal ranges.", shapes: "any",
      example: ("hist([1, 2, 2, 3])", "")
    ) { call in
      let bins = call[1].isNothing ? nil : try call.whole(1, atLeast: 1)
      let numbers = try call.tensor(0).elements
      return call.show(
        BarChart(histogramOf: numbers, bins: bins, title: try call.string("title"), call.machine.style).document(
          call.machine.style))
    },
    Builtin(
      "heatmap(x, title: \"\")", .plots, "A matrix as shades.", shapes: "[m, n]", example: ("heatmap([1, 2; 3, 4])", "")
    ) { call in try call.shades(isImage: false) },
    Builtin(
      "image(x, title: \"\")", .plots, "A grey picture; a vector of square length is made square.",
      shapes: "[h, w], [1, h, w], [c, h, w] or [h·w]; colours by their brightness",
      example: ("image([1, 2; 3, 4])", "")
    ) { call in try call.shades(isImage: true) },
    Builtin(
      "bars(x, labels: none, title: \"\")", .plots, "A bar for each number.", shapes: "[n]",
      example: ("bars([1, 2, 3])", "")
    ) { call in
      let values = try call.tensor(0).elements
      guard values.count <= 10_000 else { throw call.fail("E0303", "bars draws at most 10,000 numbers") }
      var labels: [String] = []
      if case .list(let items) = call[1] {
        labels = items.map {
          if case .string(let text) = $0 { text } else { ValueText($0, call.machine).typed(call.machine.style) ?? "" }
        }
      }
      return call.show(
        BarChart(labels: labels, values: values, title: try call.string("title")).document(call.machine.style))
    },
  ]
}

extension BuiltinCall {
  fileprivate func show(_ document: Document) -> Value {
    if !machine.isQuiet { machine.output(document) }
    return .nothing
  }

  fileprivate func plot(_ kind: Plot.Kind) throws -> Value {
    func rows(_ tensor: Tensor) throws -> [[Double]] {
      guard tensor.rank <= 2 else { throw ShapeError.rank(tensor.shape, expected: "[n] or [k, n]") }
      let elements = tensor.elements
      if tensor.rank < 2 { return [elements] }
      let width = tensor.shape[1]
      return (0..<tensor.shape[0]).map { Array(elements[($0 * width)..<(($0 + 1) * width)]) }
    }
    let first = try tensor(0)
    var series: [Plot.Series]
    if self[1].isNothing {
      series = try rows(first).map { Plot.Series(y: $0) }
    } else {
      let second = try tensor(1)
      let (xs, ys) = (try rows(first), try rows(second))
      guard first.shape.last == second.shape.last, xs.count == 1 || xs.count == ys.count else {
        throw ShapeError.unequal(first.shape, second.shape)
      }
      series = ys.enumerated().map { Plot.Series(x: xs[xs.count == 1 ? 0 : $0], y: $1) }
    }
    guard series.count <= 8 else { throw fail("E0303", "plot draws at most 8 curves, these are \(series.count)") }
    if series.count > 1 { for index in series.indices { series[index].label = "[\(index)]" } }
    return show(Plot(kind, series, title: try string("title")).document(machine.style))
  }

  fileprivate func shades(isImage: Bool) throws -> Value {
    var x = try tensor(0).detached
    while x.rank > 2, x.shape[0] == 1 { x = x.reshaped(to: x.shape.removing(axis: 0)) }
    if isImage, x.rank == 3, (2...4).contains(x.shape[0]) { x = x.brightness }
    if x.rank == 1 {
      let side = Int(Double(x.count).squareRoot().rounded())
      x = x.reshaped(to: isImage && side * side == x.count ? [side, side] : [1, x.count])
    }
    guard x.rank == 2 else { throw ShapeError.rank(x.shape, expected: "[h, w]") }
    let elements = x.elements
    let columns = x.shape[1]
    return show(
      ShadeMap(rows: x.shape[0], columns: columns, title: try string("title"), isImage: isImage) {
        elements[$0 * columns + $1]
      }.document(machine.style))
  }
}

extension Tensor {
  /// How bright the places of an image `[channels, h, w]` are: of colours as television weighs them, of grey the first channel.
  fileprivate var brightness: Tensor {
    func channel(_ index: Int) -> Tensor { slice(axis: 0, index..<(index + 1)).reshaped(to: shape.removing(axis: 0)) }
    return shape[0] < 3 ? channel(0) : channel(0) * 0.299 + channel(1) * 0.587 + channel(2) * 0.114
  }
}
