import Interchange
import Networks
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension BuiltinCatalogue {
  /// Data sets, the files they come from, and how they are divided.
  static let data: [Builtin] = [
    Builtin(
      "digits()", .data, "1,797 handwritten digits of 8 by 8 pixels with their labels.",
      shapes: "x: [1797, 64], from 0 to 1, row by row; y: [1797]",
      example: ("shape(digits().y)", "(1797,)")
    ) { call in .dataset(DatasetValue(BundledData.digits, call.type)) },
    Builtin(
      "iris()", .data, "150 irises of three species with four measures each.", shapes: "x: [150, 4], y: [150]",
      example: ("iris().x[0]", "[5.1, 3.5, 1.4, 0.2]")
    ) { call in .dataset(DatasetValue(BundledData.iris, call.type)) },
    Builtin(
      "idx(folder: none, part: \"train\")", .data,
      "Images in MNIST's format, gzipped or not; without a folder those that the system has.",
      shapes: "x: [n, 1, h, w], y: [n]; part: \"train\" or \"test\"", example: ("idx", "")
    ) { call in
      let part = try call.word("part", of: ["train", "test"])
      let folder = call[0].isNothing ? nil : call.machine.settings.path(try call.string(0))
      return try call.reading(0) {
        .dataset(DatasetValue(try IDXFolder.load(folder, part == "train" ? .train : .test), call.type))
      }
    },
    Builtin(
      "csv(path, target: none)", .data,
      "A table from a file: a tensor if it holds numbers only, else a dataset whose target is its last column.",
      shapes: "[rows, columns]", example: ("csv", "")
    ) { call in
      let path = call.machine.settings.path(try call.string(0))
      return try call.reading(0) {
        let table = try CSVTable(path: path)
        if call[1].isNothing {
          if (0..<table.columnCount).allSatisfy({ table.isNumeric($0) }) {
            return Value(try table.tensor(nil, call.type))
          }
          return .dataset(DatasetValue(try table.dataset(), call.type))
        }
        let column: Int
        if case .string(let name) = call[1] {
          guard let found = table.column(named: name) else {
            throw call.fail(
              "E0303", "the table has no column \(name)",
              notes: [.init("columns", table.header.joined(separator: "  "))])
          }
          column = found
        } else {
          column = try call.whole(1, atLeast: 0)
          guard column < table.columnCount else {
            throw call.fail("E0303", "the table has \(table.columnCount) columns")
          }
        }
        return .dataset(DatasetValue(try table.dataset(target: column), call.type))
      }
    },
    Builtin(
      "text(path)", .data, "A file as a string.", shapes: "", example: ("text", "")
    ) { call in
      let path = call.machine.settings.path(try call.string(0))
      return try call.reading(0) { .string(String(decoding: try Files.decompressedBytes(path), as: UTF8.self)) }
    },
    Builtin(
      "partition(data, fraction: 0.8, seed: none)", .data,
      "Two parts of a dataset without a sample in common, drawn at random: the first holds that share.",
      shapes: "→ (train, test)", example: ("size(partition(iris(), 0.8)[0])", "120")
    ) { call in
      let data = try call.dataset(0)
      let fraction = try call.number(1)
      guard fraction >= 0, fraction <= 1 else { throw call.wrong(1, "a share from 0 to 1") }
      let parts: (Dataset, Dataset)
      if call.isGiven("seed") {
        var random = RandomGenerator(seed: UInt64(try call.whole("seed", atLeast: 0)))
        parts = data.dataset.split(fraction, random: &random)
      } else {
        parts = data.dataset.split(fraction, random: &call.machine.random)
      }
      return .list([.dataset(data.with(parts.0)), .dataset(data.with(parts.1))])
    },
    Builtin(
      "batches(data, size: 32, shuffle: true)", .data,
      "A dataset in portions, for a loop: for x, y in batches(d, 32) { … }.",
      shapes: "x: [size, …], y: [size]", example: ("size(batches(iris(), 50))", "150")
    ) { call in
      let data = try call.dataset(0)
      let count = data.dataset.count
      let size = min(try call.whole(1, atLeast: 1), max(1, count))
      let order = try call.flag("shuffle") ? call.machine.random.permutation(count) : Array(0..<count)
      return .dataset(DatasetValue(data.dataset, call.type, batches: .init(size: size, order: order)))
    },
    Builtin(
      "normalize(data, like: none)", .data,
      "Every column or channel brought to mean 0 and deviation 1, by its own statistics or by those of another.",
      formula: "\\frac{x - \\bar{x}}{s}", shapes: "a dataset, or a tensor [n, columns]",
      example: ("normalize([1, 10; 3, 30])", "[-1, -1; 1, 1]")
    ) { call in
      if case .dataset(let data) = call[0] {
        let like = call[1].isNothing ? data : try call.dataset(1)
        return .dataset(data.with(try data.dataset.normalized(like.dataset.statistics)))
      }
      let x = try call.tensor(0)
      guard x.rank > 0 else { throw ShapeError.rank(x.shape, expected: "[n, …]") }
      let like = call[1].isNothing ? x : try call.tensor(1)
      let mean = try Engine.mean(like, 0, true)
      let deviation = try SquareRoot().apply([try Engine.variance(like, 0, true)])
      let safe = try Engine.select(
        try Engine.compare(.equal, deviation, Tensor(0, x.elementType)), Tensor(1, x.elementType), deviation)
      return Value(try Divide().apply([try Subtract().apply([x, mean]), safe]))
    },
  ]

  /// How good answers are.
  static let metrics: [Builtin] = [
    Builtin(
      "accuracy(prediction, target)", .metrics, "The share of right answers: the largest of a row, or above one half.",
      formula: "\\frac{1}{N} \\sum_n [\\hat{t}_n = t_n]",
      shapes: "prediction: [n, c] or [n], target: [n]; or a network and a dataset",
      example: ("accuracy([2, 1; 0, 3], [0, 0])", "0.5")
    ) { call in
      if case .network(let network) = call[0] {
        let data = try call.dataset(1)
        let loss = LossCatalogue.loss(named: "cross_entropy").map { $0.init(.empty) as any Loss }
        guard let loss,
          let found = try call.located(
            [call[0], call[1]], { try Networks.evaluate(network.network, on: data.dataset, loss: loss) })
        else {
          throw Fault.stopped
        }
        guard let accuracy = found.accuracy else {
          throw call.fail("E0303", "right and wrong mean nothing for these targets")
        }
        return .number(accuracy)
      }
      let (answers, labels) = try call.answers()
      return .number(Double(zip(answers, labels).count { $0 == $1 }) / Double(max(labels.count, 1)))
    },
    Builtin(
      "confusion(prediction, target)", .metrics, "How often each class (row) was taken for each class (column).",
      shapes: "→ [c, c]", example: ("confusion([2, 1; 0, 3], [0, 0])", "[1, 1; 0, 0]")
    ) { call in Value(tensor: try call.confusion().matrix) },
    Builtin(
      "precision(prediction, target)", .metrics, "Of the answers for a class, the share that is right.",
      formula: "\\frac{TP}{TP + FP}", shapes: "→ [c]; for [n] the share of class 1",
      example: ("precision([1, 1, 0], [1, 0, 0])", "0.5")
    ) { call in try call.perClass { right, answered, _ in answered > 0 ? right / answered : 0 } },
    Builtin(
      "recall(prediction, target)", .metrics, "Of the samples of a class, the share that was found.",
      formula: "\\frac{TP}{TP + FN}", shapes: "→ [c]; for [n] the share of class 1",
      example: ("recall([1, 1, 0], [1, 0, 0])", "1")
    ) { call in try call.perClass { right, _, there in there > 0 ? right / there : 0 } },
    Builtin(
      "f1(prediction, target)", .metrics, "The harmonic mean of precision and recall.",
      formula: "\\frac{2 P R}{P + R}", shapes: "→ [c]; for [n] that of class 1",
      example: ("f1([1, 1, 0], [1, 0, 0])", "0.6666666666666666")
    ) { call in
      try call.perClass { right, answered, there in answered + there > 0 ? 2 * right / (answered + there) : 0 }
    },
  ]
}

