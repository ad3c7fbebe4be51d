import Networks
import Tensors

/// A table from a text file: numbers and words in rows, with a separator between.
///
/// Fields are separated by commas; by semicolons or tabs if the first line has no comma. A field may stand in double quotes, inside
/// which a doubled quote is one quote and separators and newlines are text (RFC 4180). Empty lines are skipped. The first row is a
/// header if none of its fields is a number and some field below is. An empty field of a column of numbers is nan.
///
/// A first row that says how many rows and columns of measurements follow and names the classes (`150,4,setosa,versicolor,virginica`)
/// is taken for what it is: the last column then holds the numbers of these classes.
public struct CSVTable: Sendable {
  /// The names of the columns; empty without a header.
  public let header: [String]
  public let rowCount: Int
  public let columnCount: Int
  /// The names of the last column's classes, where the first row gives them.
  public let classNames: [String]
  private let path: String
  private let text: [UInt8]
  private let fields: [Field]

  private struct Field {
    var start: Int32
    var end: Int32
    var line: Int32
    var column: Int32
    var isQuoted: Bool
  }

  /// Reads a file, compressed with gzip or not.
  /// - Parameter header: whether the first row names the columns; found out if nil.
  /// - Throws: `FileProblem`, with line and column for what is wrong in the text.
  public init(path: String, header: Bool? = nil) throws(FileProblem) {
    try self.init(Files.decompressedBytes(path), path: path, header: header)
  }

  /// Reads a text.
  public init(_ bytes: [UInt8], path: String, header: Bool? = nil) throws(FileProblem) {
    guard bytes.count < Int(Int32.max) else {
      throw FileProblem(path, .tooLarge(bytes: bytes.count, limit: Int(Int32.max)))
    }
    self.path = path
    let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
    self.text = text
    let (fields, width) = try Self.split(text, path)
    guard width > 0 else { throw FileProblem(path, .wrongFormat(expected: "a table", found: "an empty file")) }
    func isNumber(_ field: Field) -> Bool { Self.number(text, Int(field.start), Int(field.end)) != nil }
    let first = fields[..<width]
    let classNames = header == nil ? Self.classNames(first.map { Self.string(text, $0) }, fields.count / width) : []
    self.classNames = classNames
    let hasHeader =
      header
      ?? (!classNames.isEmpty
        || !first.contains(where: isNumber) && fields.count > width && fields[width...].contains(where: isNumber))
    columnCount = width
    rowCount = fields.count / width - (hasHeader ? 1 : 0)
    self.fields = hasHeader ? Array(fields[width...]) : fields
    self.header = hasHeader && classNames.isEmpty ? first.map { Self.string(text, $0) } : []
  }

  /// The class names in a first row that counts the rows and columns below it; empty for any other row.
  private static func classNames(_ row: [String], _ rows: Int) -> [String] {
    guard row.count > 2, Int(row[0]) == rows - 1, Int(row[1]) == row.count - 1 else { return [] }
    let names = Array(row[2...])
    return names.allSatisfy { !$0.isEmpty && Double($0) == nil } ? names : []
  }

