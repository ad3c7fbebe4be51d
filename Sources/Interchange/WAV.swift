import Tensors

/// A sound from a WAV file: samples from -1 to 1, and how many of them are a second.
///
/// **Shapes** `[n]` for one channel, `[channels, n]` for more
public struct WAV: Sendable {
  public let samples: Tensor
  public let rate: Int

  /// Reads whole numbers of 8, 16, 24 or 32 bits and floats of 32 or 64.
  /// - Throws: `FileProblem`; `ShapeError` past the memory limit.
  public init(path: String, _ type: ElementType = .float64) throws {
    let bytes = try Files.bytes(path)
    guard bytes.count >= 12, bytes.starts(with: Array("RIFF".utf8)), Array(bytes[8..<12]) == Array("WAVE".utf8) else {
      throw FileProblem(path, .wrongFormat(expected: "a WAV sound", found: bytes.isEmpty ? "an empty file" : "another"))
    }
    var format: (kind: Int, channels: Int, rate: Int, bits: Int)?
    var place = 12
    while place + 8 <= bytes.count {
      let name = String(decoding: bytes[place..<(place + 4)], as: UTF8.self)
      let length = Int(UInt32(little: bytes, at: place + 4))
      place += 8
      if name == "fmt " {
        guard length >= 16, length <= bytes.count - place else { break }
        var kind = Int(UInt16(little: bytes, at: place))
        // The extensible format names its real kind further on.
        if kind == 0xfffe, length >= 26 { kind = Int(UInt16(little: bytes, at: place + 24)) }
        format = (
          kind, Int(UInt16(little: bytes, at: place + 2)), Int(UInt32(little: bytes, at: place + 4)),
          Int(UInt16(little: bytes, at: place + 14))
        )
      } else if name == "data" {
        guard let format else { throw FileProblem(path, .corrupt("its samples come before their format")) }
        guard length <= bytes.count - place else {
          throw FileProblem(path, .truncated(found: bytes.count, expected: place + length))
        }
        rate = format.rate
        samples = try Self.samples(
          bytes, place, length, kind: format.kind, channels: format.channels, bits: format.bits, type, path)
        return
      }
      // Parts begin at even places.
      place += min(length, bytes.count) + length % 2
    }
    throw FileProblem(path, .truncated(found: bytes.count, expected: nil))
  }

  private static func samples(
    _ bytes: [UInt8], _ start: Int, _ length: Int, kind: Int, channels: Int, bits: Int, _ type: ElementType,
    _ path: String
  ) throws -> Tensor {
    let isFloat = kind == 3
    guard kind == 1 && [8, 16, 24, 32].contains(bits) || isFloat && [32, 64].contains(bits) else {
      throw FileProblem(
        path, .wrongFormat(expected: "plain samples", found: "format \(kind) with \(bits) bits, which is not read"))
    }
    guard channels > 0 else { throw FileProblem(path, .corrupt("it has no channels")) }
    let width = bits / 8
    let count = length / (width * channels)
    let shape = try Shape(checking: channels == 1 ? [count] : [channels, count])
    try MemoryLimit.check(shape, type)
    var numbers = [Double](repeating: 0, count: shape.count)
    for sample in 0..<count {
      for channel in 0..<channels {
        let place = start + (sample * channels + channel) * width
        numbers[channel * count + sample] =
          switch (isFloat, bits) {
          case (true, 32): Double(Float(bitPattern: UInt32(little: bytes, at: place)))
          case (true, _): Double(bitPattern: UInt64(little: bytes, at: place))
          case (_, 8): (Double(bytes[place]) - 128) / 128
          case (_, 16): Double(Int16(bitPattern: UInt16(little: bytes, at: place))) / 32768
          case (_, 24):
            Double(
              Int32(
                bitPattern: UInt32(bytes[place]) << 8 | UInt32(bytes[place + 1]) << 16 | UInt32(bytes[place + 2]) << 24)
                >> 8) / 8_388_608
          default: Double(Int32(bitPattern: UInt32(little: bytes, at: place))) / 2_147_483_648
          }
      }
    }
    return Tensor(numbers, shape: shape, type)
  }

  /// Writes a sound with 16 bits a sample, numbers beyond -1 and 1 cut.
  /// - Returns: how many bytes the file has.
  /// - Throws: `ShapeError` for another shape, `FileProblem`.
  public static func write(_ samples: Tensor, rate: Int, to path: String) throws -> Int {
    guard samples.rank == 1 || samples.rank == 2, samples.shape[0] > 0, samples.count < 1 << 30 else {
      throw ShapeError.rank(samples.shape, expected: "[n] or [channels, n]")
    }
    let channels = samples.rank == 1 ? 1 : samples.shape[0]
    guard channels < 256, rate > 0, rate < 1 << 30 else {
      throw FileProblem(path, .refused("a WAV sound has no \(channels) channels at \(rate) samples a second"))
    }
    let count = samples.count / channels
    let numbers = samples.elements
    var bytes = Array("RIFF".utf8)
    let size = UInt32(samples.count * 2)
    bytes.append(little: 36 + size)
    bytes += Array("WAVEfmt ".utf8)
    bytes.append(little: UInt32(16))
    bytes.append(little: UInt16(1))
    bytes.append(little: UInt16(channels))
    bytes.append(little: UInt32(rate))
    bytes.append(little: UInt32(rate * channels * 2))
    bytes.append(little: UInt16(channels * 2))
    bytes.append(little: UInt16(16))
    bytes += Array("data".utf8)
    bytes.append(little: size)
    for sample in 0..<count {
      for channel in 0..<channels {
        let number = numbers[channel * count + sample]
        let whole = number.isNaN ? 0 : Int16(max(-32768, min(32767, (number * 32768).rounded())))
        bytes.append(little: UInt16(bitPattern: whole))
      }
    }
    try Files.write(bytes, to: path)
    return bytes.count
  }
}
