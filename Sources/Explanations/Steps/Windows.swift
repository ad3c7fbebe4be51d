import Display
import Language
import Networks
import Tensors

/// Windows that move over images: those of a convolution with its kernel, those of a pooling with their winners.
struct WindowWalk {
  enum Kind {
    /// Kernels by input channel, and the bias that is added.
    case convolution([NumberGrid], bias: Double?)
    case maximum, mean
  }

  /// The image of each channel that a window sees.
  let images: [NumberGrid]
  let imageName: String
  let kernelName: String
  let name: String
  let window: (rows: Int, columns: Int)
  /// Where the window of the output's element begins.
  let start: (Int, Int) -> (row: Int, column: Int)
  let output: NumberGrid
  let kind: Kind
  /// The law at one element.
  let law: (Int, Int) -> String
  /// What stands before the two subscripts: `0,3,`.
  let prefix: String
  let names: [(name: String, value: Value)]

  var walk: Walk {
    let (rows, columns) = (output.rows, output.columns)
    return Walk(
      "window", count: rows * columns,
      place: { words in
        let places = words.filter { $0 != " " }.dropFirst().dropLast().split(separator: ",").compactMap { Int($0) }
        guard words.hasPrefix("["), places.count >= 2 else { return nil }
        let (row, column) = (places[places.count - 2], places[places.count - 1])
        return (0..<rows).contains(row) && (0..<columns).contains(column) ? row * columns + column : nil
      }
    ) { index in step(index / columns, index % columns) }
  }

  private func step(_ row: Int, _ column: Int) -> Step {
    let (rows, columns) = (output.rows, output.columns)
    let subject = "\(name)[\(prefix)\(row),\(column)]"
    var step = Step(.words(""), law(row, column)) { document(row, column, subject, $0) }
    step.ordinal = "window \(row * columns + column + 1) of \(rows * columns)"
    step.example = subject
    step.offers = ["goto \(rows * columns)"] + (rows > 1 ? ["goto [\(rows - 1),0]"] : [])
    step.names = names
    return step
  }

  private func document(_ row: Int, _ column: Int, _ subject: String, _ style: Style) -> Document {
    let (top, left) = start(row, column)
    let (height, width) = (top..<(top + window.rows), left..<(left + window.columns))
    var document = Document()
    func patch(_ channel: Int) -> [Double] {
      height.flatMap { i in
        width.map { j in
          (0..<images[channel].rows).contains(i) && (0..<images[channel].columns).contains(j)
            ? images[channel].element(i, j) : 0
        }
      }
    }
    switch kind {
    case .convolution(let kernels, let bias):
      var left = images.count
      for channel in images.indices {
        var drawing = WindowDrawing(
          image: images[channel], rows: height, columns: width, kernel: (kernels[channel], kernelName))
        (drawing.gap, drawing.space) = (4, 1)
        if channel == 0 { drawing.output = .init(output, name, row: row, column: column) }
        let lines = drawing.drawing(width: style.width - 2, height: images.count == 1 ? 14 : 6, style).document()
        // As many channels as there is room for, the first one always.
        guard channel == 0 || document.lines.count + lines.lines.count < StepPicture.mostLines - 3 else { break }
        if images.count > 1 { document.append(Line("  channel \(channel)", .dim)) }
        document.append(lines)
        left -= 1
      }
      if left > 0 {
        document.append(Line("  \(style.glyph("…", "...")) \(left) more channel\(left == 1 ? "" : "s")", .dim))
      }
      document.append(Line())
      var terms: [Calculation] = []
      let places = window.rows * window.columns
      if images.count * places <= 12 {
        for channel in images.indices {
          let numbers = patch(channel)
          for place in 0..<places {
            let weight = kernels[channel].element(place / window.columns, place % window.columns)
            terms.append(.product([.number(numbers[place]), .number(weight)]))
          }
        }
      } else {
        for channel in images.indices {
          let numbers = patch(channel)
          let sum = (0..<places).reduce(0.0) {
            $0 + numbers[$1] * kernels[channel].element($1 / window.columns, $1 % window.columns)
          }
          terms.append(.number(sum))
        }
        if terms.count > 8 {
          let rest = terms[3..<(terms.count - 1)].reduce(0.0) { $0 + $1.value }
          terms = Array(terms[..<3]) + [.number(rest), terms[terms.count - 1]]
        }
      }
      if let bias { terms.append(.number(bias)) }
      document.append(Self.sum(subject, terms, style))
      if images.count * places > 12 {
        let folded = images.count > 8 ? ", those between as one number" : ""
        document.append(
          Line("  a term for each channel\(folded)\(bias == nil ? "" : ", then the bias")", .dim))
      }
    case .maximum, .mean:
      let numbers = patch(0)
      let isMaximum = { if case .maximum = kind { true } else { false } }()
      let best = numbers.enumerated().max {
        $0.element < $1.element || $0.element == $1.element && $0.offset > $1.offset
      }
      let winner = best.map { (row: top + $0.offset / window.columns, column: left + $0.offset % window.columns) }
      let drawing = WindowDrawing(
        image: images[0], rows: height, columns: width, output: .init(output, name, row: row, column: column),
        winner: isMaximum ? winner : nil)
      document.append(drawing.drawing(width: style.width - 2, height: 14, style).document())
      document.append(Line())
      let list = numbers.map { style.number($0) }.joined(separator: ", ")
      let value = style.number(output.element(row, column))
      if isMaximum, let winner, let best {
        var remark = "won by \(imageName)[\(winner.row),\(winner.column)]"
        let ties = numbers.indices.filter { $0 != best.offset && numbers[$0] == best.element }
        if let tie = ties.first {
          remark +=
            "; \(imageName)[\(top + tie / window.columns),\(left + tie % window.columns)] ties, the first one wins"
        }
        document.append("  \(subject, .name) = max(\(list, .operandA)) = \(value, .result)    \(remark, .dim)")
      } else {
        document.append("  \(subject, .name) = mean(\(list, .operandA)) = \(value, .result)")
      }
    }
    return document
  }