extension Arguments {
  /// No arguments, for what needs none.
  static var empty: Arguments {
    let card = Card(name: "", summary: "", formula: "", example: ("", ""))
    do { return try Arguments([], for: card) } catch { preconditionFailure("a card without arguments takes none") }
  }
}

extension BuiltinCall {
  /// Runs something that reads a file and says what was found where it should have been.
  func reading(_ index: Int, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let problem as FileProblem {
      var notes: [Diagnostic.Note] = []
      var suggestions: [Diagnostic.Suggestion] = []
      var message = "\(problem.path): \(problem.explanation)"
      if case .notFound = problem.reason {
        message = "no file \(problem.path)"
        let (folder, name) = problem.path.folderAndName
        let there = Self.contents(of: folder)
        if !there.isEmpty {
          let shown = there.prefix(5).joined(separator: ", ") + (there.count > 5 ? ", …" : "")
          notes.append(.init("looked in", "\(folder)/ holds \(shown)"))
        } else {
          notes.append(.init("looked in", "\(folder)/, which \(Files.exists(folder) ? "is empty" : "does not exist")"))
        }
        let site = argumentSite(index)
        if let near = Spelling.nearest(to: name, in: there), site.range != self.site.range {
          let path = folder == "." ? near : "\(folder)/\(near)"
          let written = settingsRelative(path)
          if let suggestion = machine.suggestion(
            replacing: [(site.range, "\"\(written)\"")], in: site.source, remark: { "reads " + $0 })
          {
            suggestions.append(suggestion)
          }
        }
      }
      throw machine.failure(
        "E0401", message, at: argumentSite(index), suggestions: suggestions, notes: notes)
    }
  }

