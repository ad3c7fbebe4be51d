import CZlib
import Tensors

/// The bytes of a file one after the other, decompressed on the way if the file is a gzip.
struct ByteStream: ~Copyable {
  private let path: String
  private let bytes: [UInt8]
  private var position = 0
  /// How many bytes have been given.
  private(set) var given = 0
  private let stream: UnsafeMutablePointer<z_stream>?
  private var isFinished = false

  /// Whether the file is compressed.
  var isCompressed: Bool { stream != nil }
  /// The most bytes that can still come: known for plain files, bounded by what deflate can do (1032 to 1) for compressed ones.
  var mostRemaining: Int { isCompressed ? (bytes.count - position + 64) * 1032 : bytes.count - position }

  /// - Throws: `FileProblem` if zlib does not start.
  init(_ bytes: [UInt8], path: String) throws(FileProblem) {
    self.path = path
    self.bytes = bytes
    guard bytes.starts(with: [0x1f, 0x8b]) else {
      stream = nil
      return
    }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    self.stream = stream
    // 15 bits of window, and 16 for the gzip wrapper with its checksum.
    guard inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw FileProblem(path, .refused("zlib does not start"))
    }
  }

  deinit {
    guard let stream else { return }
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Fills a buffer as far as the file goes.
  /// - Returns: how many bytes were written; fewer than asked for only at the end.
  /// - Throws: `FileProblem` if the compressed data is damaged or cut short.
  mutating func read(_ target: UnsafeMutablePointer<UInt8>, _ count: Int) throws(FileProblem) -> Int {
    guard let stream else {
      let part = min(count, bytes.count - position)
      bytes.withUnsafeBufferPointer { source in
        if part > 0 { target.update(from: source.baseAddress.unsafelyUnwrapped + position, count: part) }
      }
      position += part
      given += part
      return part
    }
    var written = 0
    var code = Z_OK
    while written < count && !isFinished && code == Z_OK {
      // zlib counts in 32 bits.
      let room = min(count - written, 1 << 30)
      let supply = min(bytes.count - position, 1 << 30)
      (code, written, position) = bytes.withUnsafeBufferPointer { source in
        stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress.unsafelyUnwrapped + position)
        stream.pointee.avail_in = UInt32(supply)
        stream.pointee.next_out = target + written
        stream.pointee.avail_out = UInt32(room)
        let code = inflate(stream, Z_NO_FLUSH)
        return (
          code, written + room - Int(stream.pointee.avail_out), position + supply - Int(stream.pointee.avail_in)
        )
      }
      if code == Z_STREAM_END {
        // A gzip may be several, one after the other; what else follows is padding.
        if position + 1 < bytes.count && bytes[position] == 0x1f && bytes[position + 1] == 0x8b {
          code = inflateReset(stream)
        } else {
          isFinished = true
        }
      } else if code == Z_BUF_ERROR || (code == Z_OK && position == bytes.count && written < count) {
        given += written
        throw FileProblem(path, .truncated(found: given, expected: nil))
      }
    }
    given += written
    guard code == Z_OK || code == Z_STREAM_END else {
      let why = stream.pointee.msg.map { String(cString: $0) } ?? "zlib says \(code)"
      throw FileProblem(path, .corrupt("\(why), after \(given) bytes"))
    }
    return written
  }

  /// The next bytes, exactly as many.
  /// - Throws: `FileProblem` if the file ends before, or if they would be past the memory limit.
  mutating func array(_ count: Int, limit: Int) throws(FileProblem) -> [UInt8] {
    guard count <= mostRemaining else {
      throw FileProblem(path, .truncated(found: given + (isCompressed ? 0 : mostRemaining), expected: given + count))
    }
    guard count <= limit else { throw FileProblem(path, .tooLarge(bytes: count, limit: limit)) }
    var failure: FileProblem?
    let result = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      guard count > 0, let target = buffer.baseAddress else { return }
      do throws(FileProblem) {
        filled = try read(target, count)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    guard result.count == count else {
      throw FileProblem(path, .truncated(found: given, expected: given - result.count + count))
    }
    return result
  }

  /// All bytes that are left.
  mutating func rest(limit: Int) throws(FileProblem) -> [UInt8] {
    var result: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      var failure: FileProblem?
      let got = chunk.withUnsafeMutableBufferPointer { buffer in
        do throws(FileProblem) {
          return try read(buffer.baseAddress.unsafelyUnwrapped, buffer.count)
        } catch {
          failure = error
          return 0
        }
      }
      if let failure { throw failure }
      if got == 0 { return result }
      result += chunk[..<got]
      guard result.count <= limit else { throw FileProblem(path, .tooLarge(bytes: result.count, limit: limit)) }
    }
  }
}

extension Files {
  /// All bytes of a file, decompressed if it is a gzip.
  /// - Throws: `FileProblem`, also when the compressed data is damaged or cut short.
  public static func decompressedBytes(_ path: String) throws(FileProblem) -> [UInt8] {
    try decompressed(bytes(path), path: path)
  }

  static func decompressed(_ bytes: [UInt8], path: String) throws(FileProblem) -> [UInt8] {
    guard bytes.starts(with: [0x1f, 0x8b]) else { return bytes }
    var stream = try ByteStream(bytes, path: path)
    return try stream.rest(limit: MemoryLimit.bytes)
  }
}