  /// Takes the text apart; every row has as many fields as the first.
  private static func split(_ text: [UInt8], _ path: String) throws(FileProblem) -> ([Field], Int) {
    let separator = separator(of: text)
    var fields: [Field] = []
    var (width, inRow) = (0, 0)
    var (line, lineStart, place) = (1, 0, 0)
    func problem(_ what: String, at place: Int) -> FileProblem {
      let column = text[lineStart..<place].count { $0 & 0xc0 != 0x80 } + 1
      return FileProblem(path, .text(line: line, column: column, what))
    }
    while place < text.count {
      if inRow == 0 && (text[place] == 10 || text[place] == 13) {
        if text[place] == 10 {
          line += 1
          lineStart = place + 1
        }
        place += 1
        continue
      }
      var field = Field(
        start: Int32(place), end: 0, line: Int32(line), column: Int32(place - lineStart + 1), isQuoted: false)
      if text[place] == 34 {
        let opening = place
        let (openingLine, openingStart) = (line, lineStart)
        field.isQuoted = true
        field.start += 1
        place += 1
        while place < text.count, text[place] != 34 || (place + 1 < text.count && text[place + 1] == 34) {
          if text[place] == 34 { place += 1 }
          if text[place] == 10 {
            line += 1
            lineStart = place + 1
          }
          place += 1
        }
        guard place < text.count else {
          (line, lineStart) = (openingLine, openingStart)
          throw problem("the quote is not closed", at: opening)
        }
        field.end = Int32(place)
        place += 1
        guard place == text.count || text[place] == separator || text[place] == 10 || text[place] == 13 else {
          throw problem("text follows the closing quote", at: place)
        }
      } else {
        while place < text.count, text[place] != separator, text[place] != 10, text[place] != 13 { place += 1 }
        field.end = Int32(place)
      }
      fields.append(field)
      inRow += 1
      if place < text.count && text[place] == separator {
        place += 1
        // A separator at the very end of a line begins one more, empty, field.
        guard place == text.count || text[place] == 10 || text[place] == 13 else { continue }
        let here = Int32(place)
        fields.append(
          Field(start: here, end: here, line: Int32(line), column: Int32(place - lineStart + 1), isQuoted: false))
        inRow += 1
      }
      if width == 0 { width = inRow }
      guard inRow == width else {
        throw problem("\(inRow) \(inRow == 1 ? "field" : "fields") where the first row has \(width)", at: place)
      }
      inRow = 0
    }
    return (fields, width)
  }

  private static func separator(of text: [UInt8]) -> UInt8 {
    let first = text.prefix { $0 != 10 && $0 != 13 }
    if first.contains(44) { return 44 }
    if first.contains(9) { return 9 }
    return first.contains(59) ? 59 : 44
  }

  /// The text of one field, quotes undone.
  public subscript(row: Int, column: Int) -> String { string(fields[row * columnCount + column]) }

  private func string(_ field: Field) -> String { Self.string(text, field) }

