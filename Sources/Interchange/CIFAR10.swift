import Networks
import Tensors

/// CIFAR-10's binary files: 60,000 colour images of 32 by 32 pixels in ten classes (A. Krizhevsky, 2009).
public enum CIFAR10 {
  public static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  /// Which half of the images.
  public enum Part: String, Sendable, CaseIterable {
    case train, test

    var files: [String] { self == .test ? ["test_batch.bin"] : (1...5).map { "data_batch_\($0).bin" } }
  }

  /// Where the files are looked for when no folder is named.
  public static var usualPlaces: [String] {
    let roots = [
      "/usr/share/datasets", "/usr/local/share/datasets", "/opt/homebrew/share/datasets", "~/datasets", "data",
    ]
    return (Files.variable("NABLA_DATA").map { [$0] } ?? [])
      + roots.flatMap { root in ["cifar-10-batches-bin", "cifar10"].map { "\(root)/\($0)" } }
  }

  /// Reads the images of one half; bytes stay bytes.
  ///
  /// **Shapes** samples `[3, 32, 32]`, red, green and blue from 0 to 1
  /// - Parameter folder: where `data_batch_1.bin` and its fellows are, with `.gz` or without; the usual places if nil.
  /// - Throws: `FileProblem`.
  public static func load(_ folder: String? = nil, _ part: Part) throws(FileProblem) -> Dataset {
    let folder = try locate(folder, part)
    let record = 1 + 3 * 32 * 32
    var pixels: [UInt8] = []
    var labels: [Int32] = []
    for file in part.files {
      let path = try self.file(folder, file)
      let bytes = try Files.decompressedBytes(path)
      guard bytes.count % record == 0, !bytes.isEmpty else {
        throw FileProblem(path, .truncated(found: bytes.count, expected: (bytes.count / record + 1) * record))
      }
      pixels.reserveCapacity(pixels.count + bytes.count)
      for start in stride(from: 0, to: bytes.count, by: record) {
        guard bytes[start] < 10 else {
          throw FileProblem(path, .corrupt("image \(start / record) has the label \(bytes[start]) of 10 classes"))
        }
        labels.append(Int32(bytes[start]))
        pixels += bytes[(start + 1)..<(start + record)]
      }
    }
    return Dataset(
      bytes: pixels, sampleShape: [3, 32, 32], labels: labels, classNames: classNames, name: "cifar10 \(part.rawValue)")
  }

  private static func locate(_ folder: String?, _ part: Part) throws(FileProblem) -> String {
    if let folder {
      guard Files.exists(folder) else { throw FileProblem(folder, .notFound) }
      return folder
    }
    for place in usualPlaces where (try? file(place, part.files[0])) != nil { return place }
    throw FileProblem(usualPlaces[0], .missing(part.files))
  }

  private static func file(_ folder: String, _ name: String) throws(FileProblem) -> String {
    for name in [name, name + ".gz"] where Files.exists("\(folder)/\(name)") { return "\(folder)/\(name)" }
    throw FileProblem(folder, .missing([name]))
  }
}