  private func settingsRelative(_ path: String) -> String {
    guard let folder = machine.settings.folder else { return path }
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
  }

  /// The names in a folder, hidden ones left out.
  private static func contents(of folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory), names.count < 10_000 {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  // MARK: Metrics

  /// The class of each answer and of each target.
  fileprivate func answers() throws -> (answers: [Int], labels: [Int]) {
    let (prediction, target) = (try tensor(0), try tensor(1))
    func rows(_ x: Tensor) -> [Int] {
      let width = max(x.shape.last, 1)
      let elements = x.elements
      return (0..<(elements.count / width)).map { row in
        var best = 0
        for column in 0..<width where elements[row * width + column] > elements[row * width + best] { best = column }
        return best
      }
    }
    if prediction.shape == target.shape, prediction.rank < 2 || prediction.shape.last == 1 {
      return (prediction.elements.map { $0 > 0.5 ? 1 : 0 }, target.elements.map { $0 > 0.5 ? 1 : 0 })
    }
    guard prediction.rank > 0 else { throw ShapeError.rank(prediction.shape, expected: "[n, c]") }
    if prediction.shape == target.shape { return (rows(prediction), rows(target)) }
    guard target.shape == prediction.shape.removing(axis: prediction.rank - 1) else {
      throw ShapeError.unequal(prediction.shape.removing(axis: prediction.rank - 1), target.shape)
    }
    let classes = prediction.shape.last
    let labels = try target.elements.map { number -> Int in
      guard let label = Int(exactly: number) else { throw ShapeError.fractionalIndex(number) }
      guard label >= 0, label < classes else { throw fail("E0206", "label \(label) is outside the \(classes) classes") }
      return label
    }
    return (rows(prediction), labels)
  }

  fileprivate func confusion() throws -> (matrix: Tensor, isBinary: Bool) {
    let (answers, labels) = try answers()
    let prediction = try tensor(0)
    let isBinary = prediction.rank < 2 || prediction.shape.last == 1
    let classes = isBinary ? 2 : prediction.shape.last
    var counts = [Double](repeating: 0, count: classes * classes)
    for (answer, label) in zip(answers, labels) { counts[label * classes + answer] += 1 }
    return (Tensor(counts, shape: [classes, classes], type), isBinary)
  }

  fileprivate func perClass(_ rule: (_ right: Double, _ answered: Double, _ there: Double) -> Double) throws -> Value {
    let (matrix, isBinary) = try confusion()
    let n = matrix.shape[0]
    let counts = matrix.elements
    let values = (0..<n).map { c in
      rule(
        counts[c * n + c], (0..<n).reduce(0) { $0 + counts[$1 * n + c] }, (0..<n).reduce(0) { $0 + counts[c * n + $1] })
    }
    return isBinary ? .number(values[1]) : .tensor(Tensor(values, type))
  }
}

extension String {
  /// The folder of a path, `.` where none is named, and the rest.
  fileprivate var folderAndName: (folder: String, name: String) {
    guard let slash = lastIndex(of: "/") else { return (".", self) }
    let folder = slash == startIndex ? "/" : String(self[..<slash])
    return (folder, String(self[index(after: slash)...]))
  }
}
