import Interchange
import Networks
import Tensors
import Testing

@Suite struct IDXTests {
  @Test("A file is read as its header says, plain and compressed", arguments: [false, true])
  func reads(compressed: Bool) throws {
    let scratch = try Scratch()
    let plain = idx([2, 3], [1, 2, 3, 4, 5, 255])
    let array = try IDXArray(path: scratch.file("a", compressed ? gzip(plain) : plain))
    #expect(array.shape == [2, 3])
    #expect(try array.tensor().elements == [1, 2, 3, 4, 5, 255])
  }

  @Test("Wider elements stand with the high byte first") func wide() throws {
    let scratch = try Scratch()
    let array = try IDXArray(path: scratch.file("a", [0, 0, 11, 1, 0, 0, 0, 2, 0xff, 0xfe, 1, 0]))
    #expect(try array.tensor().elements == [-2, 256])
    let numbers = try IDXArray(path: scratch.file("b", [0, 0, 14, 1, 0, 0, 0, 1, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]))
    #expect(try numbers.tensor().elements == [1.5])
  }

  @Test("A file cut short anywhere is an error with its path, never a trap", arguments: [false, true])
  func truncated(compressed: Bool) throws {
    let scratch = try Scratch()
    let plain = idx([3, 2, 2], Array(0..<12))
    let whole = compressed ? gzip(plain) : plain
    for count in 0..<whole.count {
      let path = try scratch.file("cut", Array(whole[..<count]))
      let problem = #expect(throws: FileProblem.self) { try IDXArray(path: path) }
      #expect(problem?.path == path)
    }
  }

  @Test("A changed byte of a gzip is found by its checksum") func damaged() throws {
    let scratch = try Scratch()
    let plain = idx([4], [1, 2, 3, 4])
    let path = try scratch.file("a.gz", gzip(plain, checksum: 7))
    let problem = #expect(throws: FileProblem.self) { try IDXArray(path: path) }
    guard case .corrupt(let why) = problem?.reason else {
      Issue.record("\(String(describing: problem))")
      return
    }
    #expect(why.contains("incorrect data check"))
  }

  @Test("A header that promises more than the file can hold is refused before memory is taken") func lying() throws {
    let scratch = try Scratch()
    let huge = idx([2_000_000_000], [1, 2, 3])
    for bytes in [huge, gzip(huge)] {
      let path = try scratch.file("a", bytes)
      let problem = #expect(throws: FileProblem.self) { try IDXArray(path: path) }
      guard case .truncated = problem?.reason else {
        Issue.record("\(String(describing: problem))")
        continue
      }
    }
    let endless = try scratch.file("b", idx([2_000_000_000, 2_000_000_000, 2_000_000_000], []))
    #expect(throws: FileProblem.self) { try IDXArray(path: endless) }
    let long = try scratch.file("c", idx([2], [1, 2, 3]))
    #expect(throws: FileProblem.self) { try IDXArray(path: long) }
  }

  @Test("Any bytes are read or refused, never a trap", arguments: 0..<40)
  func anything(seed: Int) throws {
    let scratch = try Scratch()
    var random = RandomGenerator(seed: UInt64(seed))
    var bytes = (0..<random.integer(below: 200)).map { _ in UInt8(random.integer(below: 256)) }
    let starts: [[UInt8]] = [[], [0, 0, 8, 1], [0x1f, 0x8b, 8, 0], Array(gzip(idx([9], [1])).prefix(30))]
    bytes = starts[seed % 4] + bytes
    let path = try scratch.file("a", bytes)
    #expect(throws: FileProblem.self) { try IDXArray(path: path) }
    _ = try? CSVTable(path: path).tensor()
  }

  @Test("A folder gives samples and labels; what is missing or does not fit is said") func folder() throws {
    let scratch = try Scratch()
    _ = try scratch.file("train-images-idx3-ubyte.gz", gzip(idx([3, 2, 2], Array(0..<12))))
    let problem = #expect(throws: FileProblem.self) { try IDXFolder.load(scratch.path, .train) }
    #expect(problem?.explanation.contains("train-labels-idx1-ubyte") == true)
    _ = try scratch.file("train-labels-idx1-ubyte", idx([3], [2, 0, 1]))
    let data = try IDXFolder.load(scratch.path, .train)
    #expect(data.count == 3 && data.sampleShape == [1, 2, 2] && data.labels == [2, 0, 1])
    #expect(data.batch([1]).x.elements == [4, 5, 6, 7].map { Double($0) / 255 })
    _ = try scratch.file("train-labels-idx1-ubyte", idx([2], [2, 0]))
    #expect(throws: FileProblem.self) { try IDXFolder.load(scratch.path, .train) }
    #expect(throws: FileProblem.self) { try IDXFolder.load(scratch.path, .test) }
    let nowhere = #expect(throws: FileProblem.self) { try IDXFolder.load("/no/such/folder", .train) }
    #expect(nowhere == FileProblem("/no/such/folder", .notFound))
    let folder = #expect(throws: FileProblem.self) { try IDXArray(path: scratch.path) }
    #expect(folder?.reason == .isFolder)
  }

  @Test(
    "Fashion-MNIST is found without being told",
    .enabled(if: Files.exists("/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz")))
  func fashion() throws {
    let test = try IDXFolder.load(nil, .test)
    #expect(test.count == 10_000 && test.sampleShape == [1, 28, 28] && test.classNames[9] == "ankle boot")
    #expect(test.labels?.prefix(4) == [9, 2, 1, 1])
  }
}
