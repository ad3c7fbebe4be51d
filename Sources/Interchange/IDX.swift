import Networks
import Tensors

/// An array in the format of MNIST's files: zero, zero, a byte for the type, one for the number of axes, the extents as 32-bit
/// numbers and the elements, all with the high byte first; compressed with gzip or not.
public struct IDXArray: Sendable {
  public let shape: Shape
  /// The elements as they are in the file.
  public let bytes: [UInt8]
  let kind: Kind

  enum Kind: UInt8 {
    case unsignedByte = 8
    case signedByte = 9
    case short = 11
    case int = 12
    case float = 13
    case double = 14

    var byteCount: Int {
      switch self {
      case .unsignedByte, .signedByte: 1
      case .short: 2
      case .int, .float: 4
      case .double: 8
      }
    }
  }

  /// Whether the elements are bytes from 0 to 255.
  public var isBytes: Bool { kind == .unsignedByte }

  /// Reads a file.
  /// - Throws: `FileProblem`. Sizes are checked before anything is allocated for them.
  public init(path: String) throws(FileProblem) {
    var stream = try ByteStream(Files.bytes(path), path: path)
    let limit = MemoryLimit.bytes
    let magic = try stream.array(4, limit: limit)
    guard magic[0] == 0, magic[1] == 0, let kind = Kind(rawValue: magic[2]), magic[3] > 0 else {
      throw FileProblem(
        path, .wrongFormat(expected: "an IDX file, which begins with 00 00 08", found: "one with \(hex(magic))"))
    }
    let axes = Int(magic[3])
    let header = try stream.array(4 * axes, limit: limit)
    let extents = (0..<axes).map { Int(UInt32(bigEndian: header, at: 4 * $0)) }
    do {
      shape = try Shape(checking: extents)
    } catch {
      throw FileProblem(path, .corrupt("its header gives the extents \(extents)"))
    }
    bytes = try stream.array(shape.count * kind.byteCount, limit: limit)
    self.kind = kind
    // One byte more than there should be: reads the checksum of a gzip, and finds a header that says too little.
    var extra: UInt8 = 0
    guard try stream.read(&extra, 1) == 0 else {
      throw FileProblem(path, .corrupt("it goes on after the \(shape.count) elements its header gives"))
    }
  }

  /// The elements as a tensor.
  /// - Throws: `ShapeError.memory` past the session's limit.
  public func tensor(_ type: ElementType = .float64) throws(ShapeError) -> Tensor {
    try MemoryLimit.check(shape, type)
    func convert<T: Scalar>(_: T.Type) -> Tensor {
      Tensor(shape, as: T.self) { out in
        for i in 0..<shape.count {
          switch kind {
          case .unsignedByte: out[i] = T(bytes[i])
          case .signedByte: out[i] = T(Int8(bitPattern: bytes[i]))
          case .short: out[i] = T(Int16(bitPattern: UInt16(bigEndian: bytes, at: 2 * i)))
          case .int: out[i] = T(Int32(bitPattern: UInt32(bigEndian: bytes, at: 4 * i)))
          case .float: out[i] = T(Float(bitPattern: UInt32(bigEndian: bytes, at: 4 * i)))
          case .double: out[i] = T(Double(bitPattern: UInt64(bigEndian: bytes, at: 8 * i)))
          }
        }
      }
    }
    return type == .float64 ? convert(Double.self) : convert(Float.self)
  }
}

extension FixedWidthInteger where Self: UnsignedInteger {
  /// The number whose bytes, the high one first, begin at a place.
  init(bigEndian bytes: [UInt8], at place: Int) {
    self = 0
    for k in 0..<(Self.bitWidth / 8) { self = (self << 8) | Self(bytes[place + k]) }
  }
}

private func hex(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
}
