import CZlib
import Tensors

/// A value as it stands in a file of nabla's own format: what the language has is made of these.
///
/// The file: the eight bytes `89 6e 61 62 6c 61 0d 0a` (a byte past ASCII, `nabla`, carriage return, newline: text transfer damages
/// it visibly), the version as a 32-bit number, one value, and the CRC-32 of all bytes before it. Numbers have the low byte first. A
/// value is one byte for its kind, and then
///
/// | kind | what follows |
/// |---|---|
/// | 0 number | an IEEE double |
/// | 1, 2 tensor | f64, f32: a byte for the rank, a byte of flags (1 may stretch, 2 a condition), the extents as 64-bit numbers, the elements |
/// | 3 string | the number of bytes, UTF-8 |
/// | 4 list | how many, and as many values |
/// | 5 record | how many, and as many strings (without kind) and values in turn |
/// | 6 tagged | a string (without kind) that says what it is, how many, and as many values |
/// | 7 bytes | the number of bytes, and they |
public indirect enum StoredValue: Sendable {
  case number(Double)
  case tensor(Tensor)
  case string(String)
  case list([StoredValue])
  case record([(name: String, value: StoredValue)])
  /// A value of another kind, such as a network: what it is, and its parts.
  case tagged(String, [StoredValue])
  case bytes([UInt8])

  static let magic: [UInt8] = [0x89, 0x6e, 0x61, 0x62, 0x6c, 0x61, 0x0d, 0x0a]
  static let version: UInt32 = 1
  /// Values deeper in each other than this are taken for damage.
  static let deepest = 200
}

extension StoredValue {
  /// Writes a file, whole or not at all.
  /// - Returns: how many bytes it has.
  /// - Throws: `FileProblem`.
  public func write(to path: String) throws(FileProblem) -> Int {
    var bytes = Self.magic
    bytes.append(little: Self.version)
    append(to: &bytes)
    bytes.append(little: checksum(bytes[...]))
    try Files.write(bytes, to: path)
    return bytes.count
  }

  private func append(to bytes: inout [UInt8]) {
    func count(_ n: Int) { bytes.append(little: UInt64(n)) }
    func string(_ text: String) {
      count(text.utf8.count)
      bytes += text.utf8
    }
    switch self {
    case .number(let number):
      bytes.append(0)
      bytes.append(little: number.bitPattern)
    case .tensor(let tensor):
      bytes.append(tensor.elementType == .float64 ? 1 : 2)
      bytes += [UInt8(tensor.rank), (tensor.mayStretch ? 1 : 0) + (tensor.isCondition ? 2 : 0)]
      for extent in tensor.shape.dimensions { count(extent) }
      switch tensor.elementType {
      case .float64:
        tensor.read(as: Double.self) { for i in 0..<tensor.count { bytes.append(little: $0[i].bitPattern) } }
      case .float32:
        tensor.read(as: Float.self) { for i in 0..<tensor.count { bytes.append(little: $0[i].bitPattern) } }
      }
    case .string(let text):
      bytes.append(3)
      string(text)
    case .list(let items):
      bytes.append(4)
      count(items.count)
      for item in items { item.append(to: &bytes) }
    case .record(let fields):
      bytes.append(5)
      count(fields.count)
      for field in fields {
        string(field.name)
        field.value.append(to: &bytes)
      }
    case .tagged(let tag, let parts):
      bytes.append(6)
      string(tag)
      count(parts.count)
      for part in parts { part.append(to: &bytes) }
    case .bytes(let all):
      bytes.append(7)
      count(all.count)
      bytes += all
    }
  }

  /// Reads a file.
  /// - Throws: `FileProblem` if it is no such file, of a newer version, cut short or damaged.
  public static func read(_ path: String) throws(FileProblem) -> StoredValue {
    let bytes = try Files.bytes(path)
    guard bytes.starts(with: magic) else {
      throw FileProblem(path, .wrongFormat(expected: "a file that save wrote", found: kind(of: bytes)))
    }
    guard bytes.count >= 16 else { throw FileProblem(path, .truncated(found: bytes.count, expected: nil)) }
    var reader = StoredReader(bytes: bytes, end: bytes.count - 4, path: path)
    let found = reader.number(UInt32.self)
    guard found <= version else {
      throw FileProblem(
        path, .wrongFormat(expected: "version \(version)", found: "version \(found), of a newer nabla"))
    }
    guard UInt32(little: bytes, at: bytes.count - 4) == checksum(bytes.dropLast(4)) else {
      throw FileProblem(path, .corrupt("its checksum does not fit, or it is cut short"))
    }
    let value = try reader.value(depth: 0)
    guard reader.place == reader.end else { throw FileProblem(path, .corrupt("it goes on after its value")) }
    return value
  }

  /// What a file seems to be, for the error that it is not this.
  private static func kind(of bytes: [UInt8]) -> String {
    let kinds: [(start: [UInt8], name: String)] = [
      ([0x89, 0x50, 0x4e, 0x47], "a PNG image: png(path) reads it"),
      (Array("RIFF".utf8), "a WAV sound: wav(path) reads it"), ([0x1f, 0x8b], "a gzip"),
      ([0x93, 0x4e, 0x55, 0x4d], "a NumPy array"), ([0x50, 0x4b], "a zip, as NumPy and PyTorch write"),
    ]
    if let known = kinds.first(where: { bytes.starts(with: $0.start) }) { return known.name }
    if bytes.isEmpty { return "an empty file" }
    let isText = bytes.prefix(200).allSatisfy { $0 >= 32 || $0 == 10 || $0 == 13 || $0 == 9 }
    return isText ? "a text: text(path) or csv(path) reads it" : "something else"
  }
}