  /// `z[1,2] = 2 - 1 + 2 + 2 = 5`
  static func sum(_ subject: String, _ terms: [Calculation], _ style: Style) -> Line {
    let rungs = Calculation.sum(terms).rungs(style)
    let result = rungs[rungs.count - 1].value.text
    let place = rungs.count > 2 ? 1 : 0
    let sign = rungs[rungs.count - 1].isApproximate ? "≈" : "="
    guard rungs.count > 1 else { return "  \(subject, .name) = \(result, .result)" }
    let text = rungs[min(place, rungs.count - 2)].value.text
    let room = style.width - 5 - subject.count - result.count
    if text.displayWidth > room {
      // Too many terms for a line: those in the middle as one number.
      guard terms.count > 4 else { return "  \(subject, .name) = \(result, .result)" }
      let first = max(1, min(3, terms.count - 3))
      let rest = terms[first..<(terms.count - 1)]
      let folded = Array(terms[..<first]) + [.number(rest.reduce(0.0) { $0 + $1.value }), terms[terms.count - 1]]
      var line = sum(subject, folded, style)
      let remark = "    \(rest.count) in the middle as one"
      if line.width + remark.count <= style.width { line.append(remark, .dim) }
      return line
    }
    return "  \(subject, .name) = \(text) \(sign.shown(style)) \(result, .result)"
  }
}

extension WalkMaker {
  /// The windows of an index equation `z[i,j] = ∑[k,l] x[i+k, j+l] * w[k,l]`; nil if it is none.
  func windows(_ name: String, _ expression: Expression, _ places: [Place], _ whole: Tensor, _ around: Surroundings)
    -> Walk?
  {
    guard places.count == 2, whole.rank == 2, case .index(let i, 0) = places[0].kind,
      case .index(let j, 0) = places[1].kind,
      case .big(let big, let indices, let body) = expression.kind, indices.count == 2
    else { return nil }
    let (k, l) = (indices[0].name.text, indices[1].name.text)
    func corner(_ items: [Subscript], _ row: Int, _ column: Int, _ p: Int, _ q: Int) -> (Int, Int)? {
      guard items.count == 2, let a = items[0].value, let b = items[1].value else { return nil }
      let letters = [i.text: row, j.text: column, k: p, l: q]
      guard let first = a.integer(letters), let second = b.integer(letters) else { return nil }
      return (first, second)
    }
    /// Whether the subscripts are `i…+k, j…+l`.
    func isWindow(_ items: [Subscript]) -> Bool {
      guard let origin = corner(items, 0, 0, 0, 0), let step = corner(items, 0, 0, 1, 1),
        let next = corner(items, 1, 1, 0, 0)
      else { return false }
      return step == (origin.0 + 1, origin.1 + 1) && next.0 > origin.0 && next.1 > origin.1
    }
    var image: (tensor: Tensor, items: [Subscript], name: String)?
    var kernel: (tensor: Tensor, name: String)?
    var parts = [body]
    if big == .sum, case .binary(let op, let left, let right) = body.kind, op.kind == .multiply {
      parts = [left, right]
    }
    for part in parts {
      guard case .index(let base, let items) = part.kind, let tensor = around.tensor(base), tensor.rank == 2 else {
        return nil
      }
      if isWindow(items) {
        image = (tensor, items, around.text(base))
      } else if corner(items, 5, 7, 2, 3).map({ $0 == (2, 3) }) == true {
        kernel = (tensor, around.text(base))
      }
    }
    guard let image else { return nil }
    var window = kernel.map { ($0.tensor.shape[0], $0.tensor.shape[1]) }
    if window == nil, let a = indices[0].range.flatMap(around.tensor), let b = indices[1].range.flatMap(around.tensor) {
      window = (a.count, b.count)
    }
    guard let window, big == .sum && kernel != nil || [.max, .mean].contains(big) && kernel == nil else { return nil }
    let kind: WindowWalk.Kind =
      kernel.map { .convolution([$0.tensor.grid], bias: nil) } ?? (big == .max ? .maximum : .mean)
    let text = around.text(expression)
    return WindowWalk(
      images: [image.tensor.grid], imageName: image.name, kernelName: kernel?.name ?? "", name: name, window: window,
      start: { row, column in corner(image.items, row, column, 0, 0) ?? (row, column) }, output: whole.grid, kind: kind,
      law: { row, column in
        "\(name)[\(row),\(column)] = "
          + text.replacingLetters([i.text: "\(row)", j.text: "\(column)"]).replacing(" * ", with: "·").replacing(
            " ⊙ ", with: "·")
      }, prefix: "", names: around.names + [(name, Value(whole))]
    ).walk
  }

