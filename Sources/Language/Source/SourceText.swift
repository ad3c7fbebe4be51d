/// What was typed or read: any bytes at all, with lines and columns.
///
/// It never changes, and every piece of code made from it keeps it for its errors: so it is one object, shared.
package final class SourceText: Sendable, Equatable {
  package let bytes: [UInt8]
  /// The number shown beside the first line: the number of the prompt, or 1 for a file.
  package let firstLine: Int
  /// The file it came from; nil for what was typed.
  package let path: String?
  /// Where each line after the first begins.
  private let lineStarts: [Int]

  package init(bytes: [UInt8], firstLine: Int = 1, path: String? = nil) {
    self.bytes = bytes
    self.firstLine = firstLine
    self.path = path
    var starts: [Int] = []
    for (offset, byte) in bytes.enumerated() where byte == 0x0A { starts.append(offset + 1) }
    lineStarts = starts
  }

  package convenience init(_ text: String, firstLine: Int = 1, path: String? = nil) {
    self.init(bytes: Array(text.utf8), firstLine: firstLine, path: path)
  }

  package static func == (left: SourceText, right: SourceText) -> Bool {
    left.bytes == right.bytes && left.firstLine == right.firstLine && left.path == right.path
  }

  package var lineCount: Int { lineStarts.count + 1 }

  /// The bytes of a range as text; what is not UTF-8 becomes `�`.
  package func text(_ range: SourceRange) -> String {
    let start = min(max(range.start, 0), bytes.count)
    let end = min(max(range.end, start), bytes.count)
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// The index of the line, from 0, on which the byte at `offset` stands.
  ///
  /// - Complexity: logarithmic in the number of lines.
  package func lineIndex(at offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while low < high {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The number shown beside that line.
  package func lineNumber(at offset: Int) -> Int { firstLine + lineIndex(at: offset) }

  /// The range of a line without its line break.
  package func lineRange(_ index: Int) -> SourceRange {
    let start = index == 0 ? 0 : lineStarts[index - 1]
    var end = index < lineStarts.count ? lineStarts[index] - 1 : bytes.count
    if end > start, bytes[end - 1] == 0x0D { end -= 1 }
    return SourceRange(start, end)
  }
}