/// The CRC-32 of some bytes, as gzip has it.
func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  bytes.withUnsafeBufferPointer { buffer in
    var sum: UInt = 0
    var place = 0
    // zlib counts in 32 bits.
    while place < buffer.count {
      let part = min(buffer.count - place, 1 << 30)
      sum = UInt(crc32(CUnsignedLong(sum), buffer.baseAddress.unsafelyUnwrapped + place, UInt32(part)))
      place += part
    }
    return UInt32(truncatingIfNeeded: sum)
  }
}

/// Reads values one after the other, never past the end.
private struct StoredReader {
  let bytes: [UInt8]
  let end: Int
  let path: String
  var place = 8

  init(bytes: [UInt8], end: Int, path: String) {
    self.bytes = bytes
    self.end = end
    self.path = path
  }

  private func damaged(_ why: String) -> FileProblem { FileProblem(path, .corrupt("\(why), at byte \(place)")) }

  private func require(_ count: Int) throws(FileProblem) {
    guard count >= 0, count <= end - place else { throw damaged("a value is longer than the file") }
  }

  /// - Precondition: as many bytes are there.
  mutating func number<N: FixedWidthInteger & UnsignedInteger>(_: N.Type) -> N {
    defer { place += N.bitWidth / 8 }
    return N(little: bytes, at: place)
  }

  /// How many of something follow, each of which takes at least so many bytes.
  private mutating func count(least: Int) throws(FileProblem) -> Int {
    try require(8)
    guard let count = Int(exactly: number(UInt64.self)), count <= (end - place) / max(least, 1) else {
      throw damaged("a value is longer than the file")
    }
    return count
  }

  private mutating func string() throws(FileProblem) -> String {
    let count = try count(least: 1)
    defer { place += count }
    return String(decoding: bytes[place..<(place + count)], as: UTF8.self)
  }

  private mutating func values(_ depth: Int) throws(FileProblem) -> [StoredValue] {
    let count = try count(least: 2)
    var values: [StoredValue] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try value(depth: depth + 1)) }
    return values
  }

  mutating func value(depth: Int) throws(FileProblem) -> StoredValue {
    guard depth < StoredValue.deepest else { throw damaged("values are too deep in each other") }
    try require(1)
    let kind = number(UInt8.self)
    switch kind {
    case 0:
      try require(8)
      return .number(Double(bitPattern: number(UInt64.self)))
    case 1: return .tensor(try tensor(Double.self))
    case 2: return .tensor(try tensor(Float.self))
    case 3: return .string(try string())
    case 4: return .list(try values(depth))
    case 5:
      let count = try count(least: 10)
      var fields: [(name: String, value: StoredValue)] = []
      for _ in 0..<count {
        let name = try string()
        fields.append((name, try value(depth: depth + 1)))
      }
      return .record(fields)
    case 6:
      let tag = try string()
      return .tagged(tag, try values(depth))
    case 7:
      let count = try count(least: 1)
      defer { place += count }
      return .bytes(Array(bytes[place..<(place + count)]))
    default: throw damaged("there is no kind of value \(kind)")
    }
  }

  private mutating func tensor<T: Scalar>(_: T.Type) throws(FileProblem) -> Tensor {
    try require(2)
    let (rank, flags) = (Int(number(UInt8.self)), number(UInt8.self))
    try require(8 * rank)
    var extents: [Int] = []
    for _ in 0..<rank {
      guard let extent = Int(exactly: number(UInt64.self)) else { throw damaged("an extent is too large") }
      extents.append(extent)
    }
    guard let shape = try? Shape(checking: extents) else { throw damaged("there is no shape \(extents)") }
    let width = MemoryLayout<T>.size
    guard shape.count <= (end - place) / width else { throw damaged("a tensor is longer than the file") }
    var tensor = Tensor(shape, as: T.self) { out in
      bytes.withUnsafeBytes { source in
        for i in 0..<shape.count {
          if width == 8 {
            let bits = UInt64(littleEndian: source.loadUnaligned(fromByteOffset: place + 8 * i, as: UInt64.self))
            out[i] = T(Double(bitPattern: bits))
          } else {
            let bits = UInt32(littleEndian: source.loadUnaligned(fromByteOffset: place + 4 * i, as: UInt32.self))
            out[i] = T(Float(bitPattern: bits))
          }
        }
      }
    }
    place += shape.count * width
    tensor.mayStretch = flags & 1 != 0
    tensor.isCondition = flags & 2 != 0
    return tensor
  }
}

extension FixedWidthInteger where Self: UnsignedInteger {
  /// The number whose bytes, the low one first, begin at a place.
  init(little bytes: [UInt8], at place: Int) {
    self = 0
    for k in (0..<(Self.bitWidth / 8)).reversed() { self = (self << 8) | Self(bytes[place + k]) }
  }
}

extension [UInt8] {
  /// Appends a number, its low byte first.
  mutating func append<N: FixedWidthInteger & UnsignedInteger>(little number: N) {
    for k in 0..<(N.bitWidth / 8) { append(UInt8(truncatingIfNeeded: number >> N(8 * k))) }
  }

  /// Appends a number, its high byte first.
  mutating func append<N: FixedWidthInteger & UnsignedInteger>(big number: N) {
    for k in (0..<(N.bitWidth / 8)).reversed() { append(UInt8(truncatingIfNeeded: number >> N(8 * k))) }
  }
}
