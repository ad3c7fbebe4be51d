import Display
import Language
import Networks
import Tensors

/// Answers that lay a window on an image: index equations, `conv2d` and its layer, pools.
struct WindowAnswer {
  let why: Why

  private var style: Style { why.style }
  private var interpreter: Interpreter { why.interpreter }

  /// An index equation that lays a kernel on an image: the image with its window, patch and kernel, then the sum.
  func window(_ question: Why.Question, _ path: Why.Path, _ step: Derivation) throws -> Document? {
    guard case .big(_, let indices, let body) = step.expression.kind, indices.count == 2,
      case .binary(let op, let left, let right) = body.kind, op.kind == .multiply, question.places.count == 2,
      case .series(let series) = path.calculation
    else { return nil }
    let letters = indices.map(\.name.text)
    func plain(_ part: Expression) -> String? {
      guard case .index(let base, let items) = part.kind, items.compactMap({ $0.value?.name?.text }) == letters else {
        return nil
      }
      return base.name?.text
    }
    func shifted(_ part: Expression) -> String? {
      guard case .index(let base, let items) = part.kind, items.count == 2 else { return nil }
      for (item, letter) in zip(items, letters) {
        guard case .binary(let op, let a, let b)? = item.value?.kind, op.kind == .add,
          b.name?.text == letter || a.name?.text == letter
        else { return nil }
      }
      return base.name?.text
    }
    let isKernelRight = plain(right) != nil
    guard let kernelName = plain(isKernelRight ? right : left), let imageName = shifted(isKernelRight ? left : right),
      let image = try step.around.known(imageName)?.value().numbers(interpreter.elementType), image.rank == 2,
      let kernel = try step.around.known(kernelName)?.value().numbers(interpreter.elementType), kernel.rank == 2
    else { return nil }
    let first = series.term(0)
    guard case .product(let factors) = first, case .read(let label, _) = factors[isKernelRight ? 0 : 1],
      let corner = label.indicesAtEnd, corner.count == 2
    else { return nil }
    let rows = corner[0]..<corner[0] + kernel.shape[0]
    let columns = corner[1]..<corner[1] + kernel.shape[1]
    var document = Document()
    let margin = path.steps.first?.line.map { "your line \($0)" } ?? ""
    document.append(Line("  \(question.subject) = \(path.rungs[0])".shown(style), .dim, margin: margin))
    document.append(Line())
    let drawing = WindowDrawing(
      image: NumberGrid(rows: image.shape[0], columns: image.shape[1]) { image[flat: $0 * image.shape[1] + $1] },
      rows: rows, columns: columns,
      kernel: (
        NumberGrid(rows: kernel.shape[0], columns: kernel.shape[1]) { kernel[flat: $0 * kernel.shape[1] + $1] },
        kernelName
      ))
    document.append(drawing.drawing(width: style.width - 4, height: 12, style).document(indent: 2))
    document.append(box(imageName, rows, columns))
    document.append(Line())
    document.append(rungsOnly(question, path))
    return document
  }

  private func box(_ name: String, _ rows: Range<Int>, _ columns: Range<Int>) -> Line {
    "  the box is \("\(name)[\(rows.lowerBound)...\(rows.upperBound - 1), \(columns.lowerBound)...\(columns.upperBound - 1)]", .name)"
  }

  /// The ladder without its law, which stands above.
  private func rungsOnly(_ question: Why.Question, _ path: Why.Path, remark: String = "") -> Document {
    var rungs = path.calculation.rungs(style)
    if path.calculation.longSeries(room: style.width - 10 - question.subject.displayWidth, style) != nil {
      return why.calculation(question, path)
    }
    if !remark.isEmpty { rungs[rungs.count - 1].remark = remark }
    return Ladder(Line(question.subject, .name), rungs, remarkColumn: 30).document(style)
  }

