import Language
import Tensors

/// A kernel laid on every place of an image or a sequence: products added up.
struct ConvolutionLaw: Law {
  let names = ["conv1d", "conv2d"]

  func element(_ call: LawCall) throws -> Calculation? {
    guard let x = call["x"], let w = call["w"] else { return nil }
    let stride = try call.whole("stride") ?? 1
    let (elements, around) = (call.elements, call.around)
    let (image, kernel) = (try elements.extents(x, around), try elements.extents(w, around))
    let axes = call.builtin.name == "conv1d" ? 1 : 2
    var before = Array(repeating: 0, count: axes)
    if let word = try call.word("padding") {
      if word == "same" {
        before = (0..<axes).map { axis in
          let (extent, side) = (image[image.count - axes + axis], kernel[kernel.count - axes + axis])
          let count = (extent + stride - 1) / stride
          return max(0, (count - 1) * stride + side - extent) / 2
        }
      }
    } else {
      before = Array(repeating: try call.whole("padding") ?? 0, count: axes)
    }
    let sum = try Self.windows(
      elements, image: image, kernel: kernel, axes: axes, stride: stride, before: before, at: call.at,
      x: { try $0.element(x, $1, around) }, w: { try $0.element(w, $1, around) })
    guard let sum else { return nil }
    elements.reads.margins.append("D1.conv")
    guard let b = call["b"], call.at.count == axes + 2 else { return sum }
    return sum + (try elements.element(b, [call.at[1]], around))
  }

  /// The sum over a window at one place of the output.
  static func windows(
    _ elements: Elements, image: [Int], kernel: [Int], axes: Int, stride: Int, before: [Int], at: [Coordinate],
    x: @escaping (Elements, [Coordinate]) throws -> Calculation,
    w: @escaping (Elements, [Coordinate]) throws -> Calculation
  ) throws -> Calculation? {
    let isPlain = kernel.count == axes
    guard isPlain ? at.count == axes : at.count == image.count, let place = at.suffix(axes).map({ $0 }).numbers else {
      return nil
    }
    let sides = Array(kernel.suffix(axes))
    let channels = isPlain ? 1 : kernel[1]
    let names = Array((axes == 1 ? ["k"] : ["k", "l"]).prefix(axes))
    let letters = (channels > 1 ? ["c"] : []) + names
    let count = channels * sides.reduce(1, *)
    let inner = elements.taking(letters)
    let lead = isPlain ? [] : Array(at.prefix(at.count - axes - 1))
    func term(_ channel: Coordinate, _ window: [Coordinate], _ from: [Coordinate]) throws -> Calculation {
      let numbers = from.map(\.number)
      let isOutside = zip(numbers, image.suffix(axes)).contains { $0.map { $0 < 0 } == true || ($0 ?? 0) >= $1 }
      let weight = try w(inner, isPlain ? window : [at[at.count - axes - 1], channel] + window)
      if isOutside { return .product([.number(0), weight]) }
      return try x(inner, isPlain ? from : lead + [channel] + from) * weight
    }
    func start(_ axis: Int) -> Int { place[axis] * stride - before[axis] }
    let body = try term(
      channels > 1 ? Coordinate(letter: "c") : Coordinate(0), names.map { Coordinate(letter: $0) },
      names.enumerated().map { axis, name in
        start(axis) == 0 ? Coordinate(letter: name) : Coordinate("\(start(axis))+\(name)", nil)
      })
    func window(_ number: Int) -> (Coordinate, [Int]) {
      var (rest, window): (Int, [Int]) = (number, [])
      for side in sides.reversed() {
        window.append(rest % side)
        rest /= side
      }
      return (Coordinate(rest), window.reversed())
    }
    func term(_ number: Int) throws -> Calculation {
      let (channel, window) = window(number)
      return try term(
        channel, window.map { Coordinate($0) },
        window.enumerated().map { axis, offset in Coordinate(start(axis) + offset) })
    }
    if count > 0 { _ = (try term(0), try term(count - 1)) }
    return .series(
      .init(
        letters.joined(separator: ","), count: count, body: body,
        place: { number in
          guard let (channel, window) = Optional(window(number)) else { return "" }
          return ((channels > 1 ? [channel.text] : []) + window.map(String.init)).joined(separator: ",")
        }, term: { (try? term($0)) ?? .number(.nan) }))
  }
}

/// The largest number or the mean of each window of an image.
struct PoolLaw: Law {
  let names = ["max_pool2d", "avg_pool2d"]

  func element(_ call: LawCall) throws -> Calculation? {
    guard let x = call["x"], let side = try call.whole("k") else { return nil }
    let stride = try call.whole("stride") ?? side
    call.elements.reads.margins.append("D2.pool")
    return try Self.pool(
      call.elements, isMax: call.builtin.name == "max_pool2d", side: side, stride: stride,
      image: try call.elements.extents(x, call.around), at: call.at
    ) { try call.elements.element(x, $0, call.around) }
  }

  static func pool(
    _ elements: Elements, isMax: Bool, side: Int, stride: Int, padding: Int = 0, image: [Int], at: [Coordinate],
    _ x: @escaping ([Coordinate]) throws -> Calculation
  ) throws -> Calculation? {
    guard at.count >= 2, let place = Array(at.suffix(2)).numbers else { return nil }
    let lead = Array(at.dropLast(2))
    let (rows, columns) = (image[image.count - 2], image[image.count - 1])
    var terms: [Calculation] = []
    for p in 0..<side {
      for q in 0..<side {
        let (row, column) = (place[0] * stride - padding + p, place[1] * stride - padding + q)
        guard row >= 0, column >= 0, row < rows, column < columns else { continue }
        terms.append(try x(lead + [Coordinate(row), Coordinate(column)]))
      }
    }
    guard isMax else { return .sum(terms) / .number(Double(terms.count)) }
    let values = terms.map(\.value)
    let best = values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
    let tie = values.indices.first { $0 != best && values[$0] == values[best] }
    elements.reads.remarks.append(
      "won by \(terms[best].text())" + (tie.map { "; \(terms[$0].text()) ties, the first one wins" } ?? ""))
    return .call("max", terms, elementaryFunction("max")!)
  }
}
