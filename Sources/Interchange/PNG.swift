import CZlib
import Tensors

/// Images in the PNG format: read at any depth, written with 8 bits.
///
/// **Shapes** `[channels, height, width]`, numbers from 0 to 1: one channel for grey, three for colours, one more for how opaque a
/// place is.
public enum PNG {
  private static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  /// What the header of an image says.
  private struct Header {
    let width, height, depth, colours: Int
    /// Samples of each pixel as they are stored.
    var samples: Int { [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colours] ?? 0 }
    var rowBytes: Int { (width * samples * depth + 7) / 8 }
    /// How far back the byte of the pixel before stands.
    var step: Int { max(1, samples * depth / 8) }
  }

  /// Reads an image.
  /// - Throws: `FileProblem`; `ShapeError` past the memory limit.
  public static func read(_ path: String, _ type: ElementType = .float64) throws -> Tensor {
    let bytes = try Files.bytes(path)
    guard bytes.starts(with: signature) else {
      throw FileProblem(path, .wrongFormat(expected: "a PNG image", found: bytes.isEmpty ? "an empty file" : "another"))
    }
    var header: Header?
    var palette: [UInt8] = []
    var data: [UInt8] = []
    var place = signature.count
    var isEnded = false
    while !isEnded {
      guard place + 12 <= bytes.count else { throw FileProblem(path, .truncated(found: bytes.count, expected: nil)) }
      let length = Int(UInt32(bigEndian: bytes, at: place))
      guard length <= bytes.count - place - 12 else {
        throw FileProblem(path, .truncated(found: bytes.count, expected: place + 12 + length))
      }
      let name = String(decoding: bytes[(place + 4)..<(place + 8)], as: UTF8.self)
      let content = bytes[(place + 8)..<(place + 8 + length)]
      guard UInt32(bigEndian: bytes, at: place + 8 + length) == checksum(bytes[(place + 4)..<(place + 8 + length)])
      else { throw FileProblem(path, .corrupt("the checksum of its part \(name) does not fit")) }
      switch name {
      case "IHDR": header = try self.header(Array(content), path)
      case "PLTE": palette = Array(content)
      case "IDAT": data += content
      case "IEND": isEnded = true
      default: break
      }
      place += 12 + length
    }
    guard let header else { throw FileProblem(path, .corrupt("it has no header")) }
    let channels = header.colours == 3 ? 3 : header.samples
    let shape = try Shape(checking: [channels, header.height, header.width])
    try MemoryLimit.check(shape, type)
    let rows = try unfiltered(try inflated(data, header.height * (header.rowBytes + 1), path), header, path)
    return try tensor(rows, header, palette, shape, type, path)
  }