  /// The windows of a convolution layer on the first image, for its first kernel.
  func windows(of layer: Networks.Conv2d, _ x: Tensor, _ y: Tensor, _ around: Surroundings) -> Walk? {
    let (channels, rows, columns) = (x.shape[1], layer.weight.shape[2], layer.weight.shape[3])
    let stride = layer.stride
    let above = layer.padding.edges(extent: x.shape[2], window: rows, stride: stride).before
    let left = layer.padding.edges(extent: x.shape[3], window: columns, stride: stride).before
    return WindowWalk(
      images: (0..<channels).map { x.image(0, $0) }, imageName: "x", kernelName: channels == 1 ? "W" : "W[0,c]",
      name: "y",
      window: (rows, columns), start: { ($0 * stride - above, $1 * stride - left) }, output: y.image(0, 0),
      kind: .convolution((0..<channels).map { layer.weight.image(0, $0) }, bias: layer.bias?[flat: 0]),
      law: { row, column in "y[0,0,\(row),\(column)], the first image and kernel" }, prefix: "0,0,", names: around.names
    ).walk
  }

  func windows(
    ofPool window: (rows: Int, columns: Int), _ stride: Int, _ x: Tensor, _ y: Tensor, _ around: Surroundings,
    isMax: Bool,
    padding: Int = 0, imageName: String = "x", name: String = "y"
  ) -> Walk? {
    guard x.rank == y.rank, x.rank >= 2 else { return nil }
    let prefix = x.rank == 2 ? "" : Array(repeating: "0,", count: x.rank - 2).joined()
    return WindowWalk(
      images: [x.grid], imageName: imageName, kernelName: "", name: name, window: window,
      start: { ($0 * stride - padding, $1 * stride - padding) }, output: y.grid, kind: isMax ? .maximum : .mean,
      law: { row, column in
        "\(name)[\(prefix)\(row),\(column)], window \(window.rows) × \(window.columns), stride \(stride)"
      }, prefix: prefix, names: around.names
    ).walk
  }
}

extension Tensor {
  /// One channel of one image.
  func image(_ first: Int, _ second: Int) -> NumberGrid {
    let tensor = detached
    let (rows, columns) = (shape[rank - 2], shape[rank - 1])
    let start = (first * shape[1] + second) * rows * columns
    return NumberGrid(rows: rows, columns: columns) { tensor[flat: start + $0 * columns + $1] }
  }
}

extension Expression {
  /// The whole number it is where letters are numbers; nil if there is more to it than `+ - *`.
  func integer(_ letters: [String: Int]) -> Int? {
    switch kind {
    case .number(let number): return Int(exactly: number)
    case .name(let name): return letters[name]
    case .negate(let inner): return inner.integer(letters).map { -$0 }
    case .binary(let op, let left, let right):
      guard let a = left.integer(letters), let b = right.integer(letters) else { return nil }
      switch op.kind {
      case .add: return a + b
      case .subtract: return a - b
      case .multiply: return a * b
      default: return nil
      }
    default: return nil
    }
  }
}

extension String {
  /// The text with whole words put for others.
  func replacingLetters(_ words: [String: String]) -> String {
    var result = ""
    var word = ""
    for character in self + "\u{0}" {
      if character.isLetter || character.isNumber || character == "_" {
        word.append(character)
        continue
      }
      result += words[word] ?? word
      word = ""
      if character != "\u{0}" { result.append(character) }
    }
    return result
  }
}
