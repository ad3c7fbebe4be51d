import Display
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
      shapes: "x: [n, 1, h, w], y: [n]; part: \"train\" or \"test\"",
      example: ("shape(idx(\"mnist\", part: \"test\"))", "(2, 1, 2, 2)")
    ) { call in
      let part = try call.word("part", of: ["train", "test"])
      let folder = call[0].isNothing ? nil : try call.path(0)
      return try call.reading(0) {
        .dataset(DatasetValue(try IDXFolder.load(folder, part == "train" ? .train : .test), call.type))
      }
    },
    Builtin(
      "csv(path, target: none)", .data,
      "A table from a file as a tensor; with target: a dataset whose target is that column, by name or number.",
      shapes: "[rows, columns]; words become numbers of classes, an empty field nan; gzip is undone",
      example: ("shape(csv(\"data/iris.csv\"))", "(150, 5)")
    ) { call in
      let path = try call.path(0)
      return try call.reading(0) {
        let table = try CSVTable(path: path)
        guard let column = try call.targetColumn(of: table) else {
          let tensor = try table.tensor(nil, call.type)
          if !call.machine.isTrial { call.machine.output(table.classNotes) }
          return Value(tensor)
        }
        return .dataset(DatasetValue(try table.dataset(target: column), call.type))
      }
    },
    Builtin(
      "cifar10(folder: none, part: \"train\")", .data,
      "60,000 colour images of ten classes, in CIFAR-10's binary files; without a folder those that the system has.",
      shapes: "x: [n, 3, 32, 32], from 0 to 1, y: [n]; part: \"train\" or \"test\"",
      example: ("shape(cifar10(\"cifar-10-batches-bin\", part: \"test\"))", "(2, 3, 32, 32)")
    ) { call in
      let part = try call.word("part", of: CIFAR10.Part.allCases.map(\.rawValue))
      let folder = call[0].isNothing ? nil : try call.path(0)
      return try call.reading(0) {
        .dataset(DatasetValue(try CIFAR10.load(folder, part == "train" ? .train : .test), call.type))
      }
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
      derivative: "exact for a tensor",
      example: ("normalize([1, 10; 3, 30])", "[-1, -1; 1, 1]")
    ) { call in
      if case .dataset(let data) = call[0] {
        let like = call[1].isNothing ? data : try call.dataset(1)
        return .dataset(data.with(try data.dataset.normalized(like.dataset.statistics)))
      }
      let x = try call.tensor(0)
      guard x.rank > 0 else { throw ShapeError.rank(x.shape, expected: "[n, …]") }
      let like = call[1].isNothing ? x : try call.tensor(1)
      guard like.rank > 0 else { throw ShapeError.rank(like.shape, expected: "[n, …]") }
      let mean = try Engine.mean(like, 0, true)
      let deviation = try SquareRoot().apply(try Engine.variance(like, 0, true))
      let safe = try Engine.select(
        try Engine.compare(.equal, deviation, Tensor(0, x.elementType)), Tensor(1, x.elementType), deviation)
      return Value(try Divide().apply(try Subtract().apply([x, mean]), safe))
    },
  ]
}

extension CSVTable {
  /// Which numbers stand for which words, a line for each column of words.
  fileprivate var classNotes: Document {
    var document = Document()
    for column in 0..<columnCount {
      let names =
        column == columnCount - 1 && !classNames.isEmpty ? classNames : classes(column)?.names ?? []
      guard !names.isEmpty else { continue }
      let shown = names.prefix(8).enumerated().map { "\($0) \($1)" } + (names.count > 8 ? ["…"] : [])
      let title = header.isEmpty ? "column \(column)" : header[column]
      document.append(Line("  \(title): \(shown.joined(separator: ", "))", .dim))
    }
    return document
  }
}

extension BuiltinCall {
  /// The column that was named as target, by its name or number.
  fileprivate func targetColumn(of table: CSVTable) throws -> Int? {
    guard isGiven("target") else { return nil }
    if case .string(let name) = value("target") {
      guard let found = table.column(named: name) else {
        throw machine.failure(
          "E0303", "the table has no column \(name)", at: argumentSite(index("target")),
          suggestions: Spelling.nearest(to: name, in: table.header).map { [.init(.try, "target: \"\($0)\"")] } ?? [],
          notes: [.init("columns", table.header.isEmpty ? "have no names" : table.header.joined(separator: "  "))])
      }
      return found
    }
    let column = try whole("target", atLeast: 0)
    guard column < table.columnCount else { throw wrong(index("target"), "a column below \(table.columnCount)") }
    return column
  }

  /// The path that an argument names, from the session's folder.
  func path(_ index: Int) throws -> String {
    let name = try string(index)
    let settings = machine.settings
    if settings.mayRead(name) {
      // What the session itself has written, as far as it knows.
      if settings.isConfined, let kept = machine.scratch.existing(name) { return kept }
      return settings.path(name)
    }
    throw machine.failure(
      "E0402", "\(name.firstLine) is outside the folder of the session that is played", at: argumentSite(index),
      notes: [.init("hint", "--allow-files lets a session that is played read and write anywhere")])
  }

  /// The path to which something is written: for a session that is played a place of its own, which is gone at its end.
  func writingPath(_ index: Int) throws -> String {
    let path = try self.path(index)
    guard machine.settings.isConfined else { return path }
    guard let place = machine.scratch.place(for: try string(index)) else {
      throw machine.failure("E0401", "there is no room for temporary files", at: argumentSite(index))
    }
    return place
  }

  /// Runs something that reads a file and says what was found where it should have been.
  func reading(_ index: Int, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let problem as FileProblem {
      var notes: [Diagnostic.Note] = []
      var suggestions: [Diagnostic.Suggestion] = []
      let shown = settingsRelative(problem.path)
      var message = "\(shown): \(problem.explanation)"
      if case .notFound = problem.reason {
        message = "no file \(shown)"
        let (folder, name) = problem.path.folderAndName
        let there = Self.contents(of: folder)
        if !there.isEmpty {
          let names = there.prefix(5).joined(separator: ", ") + (there.count > 5 ? ", …" : "")
          notes.append(.init("looked in", "\(settingsRelative(folder))/ holds \(names)"))
        } else {
          notes.append(
            .init(
              "looked in", "\(settingsRelative(folder))/, which \(Files.exists(folder) ? "is empty" : "does not exist")"
            ))
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
    if path == folder { return "." }
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
}

extension String {
  /// The folder of a path, `.` where none is named, and the rest.
  fileprivate var folderAndName: (folder: String, name: String) {
    guard let slash = lastIndex(of: "/") else { return (".", self) }
    let folder = slash == startIndex ? "/" : String(self[..<slash])
    return (folder, String(self[index(after: slash)...]))
  }
}