  private static func header(_ content: [UInt8], _ path: String) throws(FileProblem) -> Header {
    guard content.count == 13 else { throw FileProblem(path, .corrupt("its header has \(content.count) bytes")) }
    let header = Header(
      width: Int(UInt32(bigEndian: content, at: 0)), height: Int(UInt32(bigEndian: content, at: 4)),
      depth: Int(content[8]), colours: Int(content[9]))
    let depths: [Int: [Int]] = [0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]]
    guard depths[header.colours]?.contains(header.depth) == true, header.width > 0, header.height > 0,
      header.width < 1 << 24, header.height < 1 << 24
    else { throw FileProblem(path, .corrupt("its header makes no sense")) }
    guard content[12] == 0 else {
      throw FileProblem(path, .wrongFormat(expected: "an image row by row", found: "an interlaced one"))
    }
    let limit = MemoryLimit.bytes
    let size = header.height * (header.rowBytes + 1)
    guard size <= limit else { throw FileProblem(path, .tooLarge(bytes: size, limit: limit)) }
    return header
  }

  private static func inflated(_ data: [UInt8], _ count: Int, _ path: String) throws(FileProblem) -> [UInt8] {
    var size = CUnsignedLong(count)
    var code = Z_OK
    let result = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      code = uncompress(buffer.baseAddress, &size, data, CUnsignedLong(data.count))
      filled = code == Z_OK ? Int(size) : 0
    }
    guard code == Z_OK || code == Z_BUF_ERROR else {
      throw FileProblem(path, .corrupt("its compressed data cannot be read"))
    }
    guard result.count == count else { throw FileProblem(path, .truncated(found: result.count, expected: count)) }
    return result
  }

  /// The rows without their filters: each byte is stored as its difference from a guess by its neighbours.
  private static func unfiltered(_ data: [UInt8], _ header: Header, _ path: String) throws(FileProblem) -> [UInt8] {
    let (width, step) = (header.rowBytes, header.step)
    var rows = [UInt8](repeating: 0, count: header.height * width)
    for row in 0..<header.height {
      let filter = data[row * (width + 1)]
      guard filter < 5 else { throw FileProblem(path, .corrupt("row \(row) has an unknown filter")) }
      for column in 0..<width {
        let left = column >= step ? Int(rows[row * width + column - step]) : 0
        let above = row > 0 ? Int(rows[(row - 1) * width + column]) : 0
        let corner = row > 0 && column >= step ? Int(rows[(row - 1) * width + column - step]) : 0
        let guess =
          switch filter {
          case 0: 0
          case 1: left
          case 2: above
          case 3: (left + above) / 2
          default: nearest(left, above, corner)
          }
        rows[row * width + column] = data[row * (width + 1) + 1 + column] &+ UInt8(guess)
      }
    }
    return rows
  }

  /// Paeth's guess: of left, above and the corner the one nearest to left + above - corner.
  private static func nearest(_ left: Int, _ above: Int, _ corner: Int) -> Int {
    let guess = left + above - corner
    let (a, b, c) = (abs(guess - left), abs(guess - above), abs(guess - corner))
    return a <= b && a <= c ? left : b <= c ? above : corner
  }

  private static func tensor(
    _ rows: [UInt8], _ header: Header, _ palette: [UInt8], _ shape: Shape, _ type: ElementType, _ path: String
  ) throws(FileProblem) -> Tensor {
    let places = header.width * header.height
    let largest = Double((1 << header.depth) - 1)
    var numbers = [Double](repeating: 0, count: shape.count)
    for row in 0..<header.height {
      for column in 0..<header.width {
        for sample in 0..<header.samples {
          let bit = (column * header.samples + sample) * header.depth
          let byte = row * header.rowBytes + bit / 8
          let value =
            switch header.depth {
            case 16: Int(rows[byte]) << 8 | Int(rows[byte + 1])
            case 8: Int(rows[byte])
            default: Int(rows[byte]) >> (8 - header.depth - bit % 8) & ((1 << header.depth) - 1)
            }
          let place = row * header.width + column
          guard header.colours == 3 else {
            numbers[sample * places + place] = Double(value) / largest
            continue
          }
          guard 3 * value + 2 < palette.count else {
            throw FileProblem(path, .corrupt("a colour is not in its palette"))
          }
          for channel in 0..<3 { numbers[channel * places + place] = Double(palette[3 * value + channel]) / 255 }
        }
      }
    }
    return Tensor(numbers, shape: shape, type)
  }

  /// Writes an image, numbers below 0 as 0 and above 1 as 1.
  ///
  /// **Shapes** `[height, width]` or `[channels, height, width]` with one to four channels
  /// - Returns: how many bytes the file has.
  /// - Throws: `ShapeError` for another shape, `FileProblem`.
  public static func write(_ image: Tensor, to path: String) throws -> Int {
    let image = image.rank == 2 ? image.reshaped(to: image.shape.inserting(1, at: 0)) : image
    guard image.rank == 3, (1...4).contains(image.shape[0]), image.count > 0 else {
      throw ShapeError.rank(image.shape, expected: "[h, w] or [channels, h, w] with 1 to 4 channels")
    }
    let (channels, height, width) = (image.shape[0], image.shape[1], image.shape[2])
    let numbers = image.elements
    var rows: [UInt8] = []
    rows.reserveCapacity(height * (width * channels + 1))
    for row in 0..<height {
      rows.append(0)
      for column in 0..<width {
        for channel in 0..<channels {
          let number = numbers[(channel * height + row) * width + column]
          rows.append(number.isNaN ? 0 : UInt8((max(0, min(1, number)) * 255).rounded()))
        }
      }
    }
    var size = compressBound(CUnsignedLong(rows.count))
    let data = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, filled in
      let code = compress2(buffer.baseAddress, &size, rows, CUnsignedLong(rows.count), 9)
      filled = code == Z_OK ? Int(size) : 0
    }
    guard !data.isEmpty else { throw FileProblem(path, .refused("zlib does not compress")) }
    var header: [UInt8] = []
    header.append(big: UInt32(width))
    header.append(big: UInt32(height))
    header += [8, [0, 4, 2, 6][[1: 0, 2: 1, 3: 2, 4: 3][channels] ?? 0], 0, 0, 0]
    var bytes = signature
    for (name, content) in [("IHDR", header), ("IDAT", data), ("IEND", [])] {
      bytes.append(big: UInt32(content.count))
      let part = Array(name.utf8) + content
      bytes += part
      bytes.append(big: checksum(part[...]))
    }
    try Files.write(bytes, to: path)
    return bytes.count
  }
}
