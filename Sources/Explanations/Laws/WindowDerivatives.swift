import Language
import Networks
import Tensors

/// Derivatives through layers that look at windows: convolutions, pools, and the flattening behind them.
extension LayerDerivatives {
  /// A sum over chosen places, in their order.
  static func series(
    _ letters: [String], _ places: [[Int]], body: Calculation, _ term: @escaping ([Int]) throws -> Calculation
  ) throws -> Calculation {
    if let first = places.first { _ = try term(first) }
    return .series(
      .init(
        letters.joined(separator: ","), count: places.count, body: body,
        place: { places[$0].map(String.init).joined(separator: ",") },
        term: { (try? term(places[$0])) ?? .number(.nan) }))
  }

  /// Every place of some extents, the last running fastest.
  static func places(_ extents: [Int]) -> [[Int]] {
    extents.reduce([[]]) { found, extent in found.flatMap { head in (0..<extent).map { head + [$0] } } }
  }

  /// `p`, `p+1`, `2p-1`
  private static func shifted(_ letter: String, by offset: Int) -> String {
    offset == 0 ? letter : offset > 0 ? "\(letter)+\(offset)" : "\(letter)\(offset)"
  }

  /// A known value at numbers.
  func read(_ known: Known, _ places: [Int], _ elements: Elements) throws -> Calculation {
    try elements.read(
      known, places.map { Coordinate($0) }, Meanings(interpreter, SourceText(known.label)))
  }

  // MARK: Convolutions

  /// Each weight of a kernel met every window: `∂L/∂W[o,c,k,l] = ∑[n,p,q] δ[n,o,p,q]·x[n,c,p+k,q+l]`. Each number of the image was met by
  /// every kernel that lay on it.
  func window(_ weight: Tensor, _ stride: Int, _ padding: Padding, _ parameter: Networks.Parameter?) throws
    -> LetterLaw?
  {
    let axes = weight.rank - 2
    guard stage.x.rank == axes + 2, let W = self.weight("W") else { return nil }
    let image = stage.x.shape.dimensions, output = stage.y.shape.dimensions, kernel = weight.shape.dimensions
    let before = (0..<axes).map {
      padding.edges(extent: image[2 + $0], window: kernel[2 + $0], stride: stride).before
    }
    let (ps, ks) = (Array(["p", "q"].prefix(axes)), Array(["k", "l"].prefix(axes)))
    let (x, delta) = (x, delta)
    let step = stride == 1 ? "" : "\(stride)"
    /// `p+k-1`
    func meeting(_ axis: Int) -> String {
      "\(step)\(ps[axis])+\(ks[axis])" + (before[axis] == 0 ? "" : "-\(before[axis])")
    }
    let placesOfDelta = list(["n", "o"] + ps)
    if parameter?.name == "b" {
      return try law(["o"], "∑\(list(["n"] + ps)) δ\(placesOfDelta)", card: "D1.conv")
    }
    let met = list(["n", "c"] + (0..<axes).map(meeting))
    if parameter != nil {
      let term = Calculation.product([.read("\(d)\(placesOfDelta)", .nan), .read("\(x.label)\(met)", .nan)])
      let all = Self.places([output[0]] + output.dropFirst(2))
      return LetterLaw(
        ["o", "c"] + ks, formula: "∑\(list(["n"] + ps)) \(term.text())", margin: margin("D1.conv"),
        standings: standings + ["\(d) = \(meaning)"], letters: [delta]
      ) { at, elements in
        let at = try at.allNumbers()
        func from(_ place: [Int]) -> [Int] { (0..<axes).map { place[1 + $0] * stride + at[2 + $0] - before[$0] } }
        let inside = all.filter { place in
          zip(from(place), image.dropFirst(2)).allSatisfy { $0 >= 0 && $0 < $1 }
        }
        let met = (0..<axes).map { Self.shifted(step + ps[$0], by: at[2 + $0] - before[$0]) }
        let own = Calculation.product([
          .read("\(self.d)\(self.list(["n", String(at[0])] + ps))", .nan),
          .read("\(x.label)\(self.list(["n", String(at[1])] + met))", .nan),
        ])
        return try Self.series(["n"] + ps, inside, body: own) { place in
          try self.read(delta, [place[0], at[0]] + place.dropFirst(), elements)
            * self.read(x, [place[0], at[1]] + from(place), elements)
        }
      }
    }
    // Where the kernel lay when it met this number of the image.
    let source = (0..<axes).map { axis in
      let shift = before[axis] == 0 ? "" : "+\(before[axis])"
      return stride == 1 ? "\(ps[axis])\(shift)-\(ks[axis])" : "(\(ps[axis])\(shift)-\(ks[axis]))/\(stride)"
    }
    let term = Calculation.product([
      .read("\(d)\(list(["n", "o"] + source))", .nan), .read("W\(list(["o", "c"] + ks))", .nan),
    ])
    let all = Self.places([kernel[0]] + kernel.dropFirst(2))
    return LetterLaw(
      ["n", "c"] + ps, formula: "∑\(list(["o"] + ks)) \(term.text())", margin: margin("D1.conv"),
      standings: [stands("W"), "\(d) = \(meaning)"], letters: [delta]
    ) { at, elements in
      let at = try at.allNumbers()
      func from(_ place: [Int]) -> [Int]? {
        var found: [Int] = []
        for axis in 0..<axes {
          let shifted = at[2 + axis] + before[axis] - place[1 + axis]
          guard shifted >= 0, shifted % stride == 0, shifted / stride < output[2 + axis] else { return nil }
          found.append(shifted / stride)
        }
        return found
      }
      let source = (0..<axes).map { axis in
        let shift = "\(at[2 + axis] + before[axis])-\(ks[axis])"
        return stride == 1 ? shift : "(\(shift))/\(stride)"
      }
      let own = Calculation.product([
        .read("\(self.d)\(self.list([String(at[0]), "o"] + source))", .nan),
        .read("W\(self.list(["o", String(at[1])] + ks))", .nan),
      ])
      return try Self.series(["o"] + ks, all.filter { from($0) != nil }, body: own) { place in
        try self.read(delta, [at[0], place[0]] + (from(place) ?? []), elements)
          * self.read(W, [place[0], at[1]] + place.dropFirst(), elements)
      }
    }
  }

