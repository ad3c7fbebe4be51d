#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Lines of a file descriptor, read as they are: any length, any bytes.
///
/// What is no terminal is read here and never by libedit. A line comes without its `\n` or `\r\n`; NUL bytes and bytes that
/// are no UTF-8 stay, for the lexer to point at; a last line without an end is a line.
package struct LineSource: ~Copyable {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false

  package init(descriptor: Int32 = 0) { self.descriptor = descriptor }

  /// The next line, nil at the end of the input or when a signal asked to stop.
  package mutating func next() -> [UInt8]? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0A) {
        defer { start = end + 1 }
        return Array(buffer[start..<(end > start && buffer[end - 1] == 0x0D ? end - 1 : end)])
      }
      if isAtEnd {
        defer { start = buffer.count }
        return start < buffer.count ? Array(buffer[start...]) : nil
      }
      if start > 0 {
        buffer.removeSubrange(..<start)
        start = 0
      }
      searched = buffer.count
      fill()
    }
  }

  /// Reads what there is, at least a byte, or notes the end.
  private mutating func fill() {
    let chunk = 1 << 16
    let old = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: chunk))
    let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + old, chunk) }
    buffer.removeLast(chunk - max(0, count))
    if count == 0 || count < 0 && !(errno == EINTR && !Signals.isStopRequested) { isAtEnd = true }
  }
}
