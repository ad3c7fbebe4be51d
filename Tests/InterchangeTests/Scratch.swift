import Foundation
import Interchange

/// A folder of its own for one test, gone afterwards.
final class Scratch {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "nabla-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and gives its path.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = path + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  func file(_ name: String, _ text: String) throws -> String { try file(name, Array(text.utf8)) }
}

/// An IDX file of bytes.
func idx(_ extents: [Int], _ elements: [UInt8]) -> [UInt8] {
  [0, 0, 8, UInt8(extents.count)]
    + extents.flatMap { n in (0..<4).reversed().map { UInt8(truncatingIfNeeded: n >> (8 * $0)) } } + elements
}

/// A gzip that stores its bytes without compressing them.
func gzip(_ bytes: [UInt8], checksum: UInt32? = nil) -> [UInt8] {
  func little(_ n: UInt32, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: n >> (8 * $0)) } }
  let length = UInt32(bytes.count)
  return [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1] + little(length, 2) + little(~length & 0xffff, 2) + bytes
    + little(checksum ?? crc32(bytes), 4) + little(length, 4)
}

private func crc32(_ bytes: [UInt8]) -> UInt32 {
  var crc: UInt32 = ~0
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xedb8_8320 : crc >> 1 }
  }
  return ~crc
}