  // MARK: Pools

  /// The whole derivative of a window goes to the number that won it; of a mean each number has its share.
  func pool(_ side: Int, _ stride: Int, _ padding: Int, isMax: Bool) -> LetterLaw? {
    guard stage.x.rank == 4 else { return nil }
    let image = stage.x.shape.dimensions, output = stage.y.shape.dimensions
    let (x, delta) = (stage.x, delta)
    let windows = Self.places(Array(output.dropFirst(2)))
    /// The places of a window that lie on the image.
    func inside(_ window: [Int]) -> [[Int]] {
      Self.places([side, side]).map { [window[0] * stride + $0[0] - padding, window[1] * stride + $0[1] - padding] }
        .filter { $0[0] >= 0 && $0[1] >= 0 && $0[0] < image[2] && $0[1] < image[3] }
    }
    func winner(_ window: [Int], _ n: Int, _ c: Int) -> [Int]? {
      func number(_ place: [Int]) -> Double {
        x[flat: ((n * image[1] + c) * image[2] + place[0]) * image[3] + place[1]]
      }
      return inside(window).reduce(nil) { best, place in
        best.map { number(place) > number($0) ? place : $0 } ?? place
      }
    }
    let formula =
      isMax ? "∑[r,s] \(d)[n,c,r,s]·(1 where x won)" : "(∑[r,s] \(d)[n,c,r,s]) / \(side * side)"
    return LetterLaw(
      ["n", "c", "p", "q"], formula: formula, margin: margin("D2.pool"),
      standings: standings + ["r,s the windows over p,q", "\(d) = \(meaning)"], letters: [delta],
      remark: { at, result in
        guard isMax else { return nil }
        let own = windows.filter { inside($0).contains([at[2], at[3]]) }
        guard let window = own.first, let best = winner(window, at[0], at[1]) else { return nil }
        let text = "[\(at[0]),\(at[1]),\(best[0]),\(best[1])]"
        return own.contains { winner($0, at[0], at[1]) == [at[2], at[3]] }
          ? "it is the largest of its window, so all of the window's derivative goes to it"
          : "0 since \(self.x.label)\(text) is larger and won the window: nothing passes"
      }
    ) { at, elements in
      let at = try at.allNumbers()
      let own = windows.filter { window in
        isMax ? winner(window, at[0], at[1]) == [at[2], at[3]] : inside(window).contains([at[2], at[3]])
      }
      let term = Calculation.read("\(self.d)[\(at[0]),\(at[1]),r,s]", .nan)
      let sum = try Self.series(["r", "s"], own, body: term) { try self.read(delta, [at[0], at[1]] + $0, elements) }
      return isMax ? sum : sum / .number(Double(side * side))
    }
  }

  // MARK: Flatten

  /// Nothing is computed: each number comes back to where it stood.
  func flat(_ places: [String]) throws -> LetterLaw {
    let extents = stage.x.shape.dimensions
    let delta = delta
    var index = places[1]
    for axis in places.indices.dropFirst(2) {
      index = "\(axis > 2 ? "(\(index))" : index)·\(extents[axis])+\(places[axis])"
    }
    return LetterLaw(
      places, formula: "\(d)[\(places[0]), \(index)]", margin: margin(""), standings: ["\(d) = \(meaning)"],
      letters: [delta], remark: { _, _ in "Flatten computes nothing: the number comes back to where it stood" }
    ) { at, elements in
      let at = try at.allNumbers()
      let flat = zip(at.dropFirst(), extents.dropFirst()).reduce(0) { $0 * $1.1 + $1.0 }
      return try self.read(delta, [at[0], flat], elements)
    }
  }

  // MARK: Embedding

  /// A row of the table was read at every place that holds its number.
  func embedding() throws -> LetterLaw? {
    guard stage.x.rank <= 4 else { return nil }
    let letters = Array(Self.letters(stage.x.rank + 1).dropLast())
    let (x, delta) = (stage.x, delta)
    let all = Self.places(x.shape.dimensions)
    let term = Calculation.read("\(d)\(list(letters + ["j"]))", .nan)
    return LetterLaw(
      ["w", "j"], formula: "∑\(list(letters)) \(term.text()), where \(self.x.label)\(list(letters)) is w",
      margin: margin(""), standings: standings + ["\(d) = \(meaning)"], letters: [delta],
      remark: { at, _ in
        let count = x.elements.count { $0 == Double(at[0]) }
        return count == 0
          ? "word \(at[0]) does not occur: its row does not change the loss" : "word \(at[0]) occurs \(count) times"
      }
    ) { at, elements in
      let at = try at.allNumbers()
      let own = all.indices.filter { x[flat: $0] == Double(at[0]) }.map { all[$0] }
      let term = Calculation.read("\(self.d)\(self.list(letters + [String(at[1])]))", .nan)
      return try Self.series(letters, own, body: term) { try self.read(delta, $0 + [at[1]], elements) }
    }
  }
}