  func pool(_ question: Why.Question, _ path: Why.Path, _ call: LawCall) throws -> Document? {
    guard let x = call["x"], let name = x.name?.text, let image = try call.around.tensor(x), image.rank == 2,
      let side = try call.whole("k"), let places = question.places.numbers, places.count == 2
    else { return nil }
    return try pool(question, path, image, name, side, try call.whole("stride") ?? side, places)
  }

  private func pool(
    _ question: Why.Question, _ path: Why.Path, _ image: Tensor, _ name: String, _ side: Int, _ stride: Int,
    _ places: [Int]
  ) throws -> Document? {
    let (rows, columns) = (
      places[0] * stride..<places[0] * stride + side, places[1] * stride..<places[1] * stride + side
    )
    let base = Printer().text(question.base)
    // Of an image among others the law keeps the places before.
    let lead = "[" + question.places.dropLast(2).map { $0.text + "," }.joined()
    let open = name.hasSuffix("]") ? name.dropLast() + "," : name + "["
    let factor = stride == 1 ? "" : String(stride)
    var document = Document()
    let law =
      "  \(base)\(lead)i,j] = max[p,q] \(open)\(factor)i+p, \(factor)j+q]        window \(side) × \(side), stride \(stride)"
    document.append(Line(law.shown(style), .dim, margin: "D2.pool"))
    document.append(Line())
    let drawing = WindowDrawing(
      image: NumberGrid(rows: image.shape[0], columns: image.shape[1]) { image[flat: $0 * image.shape[1] + $1] },
      rows: rows, columns: columns)
    document.append(drawing.drawing(width: style.width - 4, height: 12, style).document(indent: 2))
    document.append(box(name, rows, columns))
    document.append(Line())
    document.append(rungsOnly(question, path, remark: path.reads.remarks.first ?? ""))
    if let remark = path.reads.remarks.first {
      let winner = remark.dropFirst("won by ".count).prefix { $0 != ";" }
      let others = side * side - 1
      let words = others == 3 ? "the other three get 0" : "the other \(others) get 0"
      document.append(Line())
      document.append(
        Line("  backward: all of ∂L/∂\(question.subject) goes to \(winner), \(words)".shown(style), .dim))
    }
    return document
  }

  // MARK: Convolutions

  /// A kernel on an image of one or more channels.
  private struct Convolution {
    /// `[c, h, w]` and `[c, k, l]`
    let image, kernel: Tensor
    let imageName, kernelName: String
    let stride: Int
    let before: [Int]
    /// Where the window lies in what the layer gives.
    let place: [Int]
    let isPadded: Bool
  }

  /// `conv2d(x, w)`
  func convolution(_ question: Why.Question, _ path: Why.Path, _ call: LawCall) throws -> Document? {
    guard let x = call["x"], let w = call["w"], let image = try call.around.tensor(x),
      let kernel = try call.around.tensor(w), let at = question.places.numbers, image.rank == kernel.rank
    else { return nil }
    let stride = try call.whole("stride") ?? 1
    let word = try call.word("padding")
    guard word == nil else { return nil }
    let padding = try call.whole("padding") ?? 0
    let isPlain = image.rank == 2
    guard isPlain ? at.count == 2 : image.rank == 4 && at.count == 4 else { return nil }
    let names = (x.name?.text ?? "x", w.name?.text ?? "w")
    return try document(
      question, path,
      Convolution(
        image: isPlain ? image.reshaped(to: image.shape.inserting(1, at: 0)) : image[at[0]],
        kernel: isPlain ? kernel.reshaped(to: kernel.shape.inserting(1, at: 0)) : kernel[at[1]],
        imageName: isPlain ? names.0 : "\(names.0)[\(at[0])]", kernelName: isPlain ? names.1 : "\(names.1)[\(at[1])]",
        stride: stride, before: [padding, padding], place: Array(at.suffix(2)), isPadded: padding > 0))
  }

