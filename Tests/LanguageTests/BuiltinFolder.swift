import Interchange
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A folder with the files that the examples of built-ins read, gone afterwards.
final class BuiltinFolder {
  let path: String
  private var made: [String] = []

  init() throws {
    var template = Array("/tmp/nabla-builtins-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw FileProblem("/tmp", .refused("no folder can be made")) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try write("hello.txt", Array("hello".utf8))
    folder("data")
    let iris = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    try write("data/iris.csv", try Files.bytes("/\(iris)/Sources/Interchange/Data/iris.csv"))
    folder("mnist")
    try write("mnist/t10k-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8])
    try write("mnist/t10k-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 2, 7, 9])
    folder("cifar-10-batches-bin")
    try write("cifar-10-batches-bin/test_batch.bin", [UInt8](repeating: 1, count: 2 * 3073))
    made.append("numbers.nabla")
    _ = try StoredValue.tensor(Tensor([0.1, 0.2])).write(to: path + "/numbers.nabla")
    made.append("grey.png")
    _ = try PNG.write(Tensor([0, 1, 0.2, 0.4], shape: [2, 2]), to: path + "/grey.png")
    made.append("beep.wav")
    _ = try WAV.write(Tensor([0, 0.5, 0, -0.5]), rate: 8000, to: path + "/beep.wav")
    made += ["weights.nabla", "x.nabla", "x.png", "x.csv", "x.wav"]
  }

  private func folder(_ name: String) {
    mkdir(path + "/" + name, 0o755)
    made.append(name)
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Files.write(bytes, to: path + "/" + name)
    made.append(name)
  }

  deinit {
    for name in made.reversed() { if unlink(path + "/" + name) != 0 { rmdir(path + "/" + name) } }
    rmdir(path)
  }
}