  private static func string(_ text: [UInt8], _ field: Field) -> String {
    var bytes = text[Int(field.start)..<Int(field.end)]
    if field.isQuoted {
      var undone: ArraySlice<UInt8> = []
      var isSecond = false
      for byte in bytes {
        isSecond = byte == 34 && !isSecond
        if !isSecond { undone.append(byte) }
      }
      bytes = undone
    } else {
      while let first = bytes.first, first == 32 { bytes.removeFirst() }
      while let last = bytes.last, last == 32 { bytes.removeLast() }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether a column holds numbers only.
  public func isNumeric(_ column: Int) -> Bool {
    (0..<rowCount).allSatisfy { row in
      let field = fields[row * columnCount + column]
      return field.start == field.end || Self.number(text, Int(field.start), Int(field.end)) != nil
    }
  }

  /// The words of a column as numbers of classes, in the order in which they first stand; nil for a column with a number in it.
  public func classes(_ column: Int) -> (labels: [Int32], names: [String])? {
    guard rowCount > 0, !isNumeric(column) else { return nil }
    var names: [String] = []
    var numbers: [String: Int32] = [:]
    var labels: [Int32] = []
    for row in 0..<rowCount {
      let field = fields[row * columnCount + column]
      if !field.isQuoted, Self.number(text, Int(field.start), Int(field.end)) != nil { return nil }
      let name = string(field)
      if let known = numbers[name] {
        labels.append(known)
      } else {
        numbers[name] = Int32(names.count)
        labels.append(Int32(names.count))
        names.append(name)
      }
    }
    return (labels, names)
  }

  /// The column of this name.
  public func column(named name: String) -> Int? { header.firstIndex(of: name) }

  /// Some columns as a tensor `[rows, columns]`; all of them if nil. Columns of words become the numbers of their classes.
  /// - Throws: `FileProblem` with line and column for a word in a column of numbers; `ShapeError` past the memory limit.
  public func tensor(_ columns: [Int]? = nil, _ type: ElementType = .float64) throws -> Tensor {
    let columns = columns ?? Array(0..<columnCount)
    let shape = try Shape(checking: [rowCount, columns.count])
    try MemoryLimit.check(shape, .float64)
    var numbers = [Double](repeating: 0, count: shape.count)
    let classes = columns.map { self.classes($0)?.labels }
    for row in 0..<rowCount {
      for (place, column) in columns.enumerated() {
        if let labels = classes[place] {
          numbers[row * columns.count + place] = Double(labels[row])
          continue
        }
        let field = fields[row * columnCount + column]
        if field.start == field.end {
          numbers[row * columns.count + place] = .nan
        } else if let value = Self.number(text, Int(field.start), Int(field.end)) {
          numbers[row * columns.count + place] = value
        } else {
          throw FileProblem(
            path,
            .text(line: Int(field.line), column: Int(field.column), "'\(string(field).prefix(40))' is not a number"))
        }
      }
    }
    return Tensor(numbers, shape: shape, type)
  }

  /// The table as samples: one column, the last unless another is named, is the target. Words there become classes, in the order
  /// in which they first stand; whole numbers from 0 stay labels, other numbers are numbers.
  /// - Throws: `FileProblem` with line and column for a word in a column of numbers.
  public func dataset(target: Int? = nil) throws -> Dataset {
    let target = target ?? columnCount - 1
    let x = try tensor((0..<columnCount).filter { $0 != target })
    if let (labels, names) = classes(target) { return Dataset(x: x, labels: labels, classNames: names, name: path) }
    let y = try tensor([target]).reshaped(to: [rowCount])
    let values = y.elements
    guard values.allSatisfy({ $0 >= 0 && $0 < 1000 && $0 == $0.rounded() }) else {
      return try Dataset(x: x, y: y.reshaped(to: [rowCount, 1]), name: path)
    }
    let isNamed = target == columnCount - 1 && values.allSatisfy { $0 < Double(classNames.count) }
    return Dataset(x: x, labels: values.map { Int32($0) }, classNames: isNamed ? classNames : [], name: path)
  }

  /// A vector or matrix as lines of numbers with commas between, each with the digits that read back as the same number.
  /// - Precondition: one axis or two.
  public static func text(_ table: Tensor) -> [UInt8] {
    let width = table.rank == 2 ? table.shape[1] : 1
    var bytes: [UInt8] = []
    let isSingle = table.elementType == .float32
    for (place, number) in table.elements.enumerated() {
      let text = isSingle ? "\(Float(number))" : "\(number)"
      bytes += text.hasSuffix(".0") ? text.dropLast(2).utf8[...] : text.utf8[...]
      bytes.append((place + 1) % width == 0 ? 10 : 44)
    }
    return bytes
  }

  /// The number a run of bytes spells, spaces around it allowed; nil if it spells none.
  static func number(_ text: [UInt8], _ start: Int, _ end: Int) -> Double? {
    var (start, end) = (start, end)
    while start < end, text[start] == 32 { start += 1 }
    while start < end, text[end - 1] == 32 { end -= 1 }
    guard start < end else { return nil }
    // Short decimals without exponent are exact as a quotient of two small whole numbers.
    var place = start
    let isNegative = text[place] == 45
    if isNegative { place += 1 }
    var (mantissa, digits, scale, afterPoint) = (0, 0, 0, false)
    while place < end {
      let byte = text[place]
      if byte >= 48 && byte <= 57 {
        mantissa = mantissa * 10 + Int(byte - 48)
        digits += 1
        if afterPoint { scale += 1 }
        if digits > 15 { break }
      } else if byte == 46 && !afterPoint {
        afterPoint = true
      } else {
        break
      }
      place += 1
    }
    if place == end && digits > 0 {
      let value = Double(mantissa) / tens[scale]
      return isNegative ? -value : value
    }
    // The whole of the field, not a hexadecimal number.
    let word = String(decoding: text[start..<end], as: UTF8.self)
    return word.contains("x") || word.contains("X") ? nil : Double(word)
  }

  private static let tens: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]
}