  /// What a network gives whose last layer is a convolution or a pool.
  func layer(_ question: Why.Question, _ path: Why.Path, _ step: Derivation) throws -> Document? {
    guard case .call(let callee, let arguments) = step.expression.kind, arguments.count == 1,
      case .network(let network)? = try? step.around.value(callee), let last = network.network.layers.last,
      last is Networks.Conv2d || last is Networks.MaxPool2d,
      let input = try step.around.tensor(arguments[0].value), let at = question.places.numbers, at.count == 4
    else { return nil }
    let layers = network.network.layers.dropLast()
    let x = layers.isEmpty ? input : try Network(Array(layers))(input).detached
    guard x.rank == 4 else { return nil }
    let name = layers.isEmpty && arguments[0].value.isPathText ? step.around.text(arguments[0].value) : "x"
    if let layer = last as? Networks.MaxPool2d {
      guard layer.padding == 0 else { return nil }
      let image = "\(name)[\(at[0]),\(at[1])]"
      return try pool(question, path, x[at[0]][at[1]], image, layer.side, layer.stride, Array(at.suffix(2)))
    }
    guard let layer = last as? Networks.Conv2d else { return nil }
    let sides = layer.weight.shape.dimensions.suffix(2)
    let before = zip(x.shape.dimensions.suffix(2), sides).map {
      layer.padding.edges(extent: $0, window: $1, stride: layer.stride).before
    }
    return try document(
      question, path,
      Convolution(
        image: x[at[0]], kernel: layer.weight[at[1]], imageName: "\(name)[\(at[0])]", kernelName: "W[\(at[1])]",
        stride: layer.stride, before: before, place: Array(at.suffix(2)), isPadded: before.contains { $0 > 0 }))
  }

  /// A picture for each channel, as far as the screen has room, then the sum of all products.
  private func document(_ question: Why.Question, _ path: Why.Path, _ found: Convolution) throws -> Document? {
    guard path.calculation.hasSeries else { return nil }
    let (image, kernel) = (found.image, found.kernel)
    let channels = image.shape[0]
    func grid(_ tensor: Tensor, _ channel: Int) -> NumberGrid {
      let (rows, columns) = (tensor.shape[1], tensor.shape[2])
      return NumberGrid(rows: rows, columns: columns) { tensor[flat: (channel * rows + $0) * columns + $1] }
    }
    let start = (0..<2).map { found.place[$0] * found.stride - found.before[$0] }
    let rows = start[0]..<start[0] + kernel.shape[1]
    let columns = start[1]..<start[1] + kernel.shape[2]
    var document = Document()
    if let law = why.law(question, path) { document.append(law) }
    if !path.reads.standings.isEmpty { document.append(contentsOf: why.standings(path.reads.standings)) }
    document.append(Line())
    var shown = 0
    var lines: [Line] = []
    while shown < channels {
      let name = channels == 1 ? found.kernelName : found.kernelName.dropLast() + ",\(shown)]"
      let drawing = WindowDrawing(
        image: grid(image, shown), rows: rows, columns: columns, kernel: (grid(kernel, shown), String(name)))
      let picture = drawing.drawing(width: style.width - 4, height: 12, style).document(indent: 2).lines
      if shown > 0, lines.count + picture.count > 11 { break }
      lines += picture
      shown += 1
    }
    // A sum that takes a table of its own leaves room for a small picture alone.
    let isLong = path.calculation.longSeries(room: style.width - 10 - question.subject.displayWidth, style) != nil
    guard !isLong || lines.count <= 7 else { return nil }
    document.append(contentsOf: lines)
    let left = channels - shown
    if left > 0 { document.append(Line("  and \(left) more channel\(left == 1 ? "" : "s")", .dim)) }
    document.append(box(found.imageName, rows, columns))
    if found.isPadded { document.append(Line("  outside of the image stand zeros", .dim)) }
    document.append(Line())
    document.append(rungsOnly(question, path))
    return document
  }
}
